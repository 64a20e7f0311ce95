/** Random schemas and tables for them: each value as an SQL literal, beside the JSON value that it stands for. */
import fc from 'fast-check'
import type { FieldPlan, FieldRules, LogicalType } from '../../src/contract/index.ts'
import { quoteName, quoteText } from '../../src/kernel/index.ts'

/** A column's type, and what makes values for it. */
export interface RandomColumn {
  readonly sqlType: string
  readonly value: fc.Arbitrary<Cell>
}

/** A value as SQL, and what it means; `undefined` for SQL's null. */
export interface Cell {
  readonly sql: string
  readonly json: unknown
}

export interface RandomTable {
  readonly fields: readonly FieldPlan[]
  readonly types: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

const NULL: Cell = { sql: 'NULL', json: undefined }
const PATTERNS = [
  '^[A-Z]{2}$',
  'a|b',
  '\\d',
  '^\\p{L}*$',
  'é',
  '^.{1,3}$',
  '\\s',
  '^\\S+$',
  '[^\\w-]',
  '(?=a)',
  '^(a)\\1$',
  '[\\d-]',
]
const MOMENTS = {
  timestamp: [
    '2012-02-29T23:59:59.5Z',
    '2013-01-01T01:00:00+01:00',
    '2013-01-01T00:00:00.1234567Z',
    '2013-06-01T00:00:00Z',
  ],
  date: ['2012-02-29', '2013-01-01', '2013-12-31'],
  time: ['00:00:00', '10:15:00.25', '10:15:00.2500001', '23:59:59'],
}
const NUMBERS = [0, 1, 2, 3, -1, 0.1, 0.3, 0.25, 1.5, 2.5, 100, 1e15, 9007199254740991, 1e22, 1e23]

const some = <T extends object>(rules: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> =>
  fc
    .subarray(Object.keys(rules) as (keyof T)[], { maxLength: Math.min(2, Object.keys(rules).length) })
    .chain((keys) => fc.record(Object.fromEntries(keys.map((key) => [key, rules[key]]))) as fc.Arbitrary<Partial<T>>)

function rulesFor(type: LogicalType): fc.Arbitrary<FieldRules> {
  const size = fc.nat(3)
  const bound = fc.constantFrom(...NUMBERS)
  if (type === 'string')
    return some<FieldRules>({
      minLength: size,
      maxLength: size,
      pattern: fc.constantFrom(...PATTERNS),
      enum: fc.constantFrom(['AB', 'é'], ["it's", 'a\0b', '']),
    } as never)
  if (type === 'integer' || type === 'number')
    return some<FieldRules>({
      minimum: bound,
      maximum: bound,
      exclusiveMinimum: bound,
      exclusiveMaximum: bound,
      multipleOf: fc.constantFrom(1, 2, 3, 0.1, 0.01, 0.25, 1e-7, 1e16),
      enum: fc.constantFrom([1, 2, 0.1], [0, -1, 1e23]),
    } as never)
  if (type === 'timestamp' || type === 'date' || type === 'time') {
    const moment = fc.constantFrom(...MOMENTS[type])
    return some<FieldRules>({ earliest: moment, latest: moment, enum: fc.constant(MOMENTS[type]) } as never)
  }
  if (type === 'array') return some<FieldRules>({ minItems: size, maxItems: size, uniqueItems: fc.boolean() } as never)
  return type === 'boolean' ? some<FieldRules>({ enum: fc.constant([true]) } as never) : fc.constant({})
}

const LEAVES: readonly LogicalType[] = ['string', 'integer', 'number', 'boolean', 'date', 'timestamp', 'time']

function fieldOf(name: string, depth: number): fc.Arbitrary<FieldPlan> {
  const types: readonly LogicalType[] = depth === 0 ? LEAVES : [...LEAVES, ...LEAVES, 'object', 'array', 'map']
  return fc.constantFrom(...types).chain((type) =>
    fc
      .record({
        required: fc.boolean(),
        rules: rulesFor(type),
        nested: nestedOf(type, depth - 1),
      })
      .map(({ required, rules, nested }) => ({ name, type, required, rules, ...nested })),
  )
}

function nestedOf(type: LogicalType, depth: number): fc.Arbitrary<Partial<FieldPlan>> {
  if (type === 'object') return fc.tuple(fieldOf('x', depth), fieldOf("it's", depth)).map((fields) => ({ fields }))
  return type === 'array' || type === 'map' ? fieldOf('item', depth).map((items) => ({ items })) : fc.constant({})
}

const texts = fc.oneof(
  fc.constantFrom(
    'AB',
    'é',
    "it's",
    '',
    'a',
    'aa',
    '1',
    ' ',
    '\u00a0',
    '\ufeff',
    '\u2028',
    '😀é',
    'a\nb',
    'x-y',
    'ABC',
  ),
  fc.string({ unit: 'grapheme', maxLength: 5 }).filter((text) => !text.includes('\0')),
)
const integers = (low: number, high: number) =>
  fc.oneof(fc.integer({ min: Math.max(low, -10), max: Math.min(high, 120) }), fc.constantFrom(low, high))
const scaled = (units: number, scale: number) => {
  const digits = String(Math.abs(units)).padStart(scale + 1, '0')
  return `${units < 0 ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
const double = fc.oneof(
  fc.constantFrom(...NUMBERS, -0, 5e-324, 1.7976931348623157e308, 9007199254740992),
  fc.integer({ min: -600, max: 12_000 }).map((n) => n / 100),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)
const typed = (sqlType: string, cells: fc.Arbitrary<Cell>): RandomColumn => ({
  sqlType,
  value: cells.map(({ sql, json }) => ({ sql: `CAST(${sql} AS ${sqlType})`, json })),
})
const number = (n: number): Cell => ({ sql: `'${n}'`, json: n })
const big = (text: string): Cell => ({ sql: `'${text}'`, json: Number(text) })
const wholeColumns = [
  typed('TINYINT', integers(-128, 127).map(number)),
  typed('INTEGER', integers(-2147483648, 2147483647).map(number)),
  typed('UINTEGER', integers(0, 4294967295).map(number)),
  typed(
    'BIGINT',
    fc.oneof(
      integers(-9007199254740991, 9007199254740991).map(number),
      fc.constantFrom('9007199254740993', '-9223372036854775808').map(big),
    ),
  ),
  typed(
    'HUGEINT',
    fc.oneof(
      integers(-5, 9).map(number),
      fc.constantFrom('170141183460469231731687303715884105727', '100000000000000000000000').map(big),
    ),
  ),
  typed(
    'DECIMAL(10,2)',
    fc.integer({ min: -600, max: 12_000 }).map((n) => big(scaled(n, 2))),
  ),
  typed(
    'DECIMAL(38,3)',
    fc.oneof(
      fc.integer({ min: -6000, max: 12_000 }).map((n) => big(scaled(n, 3))),
      fc.constant(big('12345678901234567890123456789012345.678')),
    ),
  ),
  typed(
    'DOUBLE',
    fc.oneof(
      double.map(number),
      fc.constantFrom({ sql: "'NaN'", json: Number.NaN }, { sql: "'-inf'", json: -Infinity }),
    ),
  ),
  typed('FLOAT', fc.constantFrom(0.1, 0.3, 0.25, 1, 2, -1.5, 16777216).map(number)),
]
const date = fc
  .constantFrom('2012-02-29', '2013-01-01', '2013-12-31', '0000-01-01', '9999-12-31')
  .map((text) => ({ sql: `'${text}'`, json: text }))
const oddDate = fc.constantFrom({ sql: "'infinity'", json: 'infinity' }, { sql: "'10000-01-01'", json: '10000-01-01' })
const clock = fc
  .constantFrom('00:00:00', '10:15:00.25', '10:15:00.250001', '23:59:59.999999', '24:00:00')
  .map((text) => ({ sql: `'${text}'`, json: text }))
const instant = (fractions: readonly string[]) =>
  fc
    .tuple(
      fc.constantFrom('2012-02-29 23:59:59', '2013-01-01 00:00:00', '2013-06-01 00:00:00', '2013-01-01 00:00:01'),
      fc.constantFrom(...fractions),
    )
    .map(([text, fraction]) => ({ sql: `'${text}${fraction}'`, json: `${text.replace(' ', 'T')}${fraction}Z` }))
const zoned = (cells: fc.Arbitrary<Cell>) =>
  cells.map(({ sql, json }) => ({ sql: `'${String(json)}'`, json, was: sql }))
const MICROS = ['', '.5', '.123456', '.123457', '.000001']
const momentTexts = (type: keyof typeof MOMENTS) =>
  fc
    .constantFrom(
      ...MOMENTS[type],
      ...MOMENTS[type].map((text) => text.replace(/Z$/, '-00:30')),
      '2013-02-29',
      '24:00:00',
      '2013-01-01T00:00:00',
      '',
    )
    .map((text) => ({ sql: quoteText(text), json: text }))
const oddInstant = fc.constantFrom(
  { sql: "'infinity'", json: 'infinity' },
  { sql: "'10000-01-01 00:00:00'", json: 'too late' },
  { sql: "'0001-01-01 (BC) 00:00:00'", json: '0000-01-01T00:00:00Z' },
)

/** The columns that can hold a field of this kind. */
function columnsFor(field: FieldPlan): fc.Arbitrary<RandomColumn> {
  switch (field.type) {
    case 'string':
      return fc.constantFrom(
        typed(
          'VARCHAR',
          texts.map((text) => ({ sql: quoteText(text), json: text })),
        ),
        typed(
          "ENUM('AB', 'é', 'it''s')",
          fc.constantFrom('AB', 'é', "it's").map((text) => ({ sql: quoteText(text), json: text })),
        ),
      )
    case 'integer':
    case 'number':
      return fc.constantFrom(...wholeColumns)
    case 'boolean':
      return fc.constant(
        typed(
          'BOOLEAN',
          fc.boolean().map((json) => ({ sql: String(json), json })),
        ),
      )
    case 'date':
      return fc.constantFrom(
        typed('DATE', fc.oneof({ weight: 9, arbitrary: date }, oddDate)),
        typed('VARCHAR', momentTexts('date')),
      )
    case 'time':
      return fc.constantFrom(typed('TIME', clock), typed('VARCHAR', momentTexts('time')))
    case 'timestamp':
      return fc.constantFrom(
        typed('TIMESTAMP', fc.oneof({ weight: 9, arbitrary: instant(MICROS) }, oddInstant)),
        typed('TIMESTAMP WITH TIME ZONE', zoned(instant(MICROS))),
        typed('TIMESTAMP_S', instant([''])),
        typed('TIMESTAMP_MS', instant(['', '.5', '.123'])),
        typed('TIMESTAMP_NS', instant([...MICROS, '.1234567', '.123456789'])),
        typed('VARCHAR', momentTexts('timestamp')),
      )
    default:
      return nestedColumn(field)
  }
}

function nestedColumn(field: FieldPlan): fc.Arbitrary<RandomColumn> {
  if (field.type === 'object') {
    const fields = field.fields ?? []
    return fc.tuple(...fields.map(columnsFor)).map((columns) => ({
      sqlType: `STRUCT(${columns.map(({ sqlType }, i) => `${quoteName(fields[i]!.name)} ${sqlType}`).join(', ')})`,
      value: fc.tuple(...columns.map(({ value }) => orNull(value))).map((cells) => ({
        sql: `{${cells.map(({ sql }, i) => `${quoteText(fields[i]!.name)}: ${sql}`).join(', ')}}`,
        json: Object.fromEntries(cells.map(({ json }, i) => [fields[i]!.name, json ?? null])),
      })),
    }))
  }
  return columnsFor(field.items!).map(({ sqlType, value }) =>
    field.type === 'array'
      ? {
          sqlType: `${sqlType}[]`,
          value: fc.array(orNull(value), { maxLength: 3 }).map((cells) => ({
            sql: `CAST([${cells.map(({ sql }) => sql).join(', ')}] AS ${sqlType}[])`,
            json: cells.map(({ json }) => json ?? null),
          })),
        }
      : {
          sqlType: `MAP(VARCHAR, ${sqlType})`,
          value: fc.dictionary(fc.constantFrom('k', "l'", 'key'), orNull(value), { maxKeys: 3 }).map((entries) => ({
            sql: `CAST(MAP {${Object.entries(entries)
              .map(([name, { sql }]) => `${quoteText(name)}: ${sql}`)
              .join(', ')}} AS MAP(VARCHAR, ${sqlType}))`,
            json: Object.fromEntries(Object.entries(entries).map(([name, { json }]) => [name, json ?? null])),
          })),
        },
  )
}

function orNull(value: fc.Arbitrary<Cell>): fc.Arbitrary<Cell> {
  return fc.oneof({ weight: 6, arbitrary: value }, { weight: 1, arbitrary: fc.constant(NULL) })
}

/** A schema of a few fields, with a column type that can hold each, and some rows. */
export const randomTable: fc.Arbitrary<RandomTable> = fc
  .tuple(...['a', "it's", 'c d'].map((name) => fieldOf(name, 2)))
  .chain((fields) =>
    fc.tuple(...fields.map(columnsFor)).chain((columns) =>
      fc.array(fc.tuple(...columns.map(({ value }) => orNull(value))), { minLength: 1, maxLength: 6 }).map((rows) => ({
        fields,
        types: columns.map(({ sqlType }) => sqlType),
        rows,
      })),
    ),
  )
