import type { LakeColumn, LakeSnapshot, SnapshotRows } from '../../lake/ports.ts'
import type { DuckDbSession } from './duckdb-session.ts'

export interface LakeTable {
  /** The snapshot that created it. */
  readonly since: number
  readonly columns: readonly LakeColumn[]
}

/** What the catalog says about the lake. */
export interface LakeState {
  readonly snapshots: readonly LakeSnapshot[]
  /** Data snapshots since small files were last merged. */
  readonly snapshotsSinceMerge: number
  /** Next offset by `positionKey`. */
  readonly positions: ReadonlyMap<string, number>
  readonly tables: ReadonlyMap<string, LakeTable>
}

/** What the commit message of a data snapshot carries. Positions are those of all topics, by `positionKey`. */
export interface SnapshotNote {
  readonly committedAt: number
  readonly positions: readonly (readonly [string, number])[]
  readonly tables: readonly SnapshotRows[]
}

export function positionKey(topic: string, partition: number): string {
  return `${topic}/${partition}`
}

/** Column types of the DuckLake catalog, as its specification names them. */
const COLUMN_TYPES: Readonly<Record<string, LakeColumn['type']>> = {
  varchar: 'string',
  int32: 'integer',
  int64: 'integer',
  float64: 'number',
  boolean: 'boolean',
  date: 'date',
  time: 'time',
  timestamp: 'timestamp',
  json: 'json',
}

/**
 * Reads the catalog tables of the DuckLake specification 1.0 (ducklake.select, "Catalog database"), which answers in a
 * millisecond or two where the table functions over them need ten.
 */
export async function readLakeState(session: DuckDbSession): Promise<LakeState> {
  const catalog = '__ducklake_metadata_lake'
  const changes = await session.rows(
    `SELECT snapshot_id, author, commit_extra_info AS note, changes_made FROM ${catalog}.ducklake_snapshot_changes
     WHERE author = 'covenant' OR changes_made LIKE 'merge_adjacent%' ORDER BY snapshot_id`,
  )
  const columns = await session.rows(
    `SELECT t.table_name, t.begin_snapshot AS since, c.column_name, c.column_type
     FROM ${catalog}.ducklake_table t JOIN ${catalog}.ducklake_column c USING (table_id)
     WHERE t.end_snapshot IS NULL AND c.end_snapshot IS NULL AND c.parent_column IS NULL
     ORDER BY t.table_name, c.column_order`,
  )
  const data = changes.filter((change) => change.author === 'covenant')
  const notes = data.map((change) => JSON.parse(String(change.note)) as SnapshotNote)
  const lastMerge = changes.findLastIndex((change) => change.author !== 'covenant')
  return {
    snapshots: data.map((change, index) => {
      const { committedAt, tables } = notes[index]!
      return { id: Number(change.snapshot_id), committedAt, tables }
    }),
    snapshotsSinceMerge: changes.length - 1 - lastMerge,
    positions: new Map(notes.at(-1)?.positions ?? []),
    tables: tablesOf(columns),
  }
}

/** The state after a commit that changed no table's columns: only its snapshot id has to be asked for. */
export async function withSnapshot(session: DuckDbSession, state: LakeState, note: SnapshotNote): Promise<LakeState> {
  const [row] = await session.rows('SELECT max(snapshot_id) AS id FROM __ducklake_metadata_lake.ducklake_snapshot')
  const snapshot = { id: Number(row!.id), committedAt: note.committedAt, tables: note.tables }
  return {
    snapshots: [...state.snapshots, snapshot],
    snapshotsSinceMerge: state.snapshotsSinceMerge + 1,
    positions: new Map(note.positions),
    tables: state.tables,
  }
}

function tablesOf(rows: Awaited<ReturnType<DuckDbSession['rows']>>): ReadonlyMap<string, LakeTable> {
  const tables = new Map<string, { since: number; columns: LakeColumn[] }>()
  for (const row of rows) {
    const name = String(row.table_name)
    const table = tables.get(name) ?? { since: Number(row.since), columns: [] }
    table.columns.push({ name: String(row.column_name), type: COLUMN_TYPES[String(row.column_type)] ?? 'string' })
    tables.set(name, table)
  }
  return new Map([...tables].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, table]) => [name, inOrder(table)]))
}

/** Columns that were added later follow the origin columns in the table; readers get the contract's columns first. */
function inOrder(table: LakeTable): LakeTable {
  const isOrigin = (column: LakeColumn) => ORIGIN_NAMES.has(column.name)
  const own = table.columns.filter((column) => !isOrigin(column))
  return { since: table.since, columns: [...own, ...table.columns.filter(isOrigin)] }
}

const ORIGIN_NAMES = new Set(['_topic', '_partition', '_offset', '_timestamp', '_contract_version'])
