import { isMoment } from '../contract/index.ts'
import { type Clock, CovenantError, type EpochMs, type JsonObject } from '../kernel/index.ts'
import { HEADERS } from './headers.ts'
import { contractTopic, rawTopic } from './names.ts'
import type { Headers, NewRecord, TopicLog } from './ports.ts'
import { eventKey } from './record-key.ts'

export interface ProducerOptions<Event> {
  readonly log: TopicLog
  /** Contract topic (`flights.arrived`) or its raw topic: records go to the raw topic. */
  readonly topic: string
  /** Fields that form the record key, in order; empty for records without a key. */
  readonly key: readonly (keyof Event & string)[]
  /** `debezium` where events are changes of a table, whose rows have the key fields. Default: null. */
  readonly cdc?: 'debezium' | null
  /** The contract version that the events were written for; without it they are held against the newest one. */
  readonly contractVersion?: string
  readonly clock: Clock
  /** A name of this producer that outlives its process; with it and `firstSequence`, sending again is harmless. */
  readonly producerId?: string
  /** When the event happened: a field with ISO 8601 text, or a function. Without it a record's time is that of sending. */
  readonly eventTime?: (keyof Event & string) | ((event: Event) => EpochMs)
}

export interface SendOptions {
  /** Time of all records, epoch ms. */
  readonly timestamp?: EpochMs
  /** Time of each record, epoch ms; as many as there are events. */
  readonly timestamps?: readonly EpochMs[]
  /** Sequence number of the first event among all that this producer ever sends to the topic, from 0. */
  readonly firstSequence?: number
}

/**
 * Appends typed events to the raw topic of a contract, as JSON. `covenant contract codegen` writes the event type.
 *
 * @example
 * const producer = new Producer<Order>({ log, topic: 'orders', key: ['id'], eventTime: 'placed_at', clock })
 * await producer.send([{ id: 'o-1', placed_at: '2026-01-01T00:00:00Z', amount: 12 }]) // 1
 */
export class Producer<Event extends object> {
  readonly #options: ProducerOptions<Event>
  readonly #topic: string
  readonly #headers: Headers

  constructor(options: ProducerOptions<Event>) {
    this.#options = options
    this.#topic = rawTopic(contractTopic(options.topic))
    this.#headers = options.contractVersion === undefined ? {} : { [HEADERS.version]: options.contractVersion }
  }

  /**
   * Appends the events in one transaction and resolves when they are durable.
   *
   * @returns how many were new: fewer than given where `firstSequence` tells that some were sent before.
   * @throws `TOPIC_UNKNOWN`, `TOPIC_EVENT_TIME_INVALID`, `TOPIC_LOG_UNAVAILABLE`
   */
  async send(events: readonly Event[], options: SendOptions = {}): Promise<number> {
    const { log, producerId } = this.#options
    const now = this.#options.clock.now()
    const records = events.map((event, index) => this.#record(event, this.#time(event, index, options, now)))
    if (producerId === undefined || options.firstSequence === undefined) return log.append(this.#topic, records)
    return log.append(this.#topic, records, { producerId, first: options.firstSequence })
  }

  #record(event: Event, timestamp: EpochMs): NewRecord {
    return {
      key: eventKey(event as unknown as JsonObject, this.#options.key, this.#options.cdc ?? null),
      value: Buffer.from(JSON.stringify(event)),
      headers: this.#headers,
      timestamp,
    }
  }

  #time(event: Event, index: number, { timestamp, timestamps }: SendOptions, now: EpochMs): EpochMs {
    const { eventTime } = this.#options
    const given = timestamps?.[index] ?? timestamp
    if (given !== undefined || eventTime === undefined) return given ?? now
    const time = typeof eventTime === 'function' ? eventTime(event) : instantOf(event[eventTime])
    if (Number.isFinite(time)) return time
    throw new CovenantError({
      code: 'TOPIC_EVENT_TIME_INVALID',
      message: `Event ${index} has no time that can be read${typeof eventTime === 'string' ? ` in "${eventTime}"` : ''}.`,
      where: this.#topic,
      remedy: 'Write it as ISO 8601 with a zone (2026-01-01T00:00:00Z), or give `timestamps`.',
    })
  }
}

/** Epoch ms of a timestamp as contracts define it; `NaN` for anything else. */
function instantOf(value: unknown): EpochMs {
  return typeof value === 'string' && isMoment('timestamp', value) ? Date.parse(value) : Number.NaN
}
