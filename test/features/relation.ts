import type { Json } from '../../src/kernel/index.ts'

export type Row = Readonly<Record<string, Json>>

/** SQL of a relation with the given rows; `types` names its columns. Timestamps are given in epoch milliseconds. */
export function relationOf(rows: readonly Row[], types: Readonly<Record<string, string>>): string {
  const columns = Object.keys(types).map((column) => `"${column}"`)
  const values = (row: Row) =>
    `(${Object.entries(types).map(([column, type]) => `CAST(${literal(row[column], type)} AS ${type})`)})`
  const list = rows.length === 0 ? [values({})] : rows.map(values)
  return `(SELECT * FROM (VALUES ${list.join(', ')}) rows(${columns.join(', ')})${rows.length === 0 ? ' WHERE false' : ''})`
}

function literal(value: Json | undefined, type: string): string {
  if (value === null || value === undefined) return 'NULL'
  if (type === 'TIMESTAMP' && typeof value === 'number') return `epoch_ms(${value})`
  // A number as text, too: DuckDB reads a bare one as a decimal, which may be another double by one step.
  return typeof value === 'boolean' ? String(value) : `'${String(value).replaceAll("'", "''")}'`
}
