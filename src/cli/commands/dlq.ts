import { CovenantError, systemClock } from '../../kernel/index.ts'
import { registryOf, type Stores } from '../../runtime/index.ts'
import { deadLetterSummary, readDeadLetters } from '../../validation/index.ts'
import type { CommandContext } from '../context.ts'
import { columns, moment, print } from '../print.ts'
import { withStores } from '../state.ts'
import { pick } from './pick.ts'

/** Dead letters grouped by fingerprint: one line an incident. */
export async function dlqList(context: CommandContext, topics: readonly string[]): Promise<void> {
  const groups = await withStores(context, async (stores) =>
    deadLetterSummary(
      stores.log,
      pick('topic', await topicsOf(stores), (topic) => topic, topics),
    ),
  )
  print(context, groups, (list) =>
    columns(
      ['topic', 'fingerprint', 'count', 'first', 'last', 'reason'],
      list.map((group) => [
        group.topic,
        group.fingerprint,
        group.count,
        moment(group.firstAt),
        moment(group.lastAt),
        group.reason,
      ]),
      'There are no dead letters.',
    ),
  )
}

/** Some dead letters of one fingerprint, whole. */
export async function dlqShow(context: CommandContext, fingerprint: string, limit: number): Promise<void> {
  const letters = await withStores(context, async (stores) => {
    const found = []
    for (const topic of await topicsOf(stores))
      if (found.length < limit) found.push(...(await readDeadLetters(stores.log, topic, { fingerprint, limit })))
    return found.slice(0, limit)
  })
  if (letters.length === 0)
    throw new CovenantError({
      code: 'PROJECT_NAME_UNKNOWN',
      message: `No dead letter has the fingerprint ${fingerprint}.`,
      where: context.stateDir,
      remedy: 'covenant dlq list shows the fingerprints.',
    })
  print(context, letters, (list) => list.map(describe).join('\n\n'))
}

async function topicsOf(stores: Stores): Promise<readonly string[]> {
  return (await registryOf(stores, systemClock).all()).map(({ contract }) => contract.topic)
}

function describe(letter: Awaited<ReturnType<typeof readDeadLetters>>[number]): string {
  return [
    `${letter.topic} offset ${letter.offset}, from ${letter.source}, sent ${moment(letter.timestamp)}, contract ${letter.contract} ${letter.version}`,
    ...letter.violations.map(
      (violation) =>
        `  ${violation.path || '(record)'}: expected ${violation.expected}, got ${violation.got}  [${violation.code}]`,
    ),
    `  original: ${letter.text ?? '(tombstone)'}`,
  ].join('\n')
}
