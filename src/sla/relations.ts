import type { Contract } from '../contract/index.ts'
import { quoteName } from '../kernel/index.ts'
import { COLUMN_SQL_TYPES, type LakeColumn, type LakeStore, lakeColumns } from '../lake/index.ts'

/** The rows of one audit: those of `table` after one snapshot, up to another. */
export interface Range {
  readonly table: string
  readonly after: number
  readonly upTo: number
}

/** What an audit reads, as SQL. Both have every column of the contract. */
export interface AuditRelations {
  /** The rows under audit. */
  readonly rows: string
  /** The rows before them; `null` where there are none. */
  readonly published: string | null
}

/**
 * A contract's new version may have fields that the table gets with the first row of that version, and that published
 * rows were written without; until then they are null.
 */
export function auditRelations(
  lake: LakeStore,
  contract: Contract,
  existing: readonly LakeColumn[],
  { table, after, upTo }: Range,
): AuditRelations {
  const names = new Set(existing.map(({ name }) => name))
  const missing = lakeColumns(contract).filter(({ name }) => !names.has(name))
  const rows = lake.relationBetween(table, after, upTo)
  if (after === 0) return { rows: withColumns(rows, missing), published: null }
  const noRows = lake.relationBetween(table, upTo, upTo)
  const published = `(FROM ${lake.relationAt(table, after)} UNION ALL BY NAME FROM ${noRows})`
  return { rows: withColumns(rows, missing), published: withColumns(published, missing) }
}

function withColumns(relation: string, missing: readonly LakeColumn[]): string {
  if (missing.length === 0) return relation
  const columns = missing.map(({ name, type }) => `NULL::${COLUMN_SQL_TYPES[type]} AS ${quoteName(name)}`)
  return `(SELECT *, ${columns.join(', ')} FROM ${relation})`
}
