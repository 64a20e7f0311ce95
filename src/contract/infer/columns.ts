import { quoteName, quoteText } from '../../kernel/index.ts'
import type { LogicalType } from '../define.ts'
import { propertyOfSqlType, type SqlType } from '../import/sql-types.ts'
import { MOMENT_PATTERNS } from '../moment.ts'
import type { FieldEvidence, Scalar } from './evidence.ts'

/** A column of a table or file, as the engine describes it. */
export interface SourceColumn {
  readonly name: string
  /** As `DESCRIBE` writes it: `VARCHAR`, `DECIMAL(10,2)`, `STRUCT(a INTEGER)[]`. */
  readonly type: string
}

/** One row of figures about the columns: `rows`, and for each column what `evidenceOf` reads. */
export type ColumnFigures = Readonly<Record<string, unknown>>

const NUMBER = '^-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?$'

/** What texts may be: of these, the first that all of them are. */
const TEXT_TYPES: readonly (readonly [type: LogicalType, pattern: string])[] = [
  ['integer', '^-?(0|[1-9]\\d{0,14})$'],
  ['number', NUMBER],
  ['boolean', '^(true|false)$'],
  ['timestamp', MOMENT_PATTERNS.timestamp],
  ['date', MOMENT_PATTERNS.date],
  ['time', MOMENT_PATTERNS.time],
]

const VALUES_MAX = 20

/** SQL that gives the figures of all columns in one scan. */
export function columnsSql(relation: string, columns: readonly SourceColumn[]): string {
  const figures = columns.flatMap(({ name, type }, index) => {
    const column = quoteName(name)
    const common = [`count(${column}) AS present_${index}`]
    if (isNested(type)) return common
    const texts = isText(type)
      ? [
          `min(length(${column})) AS shortest_${index}, max(length(${column})) AS longest_${index}`,
          `min(TRY_CAST(${column} AS DOUBLE)) AS least_${index}, max(TRY_CAST(${column} AS DOUBLE)) AS most_${index}`,
          `min(${column}) FILTER (WHERE NOT regexp_matches(${column}, ${quoteText(NUMBER)})) AS other_${index}`,
          ...TEXT_TYPES.map(
            ([logical, pattern]) =>
              `count(*) FILTER (WHERE regexp_matches(${column}, ${quoteText(pattern)})) AS ${logical}_${index}`,
          ),
        ]
      : []
    const range = `${written(`min(${column})`, type)} AS low_${index}, ${written(`max(${column})`, type)} AS high_${index}`
    return [...common, `count(DISTINCT ${column}) AS distinct_${index}`, range, ...texts]
  })
  return `SELECT count(*) AS rows, ${figures.join(', ')} FROM ${relation}`
}

/** A value as a contract writes it. */
function written(value: string, type: string): string {
  return type.startsWith('TIMESTAMP') ? `strftime(${value}::TIMESTAMP, '%Y-%m-%dT%H:%M:%S.%fZ')` : `${value}::VARCHAR`
}

/** SQL that gives the different values of a column, as text; `null` where they are many. */
export function valuesSql(relation: string, { name }: SourceColumn): string {
  const column = quoteName(name)
  return `SELECT DISTINCT ${column}::VARCHAR AS value FROM ${relation} WHERE ${column} IS NOT NULL ORDER BY 1 LIMIT ${VALUES_MAX + 1}`
}

/** Whether the values of a text column are worth a look: few of them. */
export function hasFewValues({ type }: SourceColumn, index: number, figures: ColumnFigures): boolean {
  const distinct = Number(figures[`distinct_${index}`] ?? Number.NaN)
  return isText(type) && distinct > 0 && distinct <= VALUES_MAX
}

/** What the figures say of one column. */
export function evidenceOf(
  column: SourceColumn,
  index: number,
  figures: ColumnFigures,
  values: readonly string[] | null,
): FieldEvidence {
  const number = (name: string) => Number(figures[`${name}_${index}`] ?? 0)
  const text = (name: string) => (figures[`${name}_${index}`] as string | null | undefined) ?? null
  const looked = Number(figures.rows ?? 0)
  const present = number('present')
  const base = {
    looked,
    present,
    conflict: isText(column.type) ? mixture(number('number'), present, text('other')) : null,
  }
  const nested = nestedEvidence(column, base)
  if (nested !== null) return nested
  const found = typeOfColumn(column, (logical) => present > 0 && number(logical) === present)
  const isPlainText = found.type === 'string'
  const isNumber = found.type === 'integer' || found.type === 'number'
  const [least, most] = isText(column.type) && isNumber ? ['least', 'most'] : ['low', 'high']
  const scalar = (name: string): Scalar | null => {
    const value = figures[`${name}_${index}`] ?? null
    return value === null ? null : isNumber ? Number(value) : String(value)
  }
  return {
    ...{ name: column.name, ...found, ...base },
    values: isPlainText ? values : null,
    unique: present === 0 ? null : number('distinct') === present,
    low: isPlainText ? (present > 0 ? number('shortest') : null) : scalar(least!),
    high: isPlainText ? (present > 0 ? number('longest') : null) : scalar(most!),
  }
}

function typeOfColumn(
  { type }: SourceColumn,
  allAre: (logical: LogicalType) => boolean,
): Pick<FieldEvidence, 'type' | 'physicalType'> {
  // That it is text says nothing of the source: a CSV file knows nothing else.
  if (isText(type))
    return { type: TEXT_TYPES.find(([logical]) => allAre(logical))?.[0] ?? 'string', physicalType: null }
  const logical = propertyOfSqlType(parseType(type))?.property.logicalType
  return { type: (logical as LogicalType | undefined) ?? 'string', physicalType: type }
}

/** Texts most of which are numbers: the others often stand for a value that is missing. */
function mixture(numbers: number, present: number, other: string | null): string | null {
  if (other === null || numbers * 2 < present) return null
  return `${numbers} of ${present} values are numbers, others are texts such as ${JSON.stringify(other)}: if that means "missing", write null.`
}

type Base = Pick<FieldEvidence, 'looked' | 'present' | 'conflict'>

/** Nested columns are described by their type; what is inside is not looked at. */
function nestedEvidence({ name, type }: SourceColumn, base: Base): FieldEvidence | null {
  const inside = { looked: 0, present: 0, conflict: null }
  const member = (memberName: string, memberType: string): FieldEvidence =>
    nestedEvidence({ name: memberName, type: memberType }, inside) ?? {
      ...{ name: memberName, ...typeOfColumn({ name: memberName, type: memberType }, () => false), ...inside },
      ...NOTHING,
    }
  const shared = { name, physicalType: null, ...base, ...NOTHING }
  const list = /^(.*)\[\d*\]$/s.exec(type)
  if (list) return { ...shared, type: 'array', items: member('items', list[1]!) }
  const [, kind, inner = ''] = /^(STRUCT|MAP)\((.*)\)$/s.exec(type) ?? []
  if (kind === 'STRUCT')
    return { ...shared, type: 'object', fields: splitMembers(inner).map(([field, of]) => member(field, of)) }
  if (kind === 'MAP') return { ...shared, type: 'map', items: member('items', splitTop(inner)[1] ?? 'VARCHAR') }
  return null
}

const NOTHING = { values: null, unique: null, low: null, high: null } as const

/** `a INTEGER, "b c" STRUCT(d DATE)` as names and types. */
function splitMembers(text: string): readonly (readonly [string, string])[] {
  return splitTop(text).map((part) => {
    const [, quoted, plain, type = ''] = /^(?:"((?:[^"]|"")*)"|(\S+))\s+(.*)$/s.exec(part) ?? []
    return [quoted?.replaceAll('""', '"') ?? plain ?? part, type] as const
  })
}

/** The parts between commas that stand in no brackets and no quotes. */
function splitTop(text: string): readonly string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  let quoted = false
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if (character === '"') quoted = !quoted
    else if (quoted) continue
    else if (character === '(') depth++
    else if (character === ')') depth--
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, index).trim())
      start = index + 1
    }
  }
  return [...parts, text.slice(start).trim()].filter((part) => part !== '')
}

function isText(type: string): boolean {
  return type === 'VARCHAR'
}

function isNested(type: string): boolean {
  return /\[\d*\]$|^(STRUCT|MAP|UNION)\(/.test(type)
}

function parseType(type: string): SqlType {
  const [, name = type, args = ''] = /^([^(]+)\(([\d, ]+)\)$/.exec(type) ?? []
  return { name: name.toLowerCase(), args: args.split(',').filter(Boolean).map(Number) }
}
