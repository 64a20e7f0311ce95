import type { Contract } from '../contract/index.ts'
import { type Clock, CovenantError, type EventBus } from '../kernel/index.ts'
import { HEADERS, type TopicLog, type TopicRecord, validatedTopic } from '../topic/index.ts'
import { changeRow } from './change-event.ts'
import { tableColumns, tableName } from './plan.ts'
import type { ContractVersions, LakeBatch, LakeRow, LakeSnapshot, LakeStore } from './ports.ts'

/** Records that are in memory at a time. */
const CHUNK_RECORDS = 5_000

export interface LakeHopOptions {
  readonly log: TopicLog
  readonly registry: ContractVersions
  readonly lake: LakeStore
  readonly clock: Clock
  readonly events: EventBus
}

/** One stretch of a validated topic that is not in the lake yet. */
interface Stretch {
  /** All versions of the contract, oldest first. */
  readonly versions: readonly Contract[]
  readonly topic: string
  readonly partition: number
  readonly from: number
  readonly end: number
}

/**
 * Brings validated records into the lake: those of all contract topics that are there when a run starts become one
 * snapshot. The lake holds its own positions, so a run that died is simply run again.
 */
export class LakeHop {
  readonly #options: LakeHopOptions
  #told = false

  constructor(options: LakeHopOptions) {
    this.#options = options
  }

  /** The new snapshot, or `null` where no topic has a new record. */
  async run(): Promise<LakeSnapshot | null> {
    const { lake, clock } = this.#options
    await this.#tellNewestAgain()
    const stretches = await this.#stretches()
    if (stretches.length === 0) return null
    const snapshot = await lake.commit(this.#read(stretches), clock.now())
    await this.#tell(snapshot)
    return snapshot
  }

  async #tellNewestAgain(): Promise<void> {
    if (this.#told) return
    const newest = (await this.#options.lake.snapshots()).at(-1)
    if (newest) await this.#tell(newest)
    this.#told = true
  }

  #tell(snapshot: LakeSnapshot): Promise<void> {
    return this.#options.events.emit('lake.snapshot-committed', { snapshot, tables: snapshot.tables })
  }

  async #stretches(): Promise<readonly Stretch[]> {
    const { log, lake, registry } = this.#options
    const topics = tableTopics((await registry.all()).map(({ contract }) => contract.topic))
    const partitions = new Map((await log.topics()).map((info) => [info.topic, info.partitions]))
    const stretches: Stretch[] = []
    for (const contractTopic of topics) {
      const versions = (await registry.versionsOf(contractTopic)).map(({ contract }) => contract)
      const topic = validatedTopic(contractTopic)
      for (let partition = 0; partition < (partitions.get(topic) ?? 0); partition++) {
        const from = await lake.position(topic, partition)
        const end = await log.endOffset(topic, partition)
        if (from < end) stretches.push({ versions, topic, partition, from, end })
      }
    }
    return stretches
  }

  async *#read(stretches: readonly Stretch[]): AsyncGenerator<LakeBatch> {
    for (const { versions, topic, partition, from, end } of stretches) {
      const table = tableName(versions[0]!.topic)
      const columns = tableColumns(versions)
      const toRow = rowReader(versions)
      for (let next = from; next < end; ) {
        const records = await this.#options.log.read(topic, partition, next, Math.min(CHUNK_RECORDS, end - next))
        if (records.length === 0) break
        yield { table, topic, columns, rows: records.map(toRow) }
        next = records.at(-1)!.offset + 1
      }
    }
  }
}

/** Topics that have a lake table each, by name. */
function tableTopics(topics: readonly string[]): readonly string[] {
  const tables = new Map<string, string>()
  const distinct = [...new Set(topics)].sort()
  for (const topic of distinct) {
    const table = tableName(topic)
    const other = tables.get(table.toLowerCase())
    if (other !== undefined) throw tableClash(table, other, topic)
    tables.set(table.toLowerCase(), topic)
  }
  return distinct
}

/** Change events are taken apart, other values pass through as the text they are: as the version of the record says. */
function rowReader(versions: readonly Contract[]): (record: TopicRecord) => LakeRow {
  const newest = versions.at(-1)!
  const changes = new Map(versions.map(({ version, cdc }) => [version, cdc !== null]))
  const decoder = new TextDecoder()
  return (record) => {
    const contractVersion = record.headers[HEADERS.version] ?? newest.version
    const text = record.value === null ? null : decoder.decode(record.value)
    return {
      partition: record.partition,
      offset: record.offset,
      timestamp: record.timestamp,
      contractVersion,
      json: (changes.get(contractVersion) ?? newest.cdc !== null) ? changeRow(text) : text,
    }
  }
}

function tableClash(table: string, first: string, second: string): CovenantError {
  return new CovenantError({
    code: 'LAKE_TABLE_CLASH',
    message: `The topics ${first} and ${second} would both be the lake table ${table}.`,
    remedy: 'Rename one of the topics.',
  })
}
