import { deployPipelines, loadProject } from '../../runtime/index.ts'
import type { CommandContext } from '../context.ts'
import { columns, print } from '../print.ts'
import { withStores } from '../state.ts'
import { pick } from './pick.ts'

/** Deploys the named pipelines of the project, or all. Works beside a running loop: its next run takes the new version. */
export async function deploy(context: CommandContext, names: readonly string[]): Promise<void> {
  const project = await loadProject(context.projectDir)
  pick('pipeline', project.pipelines, ({ name }) => name, names)
  const deployments = await withStores(context, (stores) => deployPipelines(project, stores, names))
  print(context, deployments, (list) =>
    columns(
      ['pipeline', 'version', 'outcome'],
      list.map(({ pipeline, version, outcome }) => [pipeline, version, outcome]),
      'The project has no pipelines.',
    ),
  )
}
