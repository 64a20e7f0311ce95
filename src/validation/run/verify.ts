import {
  deadLetterTopic,
  HEADERS,
  type NewRecord,
  rawTopic,
  recordSource,
  type TopicLog,
  type TopicRecord,
  validatedTopic,
} from '../../topic/index.ts'
import type { ContractLookup } from '../ports.ts'
import { readActivations } from './activations.ts'
import { BLOCKED } from './dead-letter.ts'
import { type Blocked, destinations } from './destinations.ts'
import { type Judgement, judge } from './judge.ts'
import { MigrationCache } from './migrate.ts'
import { ValidatorCache, VersionTimeline } from './version-timeline.ts'

/** Whether validating a raw topic again, from its first record, gives what stands in the topics behind it. */
export interface Verification {
  /** Contract topic. */
  readonly topic: string
  /** Raw records that were validated once and have been judged again. */
  readonly records: number
  readonly validated: number
  readonly deadLetters: number
  /** The first raw record of which something else became than now would, or that is missing; `null` where all agree. */
  readonly difference: { readonly source: string; readonly message: string } | null
}

export interface VerifyOptions {
  readonly log: TopicLog
  readonly registry: ContractLookup
  /** Told after each batch: records judged so far, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void
}

const BATCH_RECORDS = 2_000

/**
 * Judges every raw record again that the hop has judged, with the versions that were active at its offset, and compares
 * key, value, time and headers of what comes out with what was written, byte for byte. Writes nothing.
 */
export async function verifyTopic(topic: string, options: VerifyOptions): Promise<Verification> {
  const { log, registry, onProgress } = options
  const raw = rawTopic(topic)
  const partitions = (await log.topics()).find((info) => info.topic === raw)?.partitions ?? 0
  const versions = await registry.versionsOf(topic)
  const activations = await readActivations(log, topic)
  const [validators, migrations] = [new ValidatorCache(), new MigrationCache()]
  const waiting = await waitingRecords(log, topic)
  const totals = { topic, records: 0, validated: 0, deadLetters: 0 }
  for (let partition = 0; partition < partitions; partition++) {
    const timeline = new VersionTimeline(versions, activations, partition, validators)
    const validated = new Written(log, validatedTopic(topic), `${raw}/${partition}/`)
    const deadLetters = new Written(log, deadLetterTopic(topic), `${raw}/${partition}/`)
    const end = await log.position(`validation/${topic}`, raw, partition)
    for (let position = 0; position < end; ) {
      const records = await log.read(raw, partition, position, Math.min(BATCH_RECORDS, end - position))
      const judgements = await judge(records, timeline, migrations)
      const expected = destinations(topic, judgements, waitingIn(judgements, waiting))
      const difference =
        (await validated.differenceFrom(expected.validated)) ?? (await deadLetters.differenceFrom(expected.deadLetters))
      if (difference !== null) return { ...totals, difference }
      totals.records += records.length
      totals.validated += expected.validated.length
      totals.deadLetters += expected.deadLetters.length
      position = records.at(-1)!.offset + 1
      onProgress?.(totals.records, end)
    }
    const surplus = (await validated.next()) ?? (await deadLetters.next())
    // What the hop has written meanwhile is not this verification's business.
    if (surplus !== null && Number(sourceOf(surplus).split('/').at(-1)) < end)
      return {
        ...totals,
        difference: { source: sourceOf(surplus), message: `${placeOf(surplus)} should not be there` },
      }
  }
  return { ...totals, difference: null }
}

/**
 * The raw records that wait for an earlier one of their key, by their place. Whether a record has to wait depends on when
 * somebody replayed or discarded the earlier one, so that is taken from what was written.
 */
async function waitingRecords(log: TopicLog, topic: string): Promise<ReadonlyMap<string, string>> {
  const waiting = new Map<string, string>()
  const letters = new Written(log, deadLetterTopic(topic), '')
  for (let letter = await letters.next(); letter !== null; letter = await letters.next()) {
    const by = letter.headers[HEADERS.blockedBy]
    if (by !== undefined && letter.headers[HEADERS.class] === BLOCKED) waiting.set(sourceOf(letter), by)
  }
  return waiting
}

/** Only a record that conforms can wait. */
function waitingIn(judgements: readonly Judgement[], waiting: ReadonlyMap<string, string>): Blocked {
  if (waiting.size === 0) return new Map()
  return new Map(
    judgements.flatMap(({ record, violations }) => {
      const by = violations === null ? waiting.get(placeOf(record)) : undefined
      return by === undefined ? [] : [[record, by] as const]
    }),
  )
}

/** The records of a topic that stem from one raw partition, in order. */
class Written {
  readonly #log: TopicLog
  readonly #topic: string
  readonly #prefix: string
  #chunk: TopicRecord[] = []
  #offset = 0

  constructor(log: TopicLog, topic: string, prefix: string) {
    this.#log = log
    this.#topic = topic
    this.#prefix = prefix
  }

  async next(): Promise<TopicRecord | null> {
    for (;;) {
      const record = this.#chunk.shift()
      if (record !== undefined) return record
      const records = await this.#log.read(this.#topic, 0, this.#offset, BATCH_RECORDS)
      if (records.length === 0) return null
      this.#offset = records.at(-1)!.offset + 1
      this.#chunk = records.filter((each) => sourceOf(each).startsWith(this.#prefix))
    }
  }

  async differenceFrom(expected: readonly NewRecord[]): Promise<Verification['difference']> {
    for (const record of expected) {
      const source = sourceOf(record)
      const found = await this.next()
      if (found === null) return { source, message: `it is missing in ${this.#topic}` }
      if (sourceOf(found) !== source)
        return { source, message: `${placeOf(found)} stems from ${sourceOf(found)} instead` }
      const part = differingPart(record, found)
      if (part !== null) return { source, message: `${placeOf(found)} has another ${part}` }
    }
    return null
  }
}

function differingPart(expected: NewRecord, found: NewRecord): string | null {
  if (!sameBytes(expected.value, found.value)) return 'value'
  if (!sameBytes(expected.key, found.key)) return 'key'
  if (expected.timestamp !== found.timestamp) return 'time'
  const names = new Set([...Object.keys(expected.headers), ...Object.keys(found.headers)])
  for (const name of names) if (expected.headers[name] !== found.headers[name]) return `header ${name}`
  return null
}

function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : Buffer.compare(a, b) === 0
}

function sourceOf({ headers }: NewRecord): string {
  return headers[HEADERS.source] ?? ''
}

function placeOf({ topic, partition, offset }: TopicRecord): string {
  return recordSource(topic, partition, offset)
}
