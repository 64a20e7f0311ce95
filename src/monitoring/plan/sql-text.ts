import { type EpochMs, quoteName, quoteText } from '../../kernel/index.ts'
import { tableName } from '../../lake/index.ts'
import type { Window } from './windows.ts'

/** A number as DuckDB reads it: with an exponent it is a DOUBLE and loses nothing. */
export function double(value: number): string {
  return value.toExponential()
}

export function timestamp(time: EpochMs): string {
  return `epoch_ms(${Math.trunc(time)}::BIGINT)`
}

export function lakeTable(topic: string): string {
  return `lake.main.${quoteName(tableName(topic))}`
}

/** The condition that a row's `_timestamp` lies in a window. */
export function within({ start, end }: Window, column = '_timestamp'): string {
  return `${column} >= ${timestamp(start)} AND ${column} < ${timestamp(end)}`
}

/** A numeric member of a JSON column, as DOUBLE; null where it is missing or null. */
export function jsonNumber(column: string, member: string): string {
  return `TRY_CAST(json_extract_string(${column}, ${quoteText(`$.${quoteName(member)}`)}) AS DOUBLE)`
}

/** Numeric members of a JSON column as a struct of DOUBLE, parsed once for all; what is missing or null is null. */
export function jsonNumbers(column: string, members: readonly string[]): string {
  const structure = Object.fromEntries(members.map((member) => [member, 'DOUBLE']))
  return `from_json(${column}, ${quoteText(JSON.stringify(structure))})`
}
