import { openStores } from '../../runtime/index.ts'
import type { CommandContext } from '../context.ts'
import { columns, moment, print } from '../print.ts'

/** The trigger ledger, in order of arrival. */
export async function signals(context: CommandContext): Promise<void> {
  const stores = await openStores({ stateDir: context.stateDir })
  try {
    print(context, await stores.ledger.entries(), (entries) =>
      columns(
        ['at', 'kind', 'pipeline', 'cause', 'outcome', 'reason', 'run'],
        entries.map(({ signal, outcome, reason, runId }) => [
          moment(signal.at),
          signal.kind,
          signal.pipeline,
          signal.cause,
          outcome ?? 'waiting',
          reason,
          runId,
        ]),
        'No signal has arrived.',
      ),
    )
  } finally {
    await stores.close()
  }
}
