/** A topic `orders` in temporary files with its validation hop and the states of its dead letters. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EmbeddedTopicLog } from '../src/adapters/embedded/topic-log.ts'
import {
  type DeadLetterTables,
  deadLetterMigrations,
  SqlDeadLetterStore,
} from '../src/adapters/sql/dead-letter-store.ts'
import { type PauseTables, pauseMigrations, SqlPauseStore } from '../src/adapters/sql/pause-store.ts'
import type { Contract } from '../src/contract/index.ts'
import { EventBus, migrateToLatest, openKysely, VirtualClock } from '../src/kernel/index.ts'
import { deadLetterTopic, type NewRecord, rawTopic, validatedTopic } from '../src/topic/index.ts'
import { type RegisteredVersion, ValidationHop } from '../src/validation/index.ts'
import { planOf } from './random-plans.ts'

export const TOPIC = 'orders'

/** A store of dead letter states: in memory, or in a file that other processes may open too. */
export async function openDeadLetterStore(file = ':memory:'): Promise<SqlDeadLetterStore> {
  const database = openKysely<DeadLetterTables>(file, 'process')
  await migrateToLatest(database, 'dead_letter_migrations', deadLetterMigrations)
  return new SqlDeadLetterStore(database)
}

export async function openPauseStore(file = ':memory:'): Promise<SqlPauseStore> {
  const database = openKysely<PauseTables>(file, 'process')
  await migrateToLatest(database, 'pause_migrations', pauseMigrations)
  return new SqlPauseStore(database)
}

/** A contract version that demands an integer `n` of at least `minimum`. */
export function orderVersion(
  contractVersion: string,
  minimum: number,
  deadLetters: Partial<Contract['deadLetters']> = {},
): RegisteredVersion {
  const fields = [{ name: 'n', type: 'integer', required: true, rules: { minimum } }] as const
  return {
    plan: planOf(fields, { topic: TOPIC, contractVersion, hash: contractVersion }),
    contract: { migrations: [], deadLetters: { blockKey: false, breaker: null, ...deadLetters } },
    activeFrom: [0],
  }
}

/** An order of a key; records of one key are told apart by `n`. */
export function order(key: string | null, n: unknown, more: Partial<NewRecord> = {}): NewRecord {
  return {
    key: key === null ? null : Buffer.from(key),
    value: Buffer.from(JSON.stringify({ n })),
    headers: {},
    timestamp: 1_000,
    ...more,
  }
}

/** Everything a test of dead letters needs, at `versions`, of which more may be pushed. */
export async function openOrders(versions: RegisteredVersion[], batchSize = 2_000) {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-dead-letters-'))
  const log = new EmbeddedTopicLog(join(folder, 'topics.db'), 'process')
  await log.createTopics([rawTopic(TOPIC), validatedTopic(TOPIC), deadLetterTopic(TOPIC)])
  const deadLetters = await openDeadLetterStore(join(folder, 'metadata.db'))
  const pauses = await openPauseStore(join(folder, 'metadata.db'))
  const clock = new VirtualClock(5_000)
  const events = new EventBus()
  const registry = { versionsOf: async () => versions }
  return {
    folder,
    log,
    deadLetters,
    pauses,
    clock,
    events,
    /** What replays and discards take. */
    parts: () => ({ log, deadLetters, clock, versions }),
    openHop: () => new ValidationHop({ log, registry, clock, events, batchSize, deadLetters, pauses }),
    raw: (...records: NewRecord[]) => log.append(rawTopic(TOPIC), records),
    /** The numbers `n` of a topic's records, in order. */
    async numbers(topic: string): Promise<unknown[]> {
      const records = await log.read(topic, 0, 0, 100_000)
      return records.map(({ value }) => (JSON.parse(Buffer.from(value!).toString()) as { n: unknown }).n)
    },
    async close() {
      await log.close()
      rmSync(folder, { recursive: true })
    },
  }
}
