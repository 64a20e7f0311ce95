import type { CommandContext } from '../context.ts'
import { columns, moment, print } from '../print.ts'
import { withStores } from '../state.ts'

/** The trigger ledger, in order of arrival. */
export async function signals(context: CommandContext): Promise<void> {
  const ledger = await withStores(context, (stores) => stores.ledger.entries())
  print(context, ledger, (entries) =>
    columns(
      ['at', 'kind', 'pipeline', 'outcome', 'run', 'cause', 'reason'],
      entries.map(({ signal, outcome, reason, runId }) => [
        moment(signal.at),
        signal.kind,
        signal.pipeline,
        outcome ?? 'waiting',
        runId,
        signal.cause,
        reason,
      ]),
      'No signal has arrived.',
    ),
  )
}
