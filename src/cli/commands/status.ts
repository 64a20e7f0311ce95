import { systemClock } from '../../kernel/index.ts'
import { openStores, registryOf } from '../../runtime/index.ts'
import { topicCounts } from '../../topic/index.ts'
import type { CommandContext } from '../context.ts'
import { columns, moment, print } from '../print.ts'

/** How the loop stands: topics, publications, open alerts, aliases. */
export async function status(context: CommandContext): Promise<void> {
  const stores = await openStores({ stateDir: context.stateDir })
  try {
    const topics = (await registryOf(stores, systemClock).all()).map(({ contract }) => contract.topic)
    const result = {
      topics: await topicCounts(stores.log, topics),
      publications: await stores.sla.publications(),
      alerts: (await stores.monitors.alerts()).filter(({ resolvedAt }) => resolvedAt === null),
      runs: (await stores.runs.runs()).length,
    }
    print(context, result, () =>
      [
        columns(
          ['topic', 'raw', 'validated', 'dead letters'],
          Object.entries(result.topics).map(([name, counts]) => [
            name,
            counts.raw,
            counts.validated,
            counts.deadLetters,
          ]),
          'No contract is registered: covenant apply.',
        ),
        columns(
          ['contract', 'published snapshot', 'published', 'held since'],
          result.publications.map((publication) => [
            publication.contractId,
            publication.snapshotId,
            moment(publication.publishedAt),
            moment(publication.heldSince),
          ]),
          'Nothing is published yet.',
        ),
        columns(
          ['alert', 'raised', 'message'],
          result.alerts.map((alert) => [alert.source, moment(alert.raisedAt), alert.message]),
          'No alert is open.',
        ),
        `${result.runs} runs`,
      ].join('\n\n'),
    )
  } finally {
    await stores.close()
  }
}
