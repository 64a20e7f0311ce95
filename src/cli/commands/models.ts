import type { CommandContext } from '../context.ts'
import { columns, figure, moment, print } from '../print.ts'
import { withStores } from '../state.ts'
import { currentAliases } from './aliases.ts'

/** Model versions with the aliases that point at them. */
export async function models(context: CommandContext): Promise<void> {
  const list = await withStores(context, async (stores) => {
    const current = await currentAliases(stores)
    return (await stores.models.versions()).map((version) => ({
      ...version,
      aliases: current
        .filter((pointer) => pointer.model === version.model && pointer.version === version.version)
        .map(({ alias }) => alias),
    }))
  })
  print(context, list, (versions) =>
    columns(
      ['model', 'version', 'aliases', 'registered', 'run', 'metrics'],
      versions.map((version) => [
        version.model,
        version.version,
        version.aliases.join(', '),
        moment(version.createdAt),
        version.runId,
        Object.entries(version.metrics)
          .map(([name, value]) => `${name}=${figure(value)}`)
          .join(' '),
      ]),
      'No model is registered.',
    ),
  )
}
