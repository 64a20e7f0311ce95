import { CovenantError, type Json, nameHint, quoteText } from '../kernel/index.ts'

/** SQL as literals; a `SqlTimestamp` is a moment in UTC, other values are JSON scalars. */
export type SqlLiteral = Json | SqlTimestamp
interface SqlTimestamp {
  /** ISO 8601 in UTC. */
  readonly timestamp: string
}

/**
 * A piece of DuckDB SQL that is not code (string, quoted identifier, comment, dollar-quoted string), or a `$name`.
 * Strings are tried first, so that a `$name` within them stays what it is.
 */
const TOKEN =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|\$([A-Za-z_]\w*)/g

/** Names of the parameters in a query, each once. */
export function parametersOf(sql: string): readonly string[] {
  const names = new Set<string>()
  for (const match of sql.matchAll(TOKEN)) if (match[2] !== undefined) names.add(match[2])
  return [...names]
}

/**
 * Replaces each `$name` outside strings and comments by its value as a typed literal: text is quoted, so that no value
 * can become code.
 *
 * Throws `PIPELINE_INVALID` for a name without a value.
 *
 * @example substitute("SELECT $city, '$city'", { city: "O'Hare" }) // "SELECT 'O''Hare', '$city'"
 */
export function substitute(sql: string, values: Readonly<Record<string, SqlLiteral>>): string {
  return sql.replace(TOKEN, (token, _tag: string | undefined, name: string | undefined) => {
    if (name === undefined) return token
    if (!Object.hasOwn(values, name)) throw unknownParameter(name, Object.keys(values))
    return literal(values[name]!)
  })
}

/** A query as others can put it in parentheses: without a last semicolon, and with a last comment ended. */
export function asSubquery(sql: string): string {
  return `${sql.replace(/;\s*$/, '')}\n`
}

function literal(value: SqlLiteral): string {
  if (value === null) return 'NULL'
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  if (typeof value === 'number') return Number.isFinite(value) ? `(${value})` : 'NULL'
  if (typeof value === 'string') return quoteText(value)
  if (isTimestamp(value)) return `TIMESTAMP ${quoteText(value.timestamp.replace('T', ' ').replace('Z', ''))}`
  if (Array.isArray(value)) return `[${value.map((member: SqlLiteral) => literal(member)).join(', ')}]`
  return quoteText(JSON.stringify(value))
}

function isTimestamp(value: SqlLiteral): value is SqlTimestamp {
  return typeof value === 'object' && value !== null && 'timestamp' in value && typeof value.timestamp === 'string'
}

function unknownParameter(name: string, known: readonly string[]): CovenantError {
  return new CovenantError({
    code: 'PIPELINE_INVALID',
    message: `The SQL uses $${name}, which is no parameter.${nameHint(name, known)}`,
    remedy: 'Declare it in the params of the pipeline.',
  })
}
