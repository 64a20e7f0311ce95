import { CovenantError, systemClock } from '../../kernel/index.ts'
import { registryOf, type Stores } from '../../runtime/index.ts'
import { type DeadLetterHistory, deadLetterSummary, readDeadLetters, showDeadLetter } from '../../validation/index.ts'
import type { CommandContext } from '../context.ts'
import { columns, moment, print } from '../print.ts'
import { withStores } from '../state.ts'
import { pick } from './pick.ts'

/** Dead letters grouped by fingerprint: one line an incident. */
export async function dlqList(context: CommandContext, topics: readonly string[]): Promise<void> {
  const groups = await withStores(context, async (stores) =>
    deadLetterSummary(
      stores,
      pick('topic', await topicsOf(stores), (topic) => topic, topics),
    ),
  )
  print(context, groups, (list) =>
    columns(
      ['topic', 'fingerprint', 'count', 'open', 'replayed', 'discarded', 'superseded', 'first', 'last', 'reason'],
      list.map((group) => [
        group.topic,
        group.fingerprint,
        group.count,
        group.states.open,
        group.states.replayed,
        group.states.discarded,
        group.states.superseded,
        moment(group.firstAt),
        moment(group.lastAt),
        group.reason,
      ]),
      'There are no dead letters.',
    ),
  )
}

/** Some dead letters of one fingerprint, or the one of a record, whole and with what became of them. */
export async function dlqShow(context: CommandContext, which: string, limit: number): Promise<void> {
  const letters = await withStores(context, async (stores) => {
    const filter = which.includes('/') ? { sources: [which] } : { fingerprint: which }
    const found: DeadLetterHistory[] = []
    for (const topic of await topicsOf(stores)) {
      const list = await readDeadLetters(stores, topic, { ...filter, limit: limit - found.length })
      for (const { partition, offset } of list) found.push((await showDeadLetter(stores, topic, offset, partition))!)
    }
    return found
  })
  if (letters.length === 0)
    throw new CovenantError({
      code: 'PROJECT_NAME_UNKNOWN',
      message: `No dead letter has the ${which.includes('/') ? 'source' : 'fingerprint'} ${which}.`,
      where: context.stateDir,
      remedy: 'covenant dlq list shows the fingerprints and a source of each.',
    })
  if (!context.json) return print(context, letters, (list) => list.map(describe).join('\n\n'))
  const told = letters.map(({ value, ...letter }) => ({
    ...letter,
    valueBase64: value === null ? null : Buffer.from(value).toString('base64'),
  }))
  print(context, told, () => '')
}

async function topicsOf(stores: Stores): Promise<readonly string[]> {
  return (await registryOf(stores, systemClock).all()).map(({ contract }) => contract.topic)
}

function describe(letter: DeadLetterHistory): string {
  const { topic, offset, source, timestamp, contract, version, state, attempt } = letter
  return [
    `${topic} offset ${offset}, from ${source}, sent ${moment(timestamp)}, contract ${contract} ${version}, ${state}`,
    ...(attempt > 1 ? [`  attempt ${attempt}, the replay of ${letter.replayOf}`] : []),
    ...(letter.blockedBy === null ? [] : [`  waits for ${letter.blockedBy}, an earlier record of its key`]),
    ...letter.violations.map(
      (violation) =>
        `  ${violation.path || '(record)'}: expected ${violation.expected}, got ${violation.got}  [${violation.code}]`,
    ),
    `  original: ${letter.text ?? '(tombstone)'}`,
    ...letter.history.flatMap(({ state, at, actor, reason, batchId, patch }) => [
      `  ${state} ${moment(at)} by ${actor} in ${batchId}: ${reason}`,
      ...(patch === null
        ? []
        : [`    patch ${patch.expression}`, ...patch.diff.map((change) => `    ${JSON.stringify(change)}`)]),
    ]),
  ].join('\n')
}
