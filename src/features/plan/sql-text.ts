import { quoteName } from '../../kernel/index.ts'
/** A feature's value of any column: numbers, booleans as 0 and 1, null for text and everything else. */
export function numeric(column: string): string {
  const isText = `typeof(${column}) IN ('VARCHAR', 'JSON')`
  return `CASE WHEN ${isText} THEN NULL ELSE TRY_CAST(${column} AS DOUBLE) END`
}

/**
 * The key columns of an entity, as text under the names `k0`, `k1` …; an entity without keys has one that is always
 * the same, so that every join has something to join on.
 */
export function keyColumns(keys: readonly string[]): readonly { readonly alias: string; readonly sql: string }[] {
  if (keys.length === 0) return [{ alias: 'k0', sql: "''" }]
  return keys.map((key, index) => ({ alias: `k${index}`, sql: `CAST(${quoteName(key)} AS VARCHAR)` }))
}

/** `a.k0 = b.k0 AND …` */
export function sameKey(keys: readonly { readonly alias: string }[], left: string, right: string): string {
  return keys.map(({ alias }) => `${left}.${alias} = ${right}.${alias}`).join(' AND ')
}

/** The text that reads a relation: a table name, table function or parenthesis as it is, a query in parentheses. */
export function relation(sql: string): string {
  const trimmed = sql.trim().replace(/;$/, '')
  return /^(?:\(|[\w."]+(?:\(|$))/.test(trimmed) ? trimmed : `(${trimmed}\n)`
}
