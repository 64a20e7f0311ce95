import { createReadStream } from 'node:fs'
import { CovenantError, linesOf, messageOf, systemClock } from '../../kernel/index.ts'
import { registryOf, type Stores } from '../../runtime/index.ts'
import { eventsOfRequest, type NewRecord, rawTopic } from '../../topic/index.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'

import { print } from '../print.ts'
import { withStores } from '../state.ts'

const BATCH_RECORDS = 1_000
const REFUSED_SHOWN_MAX = 20

interface RefusedLine {
  readonly line: number
  readonly reason: string
}

/**
 * Appends one JSON event a line to the contract's raw topic. Lines that are no JSON object are told by number and left
 * out, with exit code 1; whether the others keep the contract is the validator's verdict, not this verb's.
 */
export async function produce(context: CommandContext, topic: string, file: string | undefined): Promise<void> {
  const result = await withStores(context, (stores) => append(stores, topic, file))
  if (result.refused > 0) process.exitCode = EXIT.failed
  print(context, result, ({ appended, refused, refusedLines }) =>
    [
      `${appended} records appended to ${result.topic}`,
      ...(refused > 0 ? [`${refused} ${refused === 1 ? 'line' : 'lines'} refused:`] : []),
      ...refusedLines.map(({ line, reason }) => `  ${file ?? 'standard input'}, line ${line}: ${reason}`),
      ...(refused > refusedLines.length ? [`  and ${refused - refusedLines.length} more`] : []),
    ].join('\n'),
  )
}

async function append(stores: Stores, topic: string, file: string | undefined) {
  const registry = registryOf(stores, systemClock)
  const registered = await registry.latest(topic)
  if (!registered)
    throw unknownTopic(
      topic,
      (await registry.all()).map(({ contract }) => contract.topic),
    )
  let appended = 0
  let refused = 0
  const refusedLines: RefusedLine[] = []
  let batch: NewRecord[] = []
  const flush = async () => {
    if (batch.length > 0) appended += await stores.log.append(rawTopic(topic), batch)
    batch = []
  }
  let line = 0
  for await (const body of readLines(file)) {
    line += 1
    if (isBlank(body)) continue
    const headers = { 'content-type': 'application/json' }
    const { key, cdc } = registered.contract
    const parsed = eventsOfRequest({ headers, body, key, cdc, now: systemClock.now() })
    if (parsed.ok) batch.push(...parsed.records)
    else {
      refused += 1
      if (refusedLines.length < REFUSED_SHOWN_MAX) refusedLines.push({ line, reason: parsed.reason })
    }
    if (batch.length >= BATCH_RECORDS) await flush()
  }
  await flush()
  return { topic: rawTopic(topic), appended, refused, refusedLines }
}

async function* readLines(file: string | undefined): AsyncGenerator<Buffer> {
  try {
    yield* linesOf(file === undefined ? process.stdin : createReadStream(file))
  } catch (cause) {
    throw new CovenantError({
      code: 'CLI_FILE_UNREADABLE',
      message: `The events cannot be read: ${messageOf(cause)}.`,
      where: file ?? 'standard input',
      remedy: 'Check the path.',
      cause,
    })
  }
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09)
}

function unknownTopic(topic: string, known: readonly string[]): CovenantError {
  return new CovenantError({
    code: 'PROJECT_NAME_UNKNOWN',
    message: `No registered contract governs a topic ${topic}.`,
    remedy: `Known topics: ${known.join(', ') || 'none'}. Register its contract first: covenant apply.`,
  })
}
