import { deadLetterTopic, HEADERS, offsetOf, rawTopic, recordSource, type TopicRecord } from '../../topic/index.ts'
import type { DeadLetterBatch, DeadLetterPlace } from '../ports.ts'
import type { Judgement } from './judge.ts'
import { type DeadLetterSources, type Letter, lettersOf, orderOf, placeKey, readLetters } from './letters.ts'
import { keyText } from './newer-versions.ts'

/** A dead letter that blocks its key for the records after it. */
interface Blocker {
  readonly order: number
  /** The raw record that it was first. */
  readonly origin: string
}

const CHUNK_RECORDS = 2_000

/**
 * The keys of a topic that are blocked, because a dead letter of theirs is open: later records of the key wait, so that
 * none overtakes an earlier one. What a record is held up by is any open letter that came first *before* it; so the
 * letters of a key are replayed in their order, while newer records of the key still wait behind them.
 *
 * It follows from the log, the marks and the hop's position, and is kept up to date batch by batch. A replayed letter
 * stops blocking when validation reaches its copy in the raw topic, not when it is marked: in between stand records that
 * came before the copy. After a failed transaction throw this away and open it anew.
 */
export class BlockedKeys {
  readonly #sources: DeadLetterSources
  readonly #topic: string
  /** By key, then by the raw place of the letter's last validation. */
  readonly #blockers = new Map<string, Map<string, Blocker>>()
  /** The batches up to here are taken in. */
  #batchNumber = 0

  private constructor(sources: DeadLetterSources, topic: string) {
    this.#sources = sources
    this.#topic = topic
  }

  /** @param positions next raw offset that validation reads, by partition */
  static async open(sources: DeadLetterSources, topic: string, positions: readonly number[]): Promise<BlockedKeys> {
    const keys = new BlockedKeys(sources, topic)
    const { sent, arrived, last } = await underway(sources, topic, positions)
    for await (const letter of lettersOf(sources, topic)) {
      const place = placeKey(letter.record)
      if (!arrived.has(place) && (letter.state === 'open' || (wasReplayed(letter) && sent.has(place))))
        keys.#addLetter(letter.record)
    }
    keys.#batchNumber = last
    return keys
  }

  /** Takes in what was discarded, superseded and reopened meanwhile. */
  async refresh(): Promise<void> {
    for (;;) {
      const batches = await this.#sources.deadLetters.batches(this.#topic, this.#batchNumber)
      for (const batch of batches) {
        // A replay has its effect in the raw topic; anything else has none before it is finished.
        if (batch.state !== 'replayed') {
          if (batch.rawTo === null) return
          await this.#takeIn(batch)
        }
        this.#batchNumber = batch.number
      }
      if (batches.length === 0) return
    }
  }

  /**
   * Decides which of the conforming records of a batch wait, in the order of the raw topic: by record, where the record
   * was first that it waits for.
   */
  async block(judgements: readonly Judgement[]): Promise<ReadonlyMap<TopicRecord, string>> {
    const replayed = await this.#replayedIn(judgements)
    const blocked = new Map<TopicRecord, string>()
    for (const { record, violations } of judgements) {
      const letter = replayed.get(record)
      if (letter !== undefined) this.#remove(letter)
      const key = keyText(record.key)
      if (key === null) continue
      const own = originOf(record)
      const blocker = violations === null ? this.#earliest(key, own.order) : undefined
      if (blocker !== undefined) blocked.set(record, blocker.origin)
      if (violations !== null || blocker !== undefined) this.#add(key, sourceOf(record), own)
    }
    return blocked
  }

  /** The letters that replayed records of a batch were. */
  async #replayedIn(judgements: readonly Judgement[]): Promise<ReadonlyMap<TopicRecord, TopicRecord>> {
    const prefix = `${deadLetterTopic(this.#topic)}/`
    const places: [TopicRecord, DeadLetterPlace][] = []
    for (const { record } of judgements) {
      const place = placeOf(record.headers[HEADERS.replayOf], prefix)
      if (place !== undefined) places.push([record, place])
    }
    if (places.length === 0) return new Map()
    const letters = await readLetters(
      this.#sources.log,
      this.#topic,
      places.map(([, place]) => place),
    )
    const byPlace = new Map(letters.map((letter) => [placeKey(letter), letter]))
    return new Map(
      places.flatMap(([record, place]) => {
        const letter = byPlace.get(placeKey(place))
        return letter === undefined ? [] : [[record, letter] as const]
      }),
    )
  }

  async #takeIn({ state, letters }: DeadLetterBatch): Promise<void> {
    for (const record of await readLetters(this.#sources.log, this.#topic, letters))
      if (state === 'open') this.#addLetter(record)
      else this.#remove(record)
  }

  #earliest(key: string, before: number): Blocker | undefined {
    let earliest: Blocker | undefined
    for (const blocker of this.#blockers.get(key)?.values() ?? [])
      if (blocker.order < before && blocker.order < (earliest?.order ?? Number.POSITIVE_INFINITY)) earliest = blocker
    return earliest
  }

  #addLetter(letter: TopicRecord): void {
    const key = keyText(letter.key)
    const source = letter.headers[HEADERS.source] ?? ''
    const origin = letter.headers[HEADERS.origin] ?? source
    if (key !== null) this.#add(key, source, { order: orderOf(letter), origin })
  }

  #add(key: string, source: string, blocker: Blocker): void {
    const ofKey = this.#blockers.get(key) ?? new Map<string, Blocker>()
    this.#blockers.set(key, ofKey.set(source, blocker))
  }

  #remove(letter: TopicRecord): void {
    const key = keyText(letter.key)
    const ofKey = key === null ? undefined : this.#blockers.get(key)
    ofKey?.delete(letter.headers[HEADERS.source] ?? '')
    if (ofKey?.size === 0) this.#blockers.delete(key!)
  }
}

/** Letters of replays that validation has not passed yet: `sent` are all of them, `arrived` those whose copy it has. */
async function underway(sources: DeadLetterSources, topic: string, positions: readonly number[]) {
  const sent = new Set<string>()
  const arrived = new Set<string>()
  let last = 0
  let settled = true
  for (;;) {
    const batches = await sources.deadLetters.batches(topic, last)
    for (const batch of batches) {
      if (batch.state === 'replayed' && !isPassed(batch, positions)) {
        for (const place of batch.letters) sent.add(placeKey(place))
        for (const place of await arrivedOf(sources, topic, batch, positions)) arrived.add(place)
      }
      // A discard that is not finished is to be taken in when it is.
      settled &&= batch.state === 'replayed' || batch.rawTo !== null
      if (!settled) return { sent, arrived, last }
      last = batch.number
    }
    if (batches.length === 0) return { sent, arrived, last }
  }
}

function isPassed({ rawTo }: DeadLetterBatch, positions: readonly number[]): boolean {
  return (rawTo ?? [Number.POSITIVE_INFINITY]).every((end, partition) => end <= (positions[partition] ?? 0))
}

/** The letters of a batch whose copies validation has read. */
async function arrivedOf(
  { log }: DeadLetterSources,
  topic: string,
  batch: DeadLetterBatch,
  positions: readonly number[],
): Promise<readonly string[]> {
  const found: string[] = []
  const prefix = `${deadLetterTopic(topic)}/`
  for (const [partition, position] of positions.entries())
    for (let next = batch.rawFrom[partition] ?? 0; next < position; ) {
      const records = await log.read(rawTopic(topic), partition, next, Math.min(CHUNK_RECORDS, position - next))
      if (records.length === 0) break
      for (const { headers } of records) {
        const of = headers[HEADERS.batch] === batch.id ? headers[HEADERS.replayOf] : undefined
        if (of?.startsWith(prefix)) found.push(of.slice(prefix.length))
      }
      next = records.at(-1)!.offset + 1
    }
  return found
}

function wasReplayed({ mark }: Letter): boolean {
  return mark?.state === 'replayed'
}

function placeOf(replayOf: string | undefined, prefix: string): DeadLetterPlace | undefined {
  const match = replayOf?.startsWith(prefix) ? /^(\d+)\/(\d+)$/.exec(replayOf.slice(prefix.length)) : null
  return match === null ? undefined : { partition: Number(match[1]), offset: Number(match[2]) }
}

/** Where a raw record was first: another place than its own where it is a replay. */
function originOf(record: TopicRecord): Blocker {
  const { [HEADERS.replayOf]: replayOf, [HEADERS.origin]: origin } = record.headers
  const order = replayOf === undefined || origin === undefined ? undefined : offsetOf(origin)
  return order === undefined ? { order: record.offset, origin: sourceOf(record) } : { order, origin: origin! }
}

function sourceOf({ topic, partition, offset }: TopicRecord): string {
  return recordSource(topic, partition, offset)
}
