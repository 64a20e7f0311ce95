import { join } from 'node:path'
import { CovenantError } from '../../kernel/index.ts'
import { type ApplyOptions, type ApplyResult, applyBeside, loadProject, refuseNoProject } from '../../runtime/index.ts'
import { lockState } from '../../runtime/state-lock.ts'
import { actor } from '../actor.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { columns, print } from '../print.ts'
import { withCovenant, withStores } from '../state.ts'
import { applyProgress } from './apply-progress.ts'
import { describePushes, pushReports } from './apply-pushes.ts'
import { describeReplay } from './dlq-replay.ts'

export interface ApplyFlags {
  readonly plan?: boolean
  readonly redrive?: boolean
  readonly accept?: boolean
  readonly undo?: boolean
}

/**
 * Pushes contracts, and deploys pipelines; exit code 1 where a contract is refused or a push stops. Works beside a loop.
 */
export async function apply(
  context: CommandContext,
  { plan = false, redrive = false, accept = false, undo = false }: ApplyFlags,
): Promise<void> {
  refuseNoProject(context.projectDir)
  // One push at a time, also beside a loop, which holds the state folder's own lock.
  using _ = lockPushes(context.stateDir)
  if (undo) return withCovenant(context, async (covenant) => print(context, await covenant.undoPush(), describeUndo))
  const progress = applyProgress()
  try {
    const push = { accept, onProgress: progress.update }
    const result = await applyHere(context, { planOnly: plan, push, redrive, actor: actor() })
    progress.stop()
    if (result.contracts.some(({ outcome }) => outcome === 'refused')) process.exitCode = EXIT.failed
    const pushes = pushReports(result.pushes)
    print(context, { planOnly: plan, ...result, pushes }, () => describe({ ...result, pushes }, plan))
  } finally {
    progress.stop()
  }
}

function lockPushes(stateDir: string): Disposable {
  const lock = lockState(join(stateDir, 'push'))
  return { [Symbol.dispose]: () => lock.release() }
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

function describe(
  result: Omit<ApplyResult, 'pushes'> & { readonly pushes: ReturnType<typeof pushReports> },
  plan: boolean,
): string {
  return [
    columns(
      ['contract', 'version', 'outcome', 'why'],
      result.contracts.map((change) => [change.topic, change.version, change.outcome, change.message]),
      'The project has no contracts.',
    ),
    ...(result.pushes.length === 0 ? [] : [describePushes(result.pushes, plan)]),
    columns(
      ['pipeline', 'version', 'outcome'],
      result.pipelines.map(({ pipeline, version, outcome }) => [pipeline, version.slice(0, 12), outcome]),
      'The project has no pipelines.',
    ),
    ...(result.deadLetters.length === 0
      ? []
      : [describeReplay(result.deadLetters, plan ? () => 'covenant apply --redrive' : undefined)]),
    ...(plan ? ['This is what covenant apply would do; nothing was changed.'] : []),
  ].join('\n\n')
}

function describeUndo(
  steps: readonly { readonly target: string; readonly undone: readonly string[]; readonly left: readonly string[] }[],
): string {
  const rows = steps.flatMap(({ target, undone, left }) => [
    ...undone.map((what) => [target, what, 'taken back']),
    ...left.map((what) => [target, what, 'left: it was edited meanwhile']),
  ])
  return columns(['target', 'what', 'outcome'], rows, 'Nothing of the push had been done; it is closed.')
}
