import type { EpochMs } from '../../kernel/index.ts'
import { deadLetterTopic, HEADERS, type Headers, type TopicLog, type TopicRecord } from '../../topic/index.ts'
import type { Violation } from '../define.ts'

/** A dead letter, with what its headers tell. */
export interface DeadLetter {
  /** Contract topic. */
  readonly topic: string
  readonly partition: number
  /** Offset in the dead letter topic. */
  readonly offset: number
  /** When the raw record was sent, epoch ms. */
  readonly timestamp: EpochMs
  /** The record it was: `<raw topic>/<partition>/<offset>`. */
  readonly source: string
  readonly contract: string
  readonly version: string
  readonly stage: string
  readonly class: string
  readonly fingerprint: string
  readonly reason: string
  readonly violations: readonly Violation[]
  /** Key and original value for display: bytes that are no UTF-8 show as U+FFFD. `null` for none and for a tombstone. */
  readonly key: string | null
  readonly text: string | null
  /** The original value, byte for byte. */
  readonly value: Uint8Array | null
}

/** Dead letters of one topic that broke the same rules. */
export interface DeadLetterGroup {
  /** Contract topic. */
  readonly topic: string
  readonly fingerprint: string
  readonly reason: string
  readonly count: number
  /** Earliest and latest timestamp among them, epoch ms. */
  readonly firstAt: EpochMs
  readonly lastAt: EpochMs
  /** Source of the first one, for `covenant dlq show`. */
  readonly example: string
}

const CHUNK_RECORDS = 2_000
const LETTERS_MAX = 100

/** The dead letters of contract topics by fingerprint, most frequent first. */
export async function deadLetterSummary(
  log: TopicLog,
  contractTopics: readonly string[],
): Promise<readonly DeadLetterGroup[]> {
  const groups = new Map<string, DeadLetterGroup>()
  for (const topic of contractTopics)
    for await (const record of recordsOf(log, topic)) {
      const id = JSON.stringify([topic, record.headers[HEADERS.fingerprint]])
      groups.set(id, counted(topic, record, groups.get(id)))
    }
  return [...groups.values()].sort(
    (a, b) => b.count - a.count || compare(a.topic, b.topic) || compare(a.fingerprint, b.fingerprint),
  )
}

/** Dead letters of a contract topic, oldest first; of one fingerprint where it is given. At most 100 unless told. */
export async function readDeadLetters(
  log: TopicLog,
  topic: string,
  options: { readonly fingerprint?: string; readonly limit?: number } = {},
): Promise<readonly DeadLetter[]> {
  const { fingerprint, limit = LETTERS_MAX } = options
  const letters: DeadLetter[] = []
  if (limit <= 0) return letters
  for await (const record of recordsOf(log, topic)) {
    if (fingerprint !== undefined && record.headers[HEADERS.fingerprint] !== fingerprint) continue
    letters.push(letterOf(topic, record))
    if (letters.length >= limit) break
  }
  return letters
}

/** The dead letter at an offset of a contract's dead letter topic, or `undefined`. */
export async function showDeadLetter(
  log: TopicLog,
  topic: string,
  offset: number,
  partition = 0,
): Promise<DeadLetter | undefined> {
  const [record] = await log.read(deadLetterTopic(topic), partition, offset, 1)
  return record?.offset === offset ? letterOf(topic, record) : undefined
}

async function* recordsOf(log: TopicLog, topic: string): AsyncGenerator<TopicRecord> {
  const name = deadLetterTopic(topic)
  const partitions = (await log.topics()).find((info) => info.topic === name)?.partitions ?? 0
  for (let partition = 0; partition < partitions; partition++) {
    let next = 0
    for (;;) {
      const records = await log.read(name, partition, next, CHUNK_RECORDS)
      yield* records
      if (records.length === 0) break
      next = records.at(-1)!.offset + 1
    }
  }
}

function counted(
  topic: string,
  { headers, timestamp }: TopicRecord,
  group: DeadLetterGroup | undefined,
): DeadLetterGroup {
  if (group === undefined)
    return {
      topic,
      fingerprint: header(headers, HEADERS.fingerprint),
      reason: header(headers, HEADERS.reason),
      count: 1,
      firstAt: timestamp,
      lastAt: timestamp,
      example: header(headers, HEADERS.source),
    }
  return {
    ...group,
    count: group.count + 1,
    firstAt: Math.min(group.firstAt, timestamp),
    lastAt: Math.max(group.lastAt, timestamp),
  }
}

function letterOf(topic: string, record: TopicRecord): DeadLetter {
  const { headers, key, value, partition, offset, timestamp } = record
  return {
    topic,
    partition,
    offset,
    timestamp,
    source: header(headers, HEADERS.source),
    contract: header(headers, HEADERS.contract),
    version: header(headers, HEADERS.version),
    stage: header(headers, HEADERS.stage),
    class: header(headers, HEADERS.class),
    fingerprint: header(headers, HEADERS.fingerprint),
    reason: header(headers, HEADERS.reason),
    violations: JSON.parse(headers[HEADERS.errors] ?? '[]') as Violation[],
    key: textOf(key),
    text: textOf(value),
    value,
  }
}

function header(headers: Headers, name: string): string {
  return headers[name] ?? ''
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('utf8')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
