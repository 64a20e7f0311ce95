import { systemClock } from '../../kernel/index.ts'
import { openStores, registryOf } from '../../runtime/index.ts'
import { deadLetterSummary, readDeadLetters } from '../../validation/index.ts'
import type { CommandContext } from '../context.ts'
import { columns, moment, print } from '../print.ts'
import { pick } from './pick.ts'

async function withTopics<T>(
  context: CommandContext,
  wanted: readonly string[],
  body: (stores: Awaited<ReturnType<typeof openStores>>, topics: readonly string[]) => Promise<T>,
): Promise<T> {
  const stores = await openStores({ stateDir: context.stateDir })
  try {
    const contracts = (await registryOf(stores, systemClock).all()).map(({ contract }) => contract.topic)
    return await body(
      stores,
      pick('topic', contracts, (topic) => topic, wanted),
    )
  } finally {
    await stores.close()
  }
}

/** Dead letters grouped by fingerprint: one line an incident. */
export async function dlqList(context: CommandContext, topics: readonly string[]): Promise<void> {
  const groups = await withTopics(context, topics, (stores, names) => deadLetterSummary(stores.log, names))
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
  const letters = await withTopics(context, [], async (stores, names) => {
    const found = []
    for (const topic of names) found.push(...(await readDeadLetters(stores.log, topic, { fingerprint, limit })))
    return found.slice(0, limit)
  })
  if (letters.length === 0) process.exitCode = 1
  print(context, letters, (list) =>
    list.length === 0
      ? `No dead letter has the fingerprint ${fingerprint}; see covenant dlq list.`
      : list.map(describe).join('\n\n'),
  )
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
