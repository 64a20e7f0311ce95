import { deadLetterTopic, HEADERS, offsetOf, type TopicLog, type TopicRecord } from '../../topic/index.ts'
import type { DeadLetterMark, DeadLetterPlace, DeadLetterState, DeadLetterStore } from '../ports.ts'

/** What the dead letters of a state folder are read from: the log, and what was said about them beside it. */
export interface DeadLetterSources {
  readonly log: TopicLog
  readonly deadLetters: DeadLetterStore
}

/** A record of a dead letter topic with its state. */
export interface Letter {
  readonly record: TopicRecord
  readonly state: DeadLetterState
  /** What was said last about it; `undefined` for one that nothing was ever said about. */
  readonly mark: DeadLetterMark | undefined
}

const CHUNK_RECORDS = 2_000

/**
 * The dead letters of a contract topic with their states, in the order of the dead letter topic, a few thousand at a
 * time. A letter that was replayed and failed again is superseded by the letter that its replay ended as; that follows
 * from the log alone, so no crash can part the two.
 */
export async function* lettersOf(sources: DeadLetterSources, topic: string): AsyncGenerator<Letter> {
  const { log, deadLetters } = sources
  const replayed = (await deadLetters.lastBatch(topic)) !== undefined
  const failedAgain = replayed ? await lettersThatFailedAgain(log, topic) : new Set<string>()
  for await (const records of chunksOf(log, topic)) {
    const { partition, offset } = records[0]!
    const marks = replayed
      ? await deadLetters.marks(topic, partition, offset, records.at(-1)!.offset + 1)
      : new Map<number, DeadLetterMark>()
    for (const record of records) {
      const mark = marks.get(record.offset)
      const again = failedAgain.has(placeKey(record))
      yield { record, mark, state: again ? 'superseded' : (mark?.state ?? 'open') }
    }
  }
}

/** The dead letter at a place with its state, or `undefined`. */
export async function letterAt(
  { log, deadLetters }: DeadLetterSources,
  topic: string,
  place: DeadLetterPlace,
): Promise<Letter | undefined> {
  const name = deadLetterTopic(topic)
  const partitions = (await log.topics()).find((info) => info.topic === name)?.partitions ?? 0
  if (place.partition >= partitions) return undefined
  const [record] = await log.read(name, place.partition, place.offset, 1)
  if (record?.offset !== place.offset) return undefined
  const mark = (await deadLetters.marks(topic, place.partition, place.offset, place.offset + 1)).get(place.offset)
  const replayed = (await deadLetters.lastBatch(topic)) !== undefined
  const again = replayed && (await lettersThatFailedAgain(log, topic)).has(placeKey(place))
  return { record, mark, state: again ? 'superseded' : (mark?.state ?? 'open') }
}

/** Dead letters at the given places, in the order of the places. Those that do not exist are left out. */
export async function readLetters(
  log: TopicLog,
  topic: string,
  places: readonly DeadLetterPlace[],
): Promise<readonly TopicRecord[]> {
  const found = new Map<string, TopicRecord>()
  const sorted = places.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset)
  for (const place of sorted) {
    if (found.has(placeKey(place))) continue
    const records = await log.read(deadLetterTopic(topic), place.partition, place.offset, CHUNK_RECORDS)
    for (const record of records) found.set(placeKey(record), record)
  }
  return places.flatMap((place) => found.get(placeKey(place)) ?? [])
}

/**
 * Where a record stands among those of its key: the raw offset that it had when it came first, however often it was
 * replayed since. `offset` is its own one, for a record that was never replayed.
 */
export function orderOf(record: TopicRecord): number {
  const { headers } = record
  return offsetOf(headers[HEADERS.origin] ?? headers[HEADERS.source] ?? '') ?? record.offset
}

export function placeKey({ partition, offset }: DeadLetterPlace): string {
  return `${partition}/${offset}`
}

/** The letters whose replay ended as a dead letter again. */
async function lettersThatFailedAgain(log: TopicLog, topic: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  const prefix = `${deadLetterTopic(topic)}/`
  for await (const records of chunksOf(log, topic))
    for (const { headers } of records) {
      const of = headers[HEADERS.replayOf]
      if (of?.startsWith(prefix)) found.add(of.slice(prefix.length))
    }
  return found
}

async function* chunksOf(log: TopicLog, topic: string): AsyncGenerator<readonly TopicRecord[]> {
  const name = deadLetterTopic(topic)
  const partitions = (await log.topics()).find((info) => info.topic === name)?.partitions ?? 0
  for (let partition = 0; partition < partitions; partition++) {
    let next = 0
    for (;;) {
      const records = await log.read(name, partition, next, CHUNK_RECORDS)
      if (records.length === 0) break
      yield records
      next = records.at(-1)!.offset + 1
    }
  }
}
