import type { JsonObject } from '../../kernel/index.ts'
import { compact } from './draft.ts'

const INTEGERS: Readonly<Record<string, string | null>> = {
  ...{ tinyint: 'i8', smallint: 'i16', int2: 'i16', smallserial: 'i16', serial2: 'i16', short: 'i16' },
  ...{ integer: 'i32', int: 'i32', int4: 'i32', serial: 'i32', serial4: 'i32', mediumint: 'i32' },
  ...{ bigint: 'i64', int8: 'i64', bigserial: 'i64', serial8: 'i64', int64: 'i64', long: 'i64' },
  ...{ utinyint: 'u8', usmallint: 'u16', uinteger: 'u32', ubigint: 'u64', hugeint: 'i128', uhugeint: 'u128' },
}

const NUMBERS: readonly string[] = [
  ...['real', 'float', 'float4', 'float8', 'float64', 'double', 'double precision', 'money', 'smallmoney'],
]
const DECIMALS: readonly string[] = ['numeric', 'decimal', 'dec', 'number', 'bignumeric']
const ZONED: readonly string[] = ['timestamptz', 'timestamp with time zone', 'timestamp_tz', 'timestamp_ltz']
const UNZONED: readonly string[] = [
  ...['timestamp', 'timestamp without time zone', 'datetime', 'datetime2', 'smalldatetime'],
  ...['timestamp_s', 'timestamp_ms', 'timestamp_ns', 'timestamp_ntz'],
]
const UUID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'

export interface SqlType {
  /** Lower case, without its arguments. */
  readonly name: string
  /** Length, or precision and scale. */
  readonly args: readonly number[]
}

/** The ODCS property that a column of an SQL type is, and what a person should look at; `null` for an unknown type. */
export function propertyOfSqlType({ name, args }: SqlType): { property: JsonObject; note: string | null } | null {
  const physicalType = args.length === 0 ? name : `${name}(${args.join(',')})`
  const typed = (logicalType: string, logicalTypeOptions: JsonObject = {}, note: string | null = null) => ({
    property: compact({ logicalType, physicalType, logicalTypeOptions }),
    note,
  })
  if (Object.hasOwn(INTEGERS, name)) return typed('integer', compact({ format: INTEGERS[name] ?? null }))
  if (NUMBERS.includes(name)) return typed('number')
  if (DECIMALS.includes(name)) return decimal(args, typed)
  if (name === 'boolean' || name === 'bool' || name === 'bit') return typed('boolean')
  if (name === 'date') return typed('date')
  if (name === 'time' || name === 'time without time zone') return typed('time')
  if (ZONED.includes(name)) return typed('timestamp')
  if (UNZONED.includes(name))
    return typed('timestamp', {}, 'It has no zone in the source; a timestamp of a contract has one: UTC is taken.')
  if (name === 'uuid') return typed('string', { pattern: UUID })
  if (/^(n?varchar2?|character varying|char|nchar|character|bpchar)$/.test(name))
    return typed('string', compact({ maxLength: args[0] ?? null }))
  if (/^(text|string|tinytext|mediumtext|longtext|citext|clob|name)$/.test(name)) return typed('string')
  if (/^(bytea|blob|binary|varbinary|bytes)$/.test(name))
    return typed('string', {}, 'Bytes are a string here: say how they are written in JSON.')
  if (/^(json|jsonb|variant|super)$/.test(name))
    return typed('object', {}, 'It may hold any JSON; the draft says object: say what is inside.')
  return null
}

function decimal<T>(
  [precision, scale = 0]: readonly number[],
  typed: (logicalType: string, options?: JsonObject, note?: string | null) => T,
): T {
  if (precision === undefined) return typed('number')
  if (scale > 0) return typed('number', scale <= 15 ? { multipleOf: Number(`1e-${scale}`) } : {})
  const wide = precision > 15 ? 'Integers beyond ±(2^53 − 1) cannot be told apart in JSON.' : null
  return typed('integer', {}, wide)
}
