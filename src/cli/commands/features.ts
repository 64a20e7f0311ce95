import { loadProject } from '../../runtime/project.ts'
import type { CommandContext } from '../context.ts'
import { columns, print } from '../print.ts'

/** Feature views with their source, and the services that use them. */
export async function features(context: CommandContext): Promise<void> {
  const { featureViews, featureServices } = await loadProject(context.projectDir)
  print(context, { views: featureViews, services: featureServices }, ({ views, services }) =>
    [
      columns(
        ['view', 'entity', 'source', 'features', 'version'],
        views.map((view) => [
          view.name,
          view.entity.name,
          view.source.type === 'batch'
            ? `model ${view.source.model} (${view.source.schedule})`
            : `topic ${view.source.topic}`,
          Object.keys(view.features).join(', '),
          view.hash.slice(0, 12),
        ]),
        'The project has no feature views.',
      ),
      columns(
        ['service', 'features', 'version'],
        services.map((service) => [service.name, service.featureNames.length, service.hash.slice(0, 12)]),
        'The project has no feature services.',
      ),
    ].join('\n\n'),
  )
}
