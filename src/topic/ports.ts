import type { EpochMs } from '../kernel/index.ts'

export type Headers = Readonly<Record<string, string>>

/** A record to be appended. `value: null` is a tombstone. */
export interface NewRecord {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: Headers
  /** When the producer sent it (Kafka's CreateTime). */
  readonly timestamp: EpochMs
}

/** A record as it stands in a topic. */
export interface TopicRecord extends NewRecord {
  readonly topic: string
  readonly partition: number
  /** 0-based, without gaps in one partition of the embedded log. */
  readonly offset: number
}

/** Makes a repeated append harmless: records at or below a producer's last sequence number are not appended again. */
export interface ProducerSequence {
  readonly producerId: string
  /** Sequence number of the first record of the call; the following ones count up by one. */
  readonly first: number
}

export interface TopicInfo {
  readonly topic: string
  readonly partitions: number
  /** Records in all partitions. */
  readonly records: number
}

/** What one hop may do inside its transaction. All of it becomes visible at once, or none of it. */
export interface HopTransaction {
  append(topic: string, records: readonly NewRecord[]): void
  /** The next offset that `consumer` will read. */
  setPosition(consumer: string, topic: string, partition: number, nextOffset: number): void
}

/** The log that holds the topics. Adapters: embedded (SQLite), Kafka. */
export interface TopicLog {
  /** Creates the topics that do not exist; the others are left as they are. */
  createTopics(topics: readonly string[]): Promise<void>
  topics(): Promise<readonly TopicInfo[]>
  /** Appends all records or none and resolves when they are durable. Returns how many were new (not repeated). */
  append(topic: string, records: readonly NewRecord[], sequence?: ProducerSequence): Promise<number>
  /** Up to `max` records from `fromOffset` on, in offset order; empty at the end of the partition. */
  read(topic: string, partition: number, fromOffset: number, max: number): Promise<readonly TopicRecord[]>
  /** The offset that the next record of the partition will have. */
  endOffset(topic: string, partition: number): Promise<number>
  /** The next offset that `consumer` will read; 0 for one that never read. */
  position(consumer: string, topic: string, partition: number): Promise<number>
  /** Runs `body` in one transaction. It must not call other methods of the log. */
  hop<T>(body: (transaction: HopTransaction) => T): Promise<T>
  close(): Promise<void>
}
