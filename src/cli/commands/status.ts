import { systemClock } from '../../kernel/index.ts'
import { registryOf, type Stores } from '../../runtime/index.ts'
import { topicCounts } from '../../topic/index.ts'
import type { Pause } from '../../validation/index.ts'
import type { CommandContext } from '../context.ts'
import { columns, moment, print } from '../print.ts'
import { withStores } from '../state.ts'
import { currentAliases } from './aliases.ts'

/** How the loop stands: topics, publications, open alerts, serving models, runs. */
export async function status(context: CommandContext): Promise<void> {
  const found = await withStores(context, standing)
  print(context, found, ({ topics, paused, publications, alerts, models, runs }) =>
    [
      columns(
        ['topic', 'raw', 'validated', 'dead letters'],
        Object.entries(topics).map(([name, { raw, validated, deadLetters }]) => [name, raw, validated, deadLetters]),
        'No contract is registered: covenant apply.',
      ),
      ...(paused.length === 0 ? [] : [describePauses(paused)]),
      columns(
        ['contract', 'published snapshot', 'published', 'held since'],
        publications.map((publication) => [
          publication.contractId,
          publication.snapshotId,
          moment(publication.publishedAt),
          moment(publication.heldSince),
        ]),
        'Nothing is published yet.',
      ),
      columns(
        ['model', 'alias', 'version', 'since'],
        models.map(({ model, alias, version, at }) => [model, alias, version, moment(at)]),
        'No model serves yet.',
      ),
      columns(
        ['alert', 'raised', 'message'],
        alerts.map((alert) => [alert.source, moment(alert.raisedAt), alert.message]),
        'No alert is open.',
      ),
      `${runs} runs`,
    ].join('\n\n'),
  )
}

async function standing(stores: Stores) {
  const topics = (await registryOf(stores, systemClock).all()).map(({ contract }) => contract.topic)
  return {
    topics: await topicCounts(stores.log, topics),
    paused: await stores.pauses.pauses(),
    publications: await stores.sla.publications(),
    models: await currentAliases(stores),
    alerts: (await stores.monitors.alerts()).filter(({ resolvedAt }) => resolvedAt === null),
    runs: (await stores.runs.runs()).length,
  }
}

function describePauses(paused: readonly Pause[]): string {
  return columns(
    ['paused topic', 'since', 'records', 'violating', 'most often', 'example', 'goes on'],
    paused.map(({ topic, pausedAt, records, violating, reasons, resumed }) => [
      topic,
      moment(pausedAt),
      records,
      violating,
      reasons[0]?.reason ?? null,
      reasons[0]?.example ?? null,
      resumed === null
        ? `after covenant topic resume ${topic}`
        : `by ${resumed.actor}${resumed.accept ? ', accepting it' : ''}`,
    ]),
    '',
  )
}
