import {
  BIGINT,
  DOUBLE,
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api'
import type { SqlParameter, SqlValue } from '../../lake/ports.ts'

/**
 * A DuckDB value as the `SqlEngine` port shows it: timestamps in epoch milliseconds (what is finer is cut off), dates
 * as `YYYY-MM-DD`, times as `HH:MM:SS[.ffffff]`, integers and decimals as numbers (a `bigint` past 2^53), lists as
 * arrays, structs as objects, maps as arrays of `{key, value}`, blobs as hexadecimal text.
 */
export function toSqlValue(value: DuckDBValue): SqlValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  if (typeof value === 'bigint') return safeNumber(value)
  return epochMs(value) ?? nested(value) ?? scalar(value)
}

/** The DuckDB type a parameter is bound with: whole numbers must be BIGINT, or `epoch_ms($1)` finds no function. */
export function parameterType(value: SqlParameter): DuckDBType | undefined {
  if (typeof value === 'bigint') return BIGINT
  if (typeof value !== 'number') return undefined
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? BIGINT : DOUBLE
}

/** The value to bind for a parameter of `parameterType`. */
export function parameterValue(value: SqlParameter): DuckDBValue {
  return parameterType(value)?.typeId === DuckDBTypeId.BIGINT ? BigInt(value as number | bigint) : value
}

function safeNumber(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
}

function epochMs(value: DuckDBValue): number | undefined {
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue)
    return Math.floor(Number(value.micros) / 1_000)
  if (value instanceof DuckDBTimestampMillisecondsValue) return Number(value.millis)
  if (value instanceof DuckDBTimestampSecondsValue) return Number(value.seconds) * 1_000
  if (value instanceof DuckDBTimestampNanosecondsValue) return Math.floor(Number(value.nanos) / 1_000_000)
  return undefined
}

function nested(value: DuckDBValue): SqlValue | undefined {
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(toSqlValue)
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([name, member]) => [name, toSqlValue(member)]))
  if (value instanceof DuckDBMapValue)
    return value.entries.map((entry) => ({ key: toSqlValue(entry.key), value: toSqlValue(entry.value) }))
  return undefined
}

function scalar(value: DuckDBValue): SqlValue {
  if (value instanceof DuckDBDecimalValue) return value.toDouble()
  if (value instanceof DuckDBDateValue || value instanceof DuckDBIntervalValue) return value.toString()
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('hex')
  return String(value)
}
