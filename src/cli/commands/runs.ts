import { CovenantError } from '../../kernel/index.ts'
import { openStores } from '../../runtime/index.ts'
import type { CommandContext } from '../context.ts'
import { columns, moment, print } from '../print.ts'

/** All runs, or one with its steps and metrics. */
export async function runs(context: CommandContext, id: string | undefined): Promise<void> {
  const stores = await openStores({ stateDir: context.stateDir })
  try {
    if (id === undefined) {
      print(context, await stores.runs.runs(), (list) =>
        columns(
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
        ),
      )
      return
    }
    const run = await stores.runs.run(id)
    if (!run)
      throw new CovenantError({
        code: 'PROJECT_NAME_UNKNOWN',
        message: `There is no run ${id}.`,
        where: context.stateDir,
        remedy: 'List them with covenant runs.',
      })
    const detail = { run, steps: await stores.runs.steps(id), metrics: await stores.runs.metrics(id) }
    print(context, detail, ({ steps, metrics }) =>
      [
        `${run.id}  ${run.pipeline} ${run.pipelineVersion.slice(0, 12)}  ${run.trigger}  ${moment(run.startedAt)}  ${run.outcome ?? 'running'}`,
        run.reason ? `  ${run.reason}` : '',
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
        columns(['metric', 'value'], Object.entries(metrics), 'No metrics.'),
      ]
        .filter(Boolean)
        .join('\n\n'),
    )
  } finally {
    await stores.close()
  }
}
