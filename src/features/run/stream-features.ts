import { type Clock, DAY_MS, type Duration, type EpochMs, parseDuration } from '../../kernel/index.ts'
import { type TopicLog, type TopicRecord, validatedTopic } from '../../topic/index.ts'
import type { StreamFeatureView } from '../define/types.ts'
import { entityKey, type FeaturePlan, featurePlan, numberOf } from '../plan/feature-plan.ts'
import type { ContractLookup, OnlineEvent, OnlineStore } from '../ports.ts'
import { type ReadMembers, readChangeEvent, readEvent } from './record-members.ts'

export interface StreamFeaturesOptions {
  readonly log: TopicLog
  readonly store: OnlineStore
  /** Tells which topics carry change events. */
  readonly registry: ContractLookup
  readonly clock: Clock
  /** How far before the newest event online reads are exact; a day unless told. */
  readonly retention?: Duration
  /** Records that are read and stored together; 2,000 unless told. */
  readonly batchSize?: number
}

/**
 * Brings the validated records of a topic to the online store, as far as a stream view needs them. The store keeps the
 * view's position with the events, so a run that died is simply run again.
 */
export class StreamFeatures {
  readonly #options: StreamFeaturesOptions
  readonly #retentionMs: number
  readonly #batchSize: number

  constructor(options: StreamFeaturesOptions) {
    this.#options = options
    this.#retentionMs = parseDuration(options.retention ?? '1d') ?? DAY_MS
    this.#batchSize = options.batchSize ?? 2_000
  }

  /** Reads to the end of the validated topic and returns how many records were new to the view. */
  async run(view: StreamFeatureView): Promise<number> {
    const { log, registry } = this.#options
    const topic = validatedTopic(view.source.topic)
    const info = (await log.topics()).find((one) => one.topic === topic)
    if (info === undefined) return 0
    const registered = await registry.latest(view.source.topic)
    const read = registered?.contract.cdc === 'debezium' ? readChangeEvent : readEvent
    let records = 0
    for (let partition = 0; partition < info.partitions; partition++)
      records += await this.#drain(featurePlan(view), topic, partition, read)
    return records
  }

  async #drain(plan: FeaturePlan, topic: string, partition: number, read: ReadMembers): Promise<number> {
    const { log, store } = this.#options
    const toEvent = eventReader(plan, read)
    let next = await store.position(plan.onlineName, topic, partition)
    let total = 0
    for (;;) {
      const records = await log.read(topic, partition, next, this.#batchSize)
      if (records.length === 0) return total
      next = records.at(-1)!.offset + 1
      const events = records.map(toEvent).filter((event) => event !== undefined)
      const dropBefore = this.#newest(records) - plan.widestMs - this.#retentionMs
      await store.addEvents(plan.onlineName, events, { topic, partition, nextOffset: next }, dropBefore)
      total += records.length
    }
  }

  /** A record from the future, sent by a clock that is wrong, must not make the store forget the present. */
  #newest(records: readonly TopicRecord[]): EpochMs {
    let newest = Number.NEGATIVE_INFINITY
    for (const { timestamp } of records) if (timestamp > newest) newest = timestamp
    return Math.min(newest, this.#options.clock.now())
  }
}

/** Records without the entity's key, and tombstones, are events of no entity. */
function eventReader(plan: FeaturePlan, read: ReadMembers): (record: TopicRecord) => OnlineEvent | undefined {
  return ({ value, timestamp, partition, offset }) => {
    const members = value === null ? undefined : read(value)
    const key = members && entityKey(plan.keys, members)
    if (members === undefined || key === undefined) return undefined
    const values = plan.fields.map((field) => numberOf(members[field]))
    return { key, time: timestamp, partition, offset, values }
  }
}
