import { quoteName, quoteText, sha256 } from '../../../kernel/index.ts'
import type { LogicalType } from '../../define.ts'
import { MOMENT_PATTERNS } from '../../moment.ts'

/**
 * How the rows of a table hold a record. Every method gives DuckDB SQL of the type that rules use, NULL where there is
 * no value of the field's type.
 */
export interface SqlRow {
  /** A member of the record itself. */
  column(name: string, type: LogicalType): string
  /** A member of an object or a map within it. */
  member(of: string, parent: LogicalType, name: string, type: LogicalType): string
  /** An item of an array, which the lambda parameter `name` holds. */
  item(name: string, type: LogicalType): string
  /** How many members a map has. */
  mapSize(map: string): string
  /** Nanoseconds since 1970 of a value of type `timestamp`. */
  instant(timestamp: string): string
}

const SAFE = 'BETWEEN -9007199254740991 AND 9007199254740991'

/**
 * Rows with one typed column a field: VARCHAR, any integer or DOUBLE, BOOLEAN, DATE, TIME, TIMESTAMP (UTC) or TIMESTAMP WITH
 * TIME ZONE, STRUCT, LIST, MAP.
 *
 * @param columnOf SQL of the column of a field; its quoted name unless given.
 */
export function columnRow(columnOf: (name: string) => string = quoteName): SqlRow {
  return {
    column: (name, type) => typedColumn(columnOf(name), type),
    member: (of, parent, name, type) =>
      typedColumn(
        parent === 'map' ? `map_extract(${of}, ${quoteText(name)})[1]` : `struct_extract(${of}, ${quoteText(name)})`,
        type,
      ),
    item: typedColumn,
    mapSize: (map) => `cardinality(${map})`,
    instant: (timestamp) =>
      bound(timestamp, (v) => `CASE WHEN isfinite(${v}) THEN CAST(epoch_us(${v}) AS HUGEINT) * 1000 END`),
  }
}

function typedColumn(sql: string, type: LogicalType): string {
  switch (type) {
    case 'integer':
      return bound(`CAST(${sql} AS DOUBLE)`, wholeNumber)
    case 'number':
      return bound(`CAST(${sql} AS DOUBLE)`, (v) => `CASE WHEN isfinite(${v}) THEN ${v} END`)
    case 'date':
      return `strftime(${sql}, '%Y-%m-%d')`
    default:
      return sql
  }
}

/**
 * Rows with the record as JSON.
 *
 * @param json SQL of the JSON value: a column, or an expression.
 */
export function jsonRow(json: string): SqlRow {
  const member = (of: string, name: string, type: LogicalType) =>
    typedJson(`json_extract(${of}, ${quoteText(pointer(name))})`, type)
  return {
    column: (name, type) => member(json, name, type),
    member: (of, _parent, name, type) => member(of, name, type),
    item: typedJson,
    mapSize: (map) => `len(json_keys(${map}))`,
    instant: (timestamp) => bound(timestamp, instantOfText),
  }
}

/** RFC 6901. */
function pointer(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

const JSON_TYPES = { string: 'VARCHAR', boolean: 'BOOLEAN', object: 'OBJECT', map: 'OBJECT', array: 'ARRAY' } as const

function typedJson(sql: string, type: LogicalType): string {
  return bound(sql, (json) => {
    const text = `json_extract_string(${json}, '$')`
    switch (type) {
      case 'boolean':
        return `CASE WHEN json_type(${json}) = 'BOOLEAN' THEN ${text} = 'true' END`
      case 'string':
      case 'object':
      case 'map':
        return `CASE WHEN json_type(${json}) = '${JSON_TYPES[type]}' THEN ${type === 'string' ? text : json} END`
      case 'array':
        return `CASE WHEN json_type(${json}) = 'ARRAY' THEN CAST(${json} AS JSON[]) END`
      case 'integer':
        return bound(jsonNumber(json, text), wholeNumber)
      case 'number':
        return bound(jsonNumber(json, text), (v) => `CASE WHEN isfinite(${v}) THEN ${v} END`)
      default:
        return `CASE WHEN json_type(${json}) = 'VARCHAR' AND regexp_full_match(${text}, ${quoteText(unanchored(MOMENT_PATTERNS[type]))}) THEN ${text} END`
    }
  })
}

function wholeNumber(double: string): string {
  return `CASE WHEN trunc(${double}) = ${double} AND ${double} ${SAFE} THEN CAST(${double} AS HUGEINT) END`
}

function jsonNumber(json: string, text: string): string {
  return `CASE WHEN json_type(${json}) NOT IN ('NULL', 'VARCHAR', 'BOOLEAN', 'OBJECT', 'ARRAY') THEN TRY_CAST(${text} AS DOUBLE) END`
}

function unanchored(pattern: string): string {
  return pattern.slice(1, -1)
}

/** DuckDB's timestamps have microseconds: the fraction is taken from the text, the rest from the whole seconds. */
function instantOfText(text: string): string {
  const whole = `CAST(epoch_us(CAST(replace(substr(${text}, 1, 19), 'T', ' ') AS TIMESTAMP)) AS HUGEINT) * 1000`
  const fraction = `CAST(substr(regexp_extract(${text}, '\\.([0-9]+)', 1) || '000000000', 1, 9) AS HUGEINT)`
  const zone = `CASE WHEN ${text} LIKE '%Z' THEN 0 ELSE (CASE WHEN substr(${text}, -6, 1) = '-' THEN -1 ELSE 1 END) * (CAST(substr(${text}, -5, 2) AS HUGEINT) * 3600 + CAST(substr(${text}, -2, 2) AS HUGEINT) * 60) * 1000000000 END`
  return `(${whole} + ${fraction} - ${zone})`
}

/**
 * SQL that uses a value several times and computes it once; SQL has no `let` within an expression. A name is enough by
 * itself. Bindings are named by what they hold, so that one within another cannot hide it.
 */
export function bound(value: string, use: (name: string) => string): string {
  if (/^(?:\w+|"[^"]*")$/.test(value)) return use(value)
  const name = `v${sha256(value).slice(0, 12)}`
  return `list_transform([${value}], lambda ${name}: ${use(name)})[1]`
}
