import { CovenantError } from '../../kernel/index.ts'
import { type ApplyOptions, type ApplyResult, applyBeside, loadProject } from '../../runtime/index.ts'
import { actor } from '../actor.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { columns, print } from '../print.ts'
import { withCovenant, withStores } from '../state.ts'
import { describeReplay } from './dlq-replay.ts'

/** Registers the project's contracts and deploys its pipelines; exit code 1 where a contract is refused. Works beside a loop. */
export async function apply(
  context: CommandContext,
  { plan = false, redrive = false }: { readonly plan?: boolean; readonly redrive?: boolean },
): Promise<void> {
  const result = await applyHere(context, { planOnly: plan, redrive, actor: actor() })
  if (result.contracts.some(({ outcome }) => outcome === 'refused')) process.exitCode = EXIT.failed
  print(context, { planOnly: plan, ...result }, () =>
    [
      columns(
        ['contract', 'version', 'outcome', 'why'],
        result.contracts.map((change) => [change.topic, change.version, change.outcome, change.message]),
        'The project has no contracts.',
      ),
      columns(
        ['pipeline', 'version', 'outcome'],
        result.pipelines.map(({ pipeline, version, outcome }) => [pipeline, version.slice(0, 12), outcome]),
        'The project has no pipelines.',
      ),
      ...(result.deadLetters.length === 0 ? [] : [describeReplay(result.deadLetters)]),
      ...(plan ? ['This is what covenant apply would do; nothing was changed.'] : []),
    ].join('\n\n'),
  )
}

/** Alone on the state folder, or beside the process that runs the loop on it. */
async function applyHere(context: CommandContext, request: ApplyOptions): Promise<ApplyResult> {
  try {
    return await withCovenant(context, (covenant) => covenant.apply(request))
  } catch (thrown) {
    if (!(thrown instanceof CovenantError) || thrown.code !== 'STATE_IN_USE') throw thrown
    const project = await loadProject(context.projectDir)
    return withStores(context, (stores) => applyBeside(project, stores, request))
  }
}
