/**
 * Approves contract versions at set raw offsets, produces and validates, without end until it is killed: the victim of
 * `src/validation/run/version-kill.test.ts`. What it does follows from the state it finds, never from the process.
 */
import { join } from 'node:path'
import { EmbeddedTopicLog } from '../src/adapters/embedded/topic-log.ts'
import { type RegistryTables, registryMigrations, SqlRegistryStore } from '../src/adapters/sql/registry-store.ts'
import { EventBus, migrateToLatest, openKysely, VirtualClock } from '../src/kernel/index.ts'
import { Registry } from '../src/registry/index.ts'
import { deadLetterTopic, endOffsets, rawTopic, validatedTopic } from '../src/topic/index.ts'
import { ValidationHop } from '../src/validation/index.ts'
import { orderRecord, orderTopic, orderVersions } from './order-versions.ts'

/** Records that are sent at once, and after which the next version is approved. */
const CHUNK = 60
const CHUNKS_PER_VERSION = 5

export async function openVictim(folder: string, batchSize: number) {
  const log = new EmbeddedTopicLog(join(folder, 'topics.db'), 'process')
  const database = openKysely<RegistryTables>(join(folder, 'metadata.db'), 'process')
  await migrateToLatest(database, 'registry_migrations', registryMigrations)
  await log.createTopics([rawTopic(orderTopic), validatedTopic(orderTopic), deadLetterTopic(orderTopic)])
  const options = { clock: new VirtualClock(0), events: new EventBus() }
  const registry = new Registry({
    ...options,
    store: new SqlRegistryStore(database),
    endOffsets: (topic) => endOffsets(log, rawTopic(topic)),
  })
  const hop = new ValidationHop({ ...options, log, registry, batchSize })
  return {
    log,
    registry,
    hop,
    close: async () => {
      await log.close()
      await database.destroy()
    },
  }
}

/** One round: what is due is approved, then a chunk is sent, then all is validated. A broken round is simply repeated. */
export async function victimRound({ log, registry, hop }: Awaited<ReturnType<typeof openVictim>>): Promise<number> {
  const end = await log.endOffset(rawTopic(orderTopic), 0)
  const due = 1 + Math.floor(end / (CHUNK * CHUNKS_PER_VERSION))
  await registry.apply(orderVersions.slice(0, due))
  const records = Array.from({ length: CHUNK }, (_, i) => orderRecord(end + i))
  await log.append(rawTopic(orderTopic), records)
  await hop.run(orderTopic)
  return end + CHUNK
}

const [folder, batchSize] = process.argv.slice(2)
if (process.argv[1] === import.meta.filename && folder !== undefined) {
  const victim = await openVictim(folder, Number(batchSize))
  for (;;) {
    await victimRound(victim)
    process.stdout.write('.')
  }
}
