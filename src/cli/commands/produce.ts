import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { CovenantError, messageOf, systemClock } from '../../kernel/index.ts'
import { openStores, registryOf } from '../../runtime/index.ts'
import { eventsOfRequest, type NewRecord, rawTopic } from '../../topic/index.ts'
import type { CommandContext } from '../context.ts'
import { print } from '../print.ts'

const BATCH = 1_000

/** Appends one JSON event a line to the contract's raw topic; lines that are no JSON object are refused by number. */
export async function produce(context: CommandContext, topic: string, file: string | undefined): Promise<void> {
  const stores = await openStores({ stateDir: context.stateDir })
  try {
    const registered = await registryOf(stores, systemClock).latest(topic)
    if (!registered)
      throw new CovenantError({
        code: 'HTTP_TOPIC_UNKNOWN',
        message: `No contract governs a topic ${topic}.`,
        where: context.stateDir,
        remedy: 'Register it first: covenant apply.',
      })
    let appended = 0
    for await (const batch of batches(file, registered.contract.key))
      appended += await stores.log.append(rawTopic(topic), batch)
    print(
      context,
      { topic: rawTopic(topic), appended },
      (result) => `${result.appended} records appended to ${result.topic}`,
    )
  } finally {
    await stores.close()
  }
}

async function* batches(file: string | undefined, key: readonly string[]): AsyncGenerator<NewRecord[]> {
  let batch: NewRecord[] = []
  let number = 0
  try {
    for await (const line of createInterface({ input: file ? createReadStream(file) : process.stdin })) {
      number += 1
      if (line.trim() === '') continue
      batch.push(...recordsOf(line, key, file ?? 'standard input', number))
      if (batch.length >= BATCH) {
        yield batch
        batch = []
      }
    }
  } catch (cause) {
    if (cause instanceof CovenantError) throw cause
    throw new CovenantError({
      code: 'CLI_FILE_UNREADABLE',
      message: `The events cannot be read: ${messageOf(cause)}.`,
      where: file ?? 'standard input',
      remedy: 'Check the path.',
      cause,
    })
  }
  if (batch.length > 0) yield batch
}

function recordsOf(line: string, key: readonly string[], source: string, number: number): readonly NewRecord[] {
  const headers = { 'content-type': 'application/json' }
  const parsed = eventsOfRequest({ headers, body: Buffer.from(line), key, now: systemClock.now() })
  if (parsed.ok) return parsed.records
  throw new CovenantError({
    code: 'CLI_EVENT_INVALID',
    message: `${parsed.reason}.`,
    where: `${source}, line ${number}`,
    remedy: 'Give one JSON object a line; the lines before it were appended.',
  })
}
