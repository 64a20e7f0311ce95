import type { DatabaseSync } from 'node:sqlite'
import { CovenantError, type Durability, messageOf, openSqliteFile } from '../../kernel/index.ts'
import type {
  HopTransaction,
  NewRecord,
  ProducerSequence,
  TopicInfo,
  TopicLog,
  TopicRecord,
} from '../../topic/ports.ts'
import { batchLength, decodeBatch, encodeBatch } from './topic-log-batch.ts'
import { type LogStatements, prepareLog } from './topic-log-schema.ts'

/** SQLite's result code for a database that another connection is writing to. */
const SQLITE_BUSY = 5

/**
 * The log in one SQLite file. A topic has one partition, offsets count up by one from 0, and every append and every hop
 * is one transaction. Several processes may append; one process at a time runs hops.
 *
 * @example
 * const log = new EmbeddedTopicLog('.covenant/topics.db')
 * await log.createTopics(['orders.raw'])
 * await log.append('orders.raw', [{ key: null, value: bytes, headers: {}, timestamp: 0 }]) // 1
 */
export class EmbeddedTopicLog implements TopicLog {
  readonly #database: DatabaseSync
  readonly #sql: LogStatements
  /** Partition ids by topic and partition; topics are never deleted, so an entry stays true. */
  readonly #partitionIds = new Map<string, number>()

  /** @param durability what an acknowledged append survives: a power cut (`full`) or the death of the process. */
  constructor(path: string, durability: Durability = 'full') {
    this.#database = openSqliteFile(path, durability)
    this.#sql = prepareLog(this.#database)
  }

  async createTopics(topics: readonly string[]): Promise<void> {
    const missing = topics.filter((topic) => this.#findPartition(topic, 0) === undefined)
    if (missing.length === 0) return
    this.#transaction(() => {
      for (const topic of missing) this.#sql.createPartition.run(topic)
    })
  }

  async topics(): Promise<readonly TopicInfo[]> {
    return this.#sql.listTopics.all().map((row) => ({
      topic: row.topic as string,
      partitions: row.partitions as number,
      records: row.records as number,
    }))
  }

  async append(topic: string, records: readonly NewRecord[], sequence?: ProducerSequence): Promise<number> {
    const partitionId = this.#partitionId(topic, 0)
    if (records.length === 0) return 0
    return this.#transaction(() => {
      if (sequence === undefined) return this.#appendToPartition(partitionId, records)
      const fresh = this.#withoutRepeated(partitionId, records, sequence)
      return this.#appendToPartition(partitionId, fresh)
    })
  }

  async read(topic: string, partition: number, fromOffset: number, max: number): Promise<readonly TopicRecord[]> {
    const partitionId = this.#partitionId(topic, partition)
    const records: TopicRecord[] = []
    if (max <= 0) return records
    for (const row of this.#sql.readBatches.iterate(partitionId, fromOffset)) {
      const place = { topic, partition, baseOffset: row.base_offset as number }
      decodeBatch(place, row.records as number, row.data as Uint8Array, fromOffset, max, records)
      if (records.length >= max) break
    }
    return records
  }

  async endOffset(topic: string, partition: number): Promise<number> {
    return this.#nextOffset(this.#partitionId(topic, partition))
  }

  async position(consumer: string, topic: string, partition: number): Promise<number> {
    const row = this.#sql.position.get(consumer, this.#partitionId(topic, partition))
    return (row?.next_offset as number | undefined) ?? 0
  }

  async hop<T>(body: (transaction: HopTransaction) => T): Promise<T> {
    return this.#transaction(() => {
      const result = body({
        append: (topic, records) => void this.#appendToPartition(this.#partitionId(topic, 0), records),
        setPosition: (consumer, topic, partition, nextOffset) =>
          void this.#sql.setPosition.run(consumer, this.#partitionId(topic, partition), nextOffset),
      })
      if (result instanceof Promise) throw asynchronousHop(result)
      return result
    })
  }

  async close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close()
  }

  #transaction<T>(body: () => T): T {
    try {
      this.#sql.begin.run()
    } catch (cause) {
      throw logUnavailable(cause)
    }
    try {
      const result = body()
      this.#sql.commit.run()
      return result
    } catch (thrown) {
      if (this.#database.isTransaction) this.#sql.rollback.run()
      throw isSqliteError(thrown) ? logUnavailable(thrown) : thrown
    }
  }

  #appendToPartition(partitionId: number, records: readonly NewRecord[]): number {
    if (records.length === 0) return 0
    const first = this.#nextOffset(partitionId)
    let start = 0
    while (start < records.length) {
      const count = batchLength(records, start)
      this.#sql.addBatch.run(partitionId, first + start, count, encodeBatch(records, start, count))
      start += count
    }
    this.#sql.setNextOffset.run(first + records.length, partitionId)
    return records.length
  }

  #withoutRepeated(
    partitionId: number,
    records: readonly NewRecord[],
    { producerId, first }: ProducerSequence,
  ): readonly NewRecord[] {
    const row = this.#sql.lastSequence.get(producerId, partitionId)
    const last = row?.last_sequence as number | undefined
    const repeated = last === undefined ? 0 : Math.min(records.length, Math.max(0, last - first + 1))
    const fresh = repeated === 0 ? records : records.slice(repeated)
    if (fresh.length > 0) this.#sql.setLastSequence.run(producerId, partitionId, first + records.length - 1)
    return fresh
  }

  #nextOffset(partitionId: number): number {
    return this.#sql.nextOffset.get(partitionId)!.next_offset as number
  }

  #partitionId(topic: string, partition: number): number {
    const id = this.#findPartition(topic, partition)
    if (id === undefined) throw unknownTopic(topic, partition)
    return id
  }

  #findPartition(topic: string, partition: number): number | undefined {
    const key = `${partition}/${topic}`
    const cached = this.#partitionIds.get(key)
    if (cached !== undefined) return cached
    const id = this.#sql.findPartition.get(topic, partition)?.id as number | undefined
    // Inside a transaction that may be rolled back the id is not yet certain.
    if (id !== undefined && !this.#database.isTransaction) this.#partitionIds.set(key, id)
    return id
  }
}

function unknownTopic(topic: string, partition: number): CovenantError {
  return new CovenantError({
    code: 'TOPIC_UNKNOWN',
    message: `There is no topic "${topic}" with a partition ${partition}.`,
    where: topic,
    remedy: 'Run `covenant apply`, which creates the topics of every contract, or correct the name.',
  })
}

function asynchronousHop(result: Promise<unknown>): CovenantError {
  result.catch(() => undefined)
  return new CovenantError({
    code: 'TOPIC_HOP_ASYNCHRONOUS',
    message: 'The body of a hop returned a promise; its transaction ends when the body returns, so it was rolled back.',
    remedy: 'Await what the hop needs before it begins, and make its body synchronous.',
  })
}

function isSqliteError(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown as NodeJS.ErrnoException).code === 'ERR_SQLITE_ERROR'
}

function logUnavailable(cause: unknown): CovenantError {
  const resultCode = (cause as { errcode?: number }).errcode ?? 0
  const busy = (resultCode & 0xff) === SQLITE_BUSY
  return new CovenantError({
    code: 'TOPIC_LOG_UNAVAILABLE',
    message: `The embedded log could not be written: ${messageOf(cause)}.`,
    remedy: busy
      ? 'Another process is writing to the same state folder; try again, or stop it.'
      : 'Look at the free space and the permissions of the state folder.',
    retryable: busy,
    cause,
  })
}
