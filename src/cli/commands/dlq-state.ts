import { CovenantError, systemClock } from '../../kernel/index.ts'
import { discardInTopics, registryOf } from '../../runtime/index.ts'
import { actor } from '../actor.ts'
import type { CommandContext } from '../context.ts'
import { columns, print } from '../print.ts'
import { withStores } from '../state.ts'
import type { StateOptions } from './dlq-options.ts'
import { pick } from './pick.ts'

/** Discards dead letters, or opens them again. Which ones has to be said: there is no way to discard all by mistake. */
export async function dlqState(
  context: CommandContext,
  verb: 'discard' | 'reopen',
  topics: readonly string[],
  { fingerprint, source, reason, dryRun = false }: StateOptions,
): Promise<void> {
  if (fingerprint === undefined && source === undefined)
    throw new CovenantError({
      code: 'CLI_OPTION_INVALID',
      message: `Nothing says which dead letters to ${verb}.`,
      remedy: 'Give --fingerprint or --source; covenant dlq list shows both.',
    })
  const filter = {
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(source === undefined ? {} : { sources: source }),
  }
  const reports = await withStores(context, async (stores) => {
    const known = (await registryOf(stores, systemClock).all()).map(({ contract }) => contract.topic)
    const chosen = pick('topic', known, (topic) => topic, topics)
    const request = { ...filter, dryRun, actor: actor(), reason }
    return discardInTopics({ stores, clock: systemClock }, chosen, request, { reopen: verb === 'reopen' })
  })
  print(
    context,
    reports.filter(({ changed }) => changed > 0),
    (list) =>
      [
        columns(
          ['topic', `${dryRun ? 'would be ' : ''}${verb === 'discard' ? 'discarded' : 'opened'}`, 'wait behind them'],
          list.map(({ topic, changed, waiting }) => [topic, changed, waiting]),
          'No dead letter changes its state: covenant dlq list shows in which states they are.',
        ),
        ...(list.some(({ waiting }) => waiting > 0) ? ['covenant dlq replay sends those that wait.'] : []),
      ].join('\n'),
  )
}
