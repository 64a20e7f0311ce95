import { CovenantError } from '../../kernel/index.ts'
import type { Run, StepRecord } from '../../metadata/index.ts'
import type { CommandContext } from '../context.ts'
import { columns, figure, moment, print } from '../print.ts'
import { withStores } from '../state.ts'

/** All runs, or one with its steps and metrics. */
export async function runs(context: CommandContext, id: string | undefined): Promise<void> {
  if (id === undefined) print(context, await withStores(context, ({ runs }) => runs.runs()), listText)
  else print(context, await detailOf(context, id), detailText)
}

function listText(list: readonly Run[]): string {
  return columns(
    ['run', 'pipeline', 'version', 'trigger', 'started', 'outcome', 'reason'],
    list.map((run) => [
      run.id,
      run.pipeline,
      run.pipelineVersion.slice(0, 12),
      run.trigger,
      moment(run.startedAt),
      run.outcome ?? 'running',
      run.reason,
    ]),
    'There are no runs.',
  )
}

interface RunDetail {
  readonly run: Run
  readonly steps: readonly StepRecord[]
  readonly metrics: Readonly<Record<string, number>>
}

function detailOf(context: CommandContext, id: string): Promise<RunDetail> {
  return withStores(context, async ({ runs }) => {
    const run = await runs.run(id)
    if (run) return { run, steps: await runs.steps(id), metrics: await runs.metrics(id) }
    throw new CovenantError({
      code: 'PROJECT_NAME_UNKNOWN',
      message: `There is no run ${id}.`,
      where: context.stateDir,
      remedy: 'List them with covenant runs.',
    })
  })
}

function detailText({ run, steps, metrics }: RunDetail): string {
  return [
    [
      `${run.id}: ${run.outcome ?? 'running'}${run.reason ? `. ${run.reason}` : ''}`,
      `pipeline ${run.pipeline} ${run.pipelineVersion.slice(0, 12)}, parameters ${JSON.stringify(run.params)}`,
      `started ${moment(run.startedAt)} by a signal of kind ${run.trigger}${run.signalId ? ` (${run.signalId})` : ''}`,
    ].join('\n'),
    columns(
      ['step', 'state', 'cached', 'ms', 'reason'],
      steps.map((step) => [
        step.step,
        step.state,
        step.cached ? 'yes' : 'no',
        Math.round(step.durationMs),
        step.reason,
      ]),
      'No step has finished.',
    ),
    columns(
      ['metric', 'value'],
      Object.entries(metrics).map(([name, value]) => [name, figure(value)]),
      'No metrics.',
    ),
  ].join('\n\n')
}
