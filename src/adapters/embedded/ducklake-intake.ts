import type { LakeBatch, LakeRow, SnapshotRows } from '../../lake/ports.ts'
import { positionKey } from './ducklake-state.ts'

/** Takes in the batches of one commit: which rows are new, where the positions end, what each table gets. */
export class LakeIntake {
  readonly #positions: Map<string, number>
  readonly #added = new Map<string, SnapshotRows>()

  constructor(positions: ReadonlyMap<string, number>) {
    this.#positions = new Map(positions)
  }

  /** Next offset by `positionKey`, behind all rows taken. */
  get positions(): readonly (readonly [string, number])[] {
    return [...this.#positions]
  }

  get added(): readonly SnapshotRows[] {
    return [...this.#added.values()]
  }

  /** The rows of the batch at or past the position of their partition, which moves behind them. */
  take(batch: LakeBatch): readonly LakeRow[] {
    const rows: LakeRow[] = []
    for (const [partition, inPartition] of byPartition(batch.rows)) {
      const key = positionKey(batch.topic, partition)
      const position = this.#positions.get(key) ?? 0
      const fresh = position === 0 ? inPartition : inPartition.filter((row) => row.offset >= position)
      if (fresh.length === 0) continue
      const counted = count(batch, partition, fresh)
      this.#positions.set(key, counted.toOffset + 1)
      const tableKey = `${batch.table}/${key}`
      this.#added.set(tableKey, merged(this.#added.get(tableKey), counted))
      for (const row of fresh) rows.push(row)
    }
    return rows
  }
}

function byPartition(rows: readonly LakeRow[]): ReadonlyMap<number, readonly LakeRow[]> {
  const partition = rows[0]?.partition
  if (partition === undefined) return new Map()
  if (rows.every((row) => row.partition === partition)) return new Map([[partition, rows]])
  return Map.groupBy(rows, (row) => row.partition)
}

function count(batch: LakeBatch, partition: number, rows: readonly LakeRow[]): SnapshotRows {
  let fromOffset = Number.POSITIVE_INFINITY
  let toOffset = Number.NEGATIVE_INFINITY
  const versions = new Set<string>()
  for (const row of rows) {
    if (row.offset < fromOffset) fromOffset = row.offset
    if (row.offset > toOffset) toOffset = row.offset
    versions.add(row.contractVersion)
  }
  const { table, topic } = batch
  return { table, topic, partition, contractVersions: [...versions].sort(), rows: rows.length, fromOffset, toOffset }
}

function merged(before: SnapshotRows | undefined, more: SnapshotRows): SnapshotRows {
  if (before === undefined) return more
  return {
    ...more,
    contractVersions: [...new Set([...before.contractVersions, ...more.contractVersions])].sort(),
    rows: before.rows + more.rows,
    fromOffset: Math.min(before.fromOffset, more.fromOffset),
  }
}
