import type { Contract } from '../contract/index.ts'
import type { EpochMs } from '../kernel/index.ts'

/** A value in a result row: timestamps are epoch milliseconds (UTC), integers are numbers where they are safe. */
export type SqlValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly SqlValue[]
  | { readonly [key: string]: SqlValue }
export type SqlRow = Readonly<Record<string, SqlValue>>
/** A bound parameter, `$1` upwards. An epoch time is bound as a number and converted with `epoch_ms($1)`. */
export type SqlParameter = string | number | bigint | boolean | null

/**
 * The analytical engine: audits, models, point-in-time joins and monitors run through it. SQL is the DuckDB dialect.
 * Tables: `lake.<table>` (see `LakeStore`), `warehouse.<schema>.<name>`. Adapters: DuckDB.
 */
export interface SqlEngine {
  query(sql: string, parameters?: readonly SqlParameter[]): Promise<readonly SqlRow[]>
  /** Runs one or several statements, without a result. */
  execute(sql: string): Promise<void>
  /** Runs `body` in one transaction over the warehouse; statements of other callers wait. */
  transaction<T>(body: (engine: SqlEngine) => Promise<T>): Promise<T>
  /** Writes the result of `sql` to one Parquet file (atomically: never half a file) and returns its row count. */
  writeParquet(sql: string, path: string): Promise<number>
}

/** One column of a lake table. `json` holds nested values as text. */
export interface LakeColumn {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date' | 'timestamp' | 'time' | 'json'
}

/** The SQL type that a column of each kind has in a lake table. */
export const COLUMN_SQL_TYPES: Readonly<Record<LakeColumn['type'], string>> = {
  string: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
  json: 'JSON',
}

/**
 * A validated record on its way to the lake. `json` is the row's fields as JSON text; `null` for a tombstone, which
 * becomes a row with nothing but its origin.
 */
export interface LakeRow {
  readonly partition: number
  readonly offset: number
  readonly timestamp: EpochMs
  readonly contractVersion: string
  readonly json: string | null
}

/** New rows of one table. Missing columns are added to the table; none is ever dropped. */
export interface LakeBatch {
  readonly table: string
  readonly topic: string
  readonly columns: readonly LakeColumn[]
  readonly rows: readonly LakeRow[]
}

/** What one snapshot added to one table from one partition. */
export interface SnapshotRows {
  readonly table: string
  /** Full topic name: the validated topic. */
  readonly topic: string
  readonly partition: number
  /** Versions of the contract that the rows were validated against, sorted. */
  readonly contractVersions: readonly string[]
  readonly rows: number
  /** Offset of the first row … */
  readonly fromOffset: number
  /** … and of the last one. */
  readonly toOffset: number
}

export interface LakeSnapshot {
  /** Snapshot id, counting up. */
  readonly id: number
  /** When the data was committed, by the clock of the loop. */
  readonly committedAt: EpochMs
  readonly tables: readonly SnapshotRows[]
}

/**
 * Validated records as Parquet, snapshot by snapshot. Every lake table has, beside the contract's columns,
 * `_topic VARCHAR`, `_partition INTEGER`, `_offset BIGINT`, `_timestamp TIMESTAMP` and `_contract_version VARCHAR`.
 * Adapters: DuckLake.
 */
export interface LakeStore {
  /**
   * Writes all batches and the positions they end at as one snapshot. Rows below a stored position are skipped; where
   * that leaves none, the newest snapshot is returned (id 0 while there is none). A table may have several batches, so
   * that a long stretch of a topic passes in bounded memory.
   */
  commit(batches: Iterable<LakeBatch> | AsyncIterable<LakeBatch>, committedAt: EpochMs): Promise<LakeSnapshot>
  /** The next offset of `topic`/`partition` that the lake has not got. */
  position(topic: string, partition: number): Promise<number>
  /** Data snapshots (not those that only changed a schema), oldest first. */
  snapshots(): Promise<readonly LakeSnapshot[]>
  /** SQL that reads a table as of a snapshot, e.g. `(FROM lake.flights_arrived AT (VERSION => 7))`. */
  relationAt(table: string, snapshotId: number): string
  /** SQL that reads the rows added after `afterSnapshotId` up to and including `snapshotId`. */
  relationBetween(table: string, afterSnapshotId: number, snapshotId: number): string
  /** Tables of the lake, by name, with their columns (the contract's, then the origin columns). */
  tables(): Promise<ReadonlyMap<string, readonly LakeColumn[]>>
  close(): Promise<void>
}

/** What the lake and the stages behind it need of the registry; `Registry` has it. */
export interface ContractLookup {
  all(): Promise<readonly { readonly contract: Contract }[]>
}

/** What the lake needs beside: all versions of the contract of a topic, oldest first; `Registry` has it. */
export interface ContractVersions extends ContractLookup {
  versionsOf(topic: string): Promise<readonly { readonly contract: Contract }[]>
}
