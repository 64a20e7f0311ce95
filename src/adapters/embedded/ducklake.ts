import { CovenantError, type EpochMs, quoteName, quoteText } from '../../kernel/index.ts'
import type { LakeBatch, LakeColumn, LakeSnapshot, LakeStore } from '../../lake/ports.ts'
import type { DuckDbSession } from './duckdb-session.ts'
import { LakeIntake } from './ducklake-intake.ts'
import { stageRows } from './ducklake-stage.ts'
import {
  type LakeState,
  type LakeTable,
  positionKey,
  readLakeState,
  type SnapshotNote,
  withSnapshot,
} from './ducklake-state.ts'
import { fitTable } from './ducklake-tables.ts'

/** Small files are merged after this many data snapshots: a scan then opens tens of files, not hundreds. */
const SNAPSHOTS_PER_MERGE = 64
/** Files from this size on are left as they are by a merge, so that a large table is not written again and again. */
const MERGED_FILE_BYTES = 32 * 1024 * 1024

/** Rows of one table with one set of columns, typed and waiting in a temporary table. */
interface Stage {
  readonly name: string
  readonly table: string
  readonly columns: readonly LakeColumn[]
}

/**
 * `LakeStore` on DuckLake: an SQLite catalog and Parquet files. The positions and the time of the loop's clock stand in
 * the snapshot's commit message, so that rows and positions are one catalog transaction and cost no file of their own.
 * The catalog has one writer, this process; hence its state is read once and kept in memory.
 */
export class DuckLake implements LakeStore {
  readonly #session: DuckDbSession
  #state: LakeState

  private constructor(session: DuckDbSession, state: LakeState) {
    this.#session = session
    this.#state = state
  }

  static async open(session: DuckDbSession): Promise<DuckLake> {
    return new DuckLake(session, await session.exclusive(() => readLakeState(session)))
  }

  commit(batches: Iterable<LakeBatch> | AsyncIterable<LakeBatch>, committedAt: EpochMs): Promise<LakeSnapshot> {
    return this.#session.exclusive(async () => {
      const intake = new LakeIntake(this.#state.positions)
      const stages = await this.#stage(batches, intake)
      if (stages.length === 0) return this.#state.snapshots.at(-1) ?? { id: 0, committedAt, tables: [] }
      const merged = await this.#mergeSmallFiles()
      const note = { committedAt, positions: intake.positions, tables: intake.added }
      const altered = await this.#session.transaction(() => this.#write(stages, note))
      await this.#session.run(stages.map(({ name }) => `DROP TABLE temp.main.${quoteName(name)};`).join(' '))
      const state = this.#state
      this.#state =
        merged || altered ? await readLakeState(this.#session) : await withSnapshot(this.#session, state, note)
      return this.#state.snapshots.at(-1)!
    })
  }

  async position(topic: string, partition: number): Promise<number> {
    return this.#state.positions.get(positionKey(topic, partition)) ?? 0
  }

  async snapshots(): Promise<readonly LakeSnapshot[]> {
    return this.#state.snapshots
  }

  relationAt(table: string, snapshotId: number): string {
    const { since } = this.#table(table)
    if (snapshotId < since) return `(FROM lake.main.${quoteName(table)} WHERE false)`
    return `(FROM lake.main.${quoteName(table)} AT (VERSION => ${wholeNumber(snapshotId)}))`
  }

  relationBetween(table: string, afterSnapshotId: number, snapshotId: number): string {
    const { since } = this.#table(table)
    const first = Math.max(afterSnapshotId + 1, since)
    const grew = this.#state.snapshots.some(
      ({ id, tables }) => id >= first && id <= snapshotId && tables.some((added) => added.table === table),
    )
    if (!grew) return `(FROM lake.main.${quoteName(table)} WHERE false)`
    // Within a transaction this takes two thirds of the time of a scan by offsets: the catalog says which files are new.
    const range = `${wholeNumber(first)}, ${wholeNumber(snapshotId)}`
    return `(FROM ducklake_table_insertions('lake', 'main', ${quoteText(table)}, ${range}))`
  }

  async tables(): Promise<ReadonlyMap<string, readonly LakeColumn[]>> {
    return new Map([...this.#state.tables].map(([name, table]) => [name, table.columns]))
  }

  /** Resolves when the commit in flight is done; `DuckDb.close` releases the files. */
  close(): Promise<void> {
    return this.#session.exclusive(async () => undefined)
  }

  #table(name: string): LakeTable {
    const table = this.#state.tables.get(name)
    if (table) return table
    throw new CovenantError({
      code: 'LAKE_TABLE_UNKNOWN',
      message: `The lake has no table ${name}; it has ${[...this.#state.tables.keys()].join(', ') || 'none'}.`,
      remedy: 'A table appears with the first validated record of its topic.',
    })
  }

  /** Converts the rows outside of the transaction, so that the catalog is locked only while files are written. */
  async #stage(batches: Iterable<LakeBatch> | AsyncIterable<LakeBatch>, intake: LakeIntake): Promise<Stage[]> {
    const stages = new Map<string, Stage>()
    for await (const batch of batches) {
      const rows = intake.take(batch)
      if (rows.length === 0) continue
      const key = JSON.stringify([batch.table, batch.columns])
      const known = stages.get(key)
      const stage = known ?? { name: `stage_${stages.size}`, table: batch.table, columns: batch.columns }
      await stageRows(this.#session, stage.name, batch, rows, known !== undefined)
      stages.set(key, stage)
    }
    return [...stages.values()]
  }

  /** True where a table was created or altered. */
  async #write(stages: readonly Stage[], note: SnapshotNote): Promise<boolean> {
    const tables = new Map([...this.#state.tables].map(([name, { columns }]) => [name, columns]))
    let altered = false
    for (const { name, table, columns } of stages) {
      const statements = fitTable(table, columns, tables.get(table))
      for (const statement of statements) await this.#session.run(statement)
      if (statements.length > 0) {
        altered = true
        tables.set(table, [...(tables.get(table) ?? []), ...columns])
      }
      await this.#session.run(`INSERT INTO lake.main.${quoteName(table)} BY NAME FROM temp.main.${quoteName(name)}`)
    }
    const info = quoteText(JSON.stringify(note))
    await this.#session.run(`CALL lake.set_commit_message('covenant', 'validated records', extra_info => ${info})`)
    return altered
  }

  /**
   * Every snapshot stays readable after a merge. It comes before a commit, never after one: so a commit that is repeated
   * after a crash gets the snapshot id that it would have had.
   */
  async #mergeSmallFiles(): Promise<boolean> {
    if (this.#state.snapshotsSinceMerge < SNAPSHOTS_PER_MERGE) return false
    await this.#session.run(`CALL ducklake_merge_adjacent_files('lake', max_file_size => ${MERGED_FILE_BYTES})`)
    await this.#session.run(`CALL ducklake_cleanup_old_files('lake', cleanup_all => true)`)
    await this.#session.run(`CALL ducklake_delete_orphaned_files('lake', cleanup_all => true)`)
    return true
  }
}

function wholeNumber(value: number): string {
  if (Number.isSafeInteger(value)) return String(value)
  throw new CovenantError({
    code: 'LAKE_SNAPSHOT_UNKNOWN',
    message: `A snapshot id is a whole number; ${value} is none.`,
  })
}
