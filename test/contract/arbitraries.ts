import fc from 'fast-check'
import type { Contract, Field, FieldRules, LogicalType } from '../../src/contract/index.ts'
import type { Json } from '../../src/kernel/index.ts'

/** What a contract without team, servers, rules and policies says about them. */
export const NOTHING_SAID = {
  object: 'c',
  rules: [],
  team: [],
  servers: [],
  relationships: [],
  deadLetters: { blockKey: false, breaker: null },
  migrations: [],
  compatibility: 'FULL_TRANSITIVE',
  document: {},
} as const satisfies Partial<Contract>

/** A contract with the given fields, and nothing else of interest. */
export function contractOf(fields: readonly Field[], other: Partial<Contract> = {}): Contract {
  return {
    id: 'c',
    name: 'c',
    version: '1.0.0',
    status: 'active',

    topic: 'c',
    owner: null,
    domain: null,
    purpose: null,
    key: [],
    eventTime: null,
    cdc: null,
    fields,
    quality: [],
    sla: [],
    lineage: { sources: [] },
    ...NOTHING_SAID,
    source: '',
    hash: '',
    ...other,
  }
}

/** A field without rules. */
export function fieldOf(name: string, type: LogicalType, other: Partial<Field> = {}): Field {
  return { name, type, required: true, unique: false, primaryKeyPosition: null, rules: {}, description: null, ...other }
}

const NAMES = ['a', 'b', 'c']
const TEXTS = ['', 'a', 'A', 'ab', 'AB', 'abc', 'x1', '\u{1F600}', '2013-01-01', '2012-02-29T23:59:59.5+01:00']
const NUMBERS = [
  -3, -1, -0.5, 0, 0.1, 0.25, 0.3, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 9_007_199_254_740_991, 9_007_199_254_740_992, 1e300,
]
const PATTERNS = ['^a', '^[a-c]+$', '^[A-Z]{2}$', '\\d', '^(ab|AB)?$', '^.{1,2}$']
const TIMESTAMPS = [
  '2013-01-01T00:00:00Z',
  '2013-01-01T01:00:00+01:00',
  '2012-12-31T23:59:59.9999Z',
  '2013-01-01T00:00:00.5Z',
  '2012-02-29T12:00:00-05:30',
  '2013-02-29T12:00:00Z',
  '2013-01-01T24:00:00Z',
  '2013-01-01T00:00:00',
  '2013-01-01 00:00:00Z',
]
const DATES = [
  '2012-02-29',
  '2013-02-28',
  '2013-01-01',
  '2013-02-29',
  '1900-02-29',
  '2000-02-29',
  '2013-04-31',
  '13-01-01',
]
const TIMES = ['00:00:00', '10:15:00', '10:15:00.25', '23:59:59', '24:00:00', '10:15']

const isRealTimestamp = (text: string) => TIMESTAMPS.indexOf(text) < 5
const isRealDate = (text: string) => ['2012-02-29', '2013-02-28', '2013-01-01', '2000-02-29'].includes(text)
const isRealTime = (text: string) => TIMES.indexOf(text) < 4

/** Lists of fields, a few levels deep, with rules that often bite. */
export const fieldsArbitrary: fc.Arbitrary<readonly Field[]> = membersArbitrary(2)

function membersArbitrary(depth: number): fc.Arbitrary<readonly Field[]> {
  return fc
    .uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 })
    .chain((names) => fc.tuple(...names.map((name) => fieldArbitrary(name, depth))))
}

export function fieldArbitrary(name: string, depth: number): fc.Arbitrary<Field> {
  const scalar = fc.constantFrom<LogicalType>('string', 'integer', 'number', 'boolean', 'date', 'timestamp', 'time')
  const type =
    depth === 0
      ? scalar
      : fc.oneof({ weight: 4, arbitrary: scalar }, fc.constantFrom<LogicalType>('object', 'array', 'map'))
  return type.chain((chosen) =>
    fc
      .record({ required: fc.boolean(), rules: rulesArbitrary(chosen), nested: nestedArbitrary(chosen, depth) })
      .map(({ required, rules, nested }) => fieldOf(name, chosen, { required, rules, ...nested })),
  )
}

function nestedArbitrary(type: LogicalType, depth: number): fc.Arbitrary<Partial<Field>> {
  if (type === 'object') return membersArbitrary(depth - 1).map((fields) => ({ fields }))
  if (type === 'array' || type === 'map') return fieldArbitrary('item', depth - 1).map((items) => ({ items }))
  return fc.constant({})
}

/** Rules that the reader of contracts would let pass for a field of that type. */
export function rulesArbitrary(type: LogicalType): fc.Arbitrary<FieldRules> {
  const size = fc.integer({ min: 0, max: 3 })
  if (type === 'string')
    return some({ minLength: size, maxLength: size, pattern: fc.constantFrom(...PATTERNS), enum: enumOf(TEXTS) })
  if (type === 'integer' || type === 'number') {
    const bound = fc.constantFrom(...NUMBERS.slice(0, 15))
    const values = type === 'integer' ? NUMBERS.filter(Number.isSafeInteger) : NUMBERS
    return some({
      minimum: bound,
      maximum: bound,
      exclusiveMinimum: bound,
      exclusiveMaximum: bound,
      multipleOf: fc.constantFrom(0.1, 0.25, 0.5, 1, 1.5, 2, 3),
      enum: enumOf(values),
    })
  }
  if (type === 'timestamp') return momentRules(TIMESTAMPS.filter(isRealTimestamp))
  if (type === 'date') return momentRules(DATES.filter(isRealDate))
  if (type === 'time') return momentRules(TIMES.filter(isRealTime))
  if (type === 'array') return some({ minItems: size, maxItems: size, uniqueItems: fc.boolean() })
  return type === 'boolean' ? some({ enum: enumOf([true, false]) }) : fc.constant({})
}

/** Mostly none or one of the rules, so that bounds rarely exclude everything. */
function some<T extends object>(rules: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> {
  const keys = Object.keys(rules) as (keyof T)[]
  return fc.subarray(keys, { maxLength: Math.min(2, keys.length) }).chain((chosen) => {
    const record = Object.fromEntries(chosen.map((key) => [key, rules[key]])) as { [K in keyof T]: fc.Arbitrary<T[K]> }
    return fc.record(record) as fc.Arbitrary<Partial<T>>
  })
}

function enumOf<T>(values: readonly T[]): fc.Arbitrary<T[]> {
  return fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 })
}

function momentRules(values: readonly string[]): fc.Arbitrary<FieldRules> {
  const moment = fc.constantFrom(...values)
  return some<Required<Pick<FieldRules, 'earliest' | 'latest' | 'enum'>>>({
    earliest: moment,
    latest: moment,
    enum: enumOf(values),
  })
}

/** The same fields with one thing changed: a rule, a type, an obligation, a member more or less. */
export function changed(fields: readonly Field[]): fc.Arbitrary<readonly Field[]> {
  if (fields.length === 0) return fieldArbitrary('d', 0).map((added) => [added])
  return fc.nat(fields.length - 1).chain((index) => {
    const field = fields[index]!
    const replace = (other: Field) => fields.map((each, at) => (at === index ? other : each))
    const options: fc.Arbitrary<readonly Field[]>[] = [
      fc.constant(replace({ ...field, required: !field.required })),
      rulesArbitrary(field.type).map((rules) => replace({ ...field, rules })),
      rulesArbitrary(field.type).map((rules) => replace({ ...field, rules: { ...field.rules, ...rules } })),
      fieldArbitrary(field.name, 1).map(replace),
      fieldArbitrary(unused(fields), 0).map((added) => [...fields, added]),
      fc.constant(fields.filter((each) => each !== field)),
    ]
    if (field.fields !== undefined)
      options.push(changed(field.fields).map((inner) => replace({ ...field, fields: inner })))
    if (field.items !== undefined)
      options.push(
        changed([field.items]).map(([items]) => (items === undefined ? fields : replace({ ...field, items }))),
      )
    return fc.oneof(...options)
  })
}

function unused(fields: readonly Field[]): string {
  return ['d', 'e', 'f', 'g', 'h'].find((name) => !fields.some((field) => field.name === name))!
}

/** Documents with members of the right types, often accepted, sometimes not; no members but the declared ones. */
export function documentArbitrary(fields: readonly Field[]): fc.Arbitrary<Json> {
  const members = fields.map((field) => fc.option(valueArbitrary(field), { nil: undefined, freq: 8 }))
  return fc
    .tuple(...members)
    .map((values) =>
      Object.fromEntries(values.flatMap((value, index) => (value === undefined ? [] : [[fields[index]!.name, value]]))),
    ) as fc.Arbitrary<Json>
}

function valueArbitrary(field: Field): fc.Arbitrary<Json> {
  const odd: fc.Arbitrary<Json> = fc.constantFrom<Json>(null, 'x', 1, 1.5, true, [], {}, [1], { a: 1 })
  return fc.oneof(
    { weight: 12, arbitrary: typedValue(field) },
    { weight: field.rules.enum ? 8 : 0, arbitrary: fc.constantFrom<Json>(...(field.rules.enum ?? [null])) },
    { weight: 1, arbitrary: odd },
  )
}

function typedValue(field: Field): fc.Arbitrary<Json> {
  const { type, items } = field
  if (type === 'string')
    return fc.oneof(
      fc.constantFrom(...TEXTS),
      fc.string({ unit: fc.constantFrom('a', 'b', 'A', '1', '\u{1F600}'), maxLength: 4 }),
    )
  if (type === 'integer') return fc.oneof(fc.integer({ min: -4, max: 7 }), fc.constantFrom(...NUMBERS))
  if (type === 'number')
    return fc.oneof(
      fc.constantFrom(...NUMBERS),
      fc.integer({ min: -40, max: 70 }).map((n) => n / 10),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    )
  if (type === 'boolean') return fc.boolean()
  if (type === 'timestamp') return fc.constantFrom(...TIMESTAMPS)
  if (type === 'date') return fc.constantFrom(...DATES)
  if (type === 'time') return fc.constantFrom(...TIMES)
  if (type === 'object') return documentArbitrary(field.fields ?? [])
  const inner = items === undefined ? fc.constant(null) : valueArbitrary(items)
  return type === 'array' ? fc.array(inner, { maxLength: 4 }) : fc.dictionary(fc.constantFrom('k', 'l'), inner)
}
