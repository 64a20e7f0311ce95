/** Random validation plans and random events for them, most of which nearly conform. */
import fc from 'fast-check'
import type { FieldPlan, FieldRules, LogicalType, ValidationPlan } from '../src/contract/index.ts'
import type { RegisteredVersion } from '../src/validation/index.ts'

export function planOf(fields: readonly FieldPlan[], more: Partial<ValidationPlan> = {}): ValidationPlan {
  return {
    planVersion: 2,
    contractId: 'c',
    contractVersion: '1.0.0',
    topic: 't',
    cdc: null,
    key: [],
    eventTime: null,
    fields,
    rules: [],
    hash: JSON.stringify(fields),
    ...more,
  }
}

/** A version, active from the given offset of partition 0 on. */
export function registeredVersion(
  plan: ValidationPlan,
  activeFrom = 0,
  migrations: RegisteredVersion['contract']['migrations'] = [],
): RegisteredVersion {
  const contract = { migrations, deadLetters: { blockKey: false, breaker: null } }
  return { plan, contract, activeFrom: [activeFrom] }
}

const NAMES = [
  'a',
  'b',
  'id',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'a"b',
  "it's",
  '\\',
  '$\u{7b}x}',
  '`',
  '\u2028',
  'é',
  '😀',
  '',
  'a.b',
  '*/',
]
/** What ajv, the oracle, can judge: it overlooks required members named '' and any named `__proto__`. */
const fieldName = fc
  .oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 4 }))
  .filter((name) => name !== '' && name !== '__proto__')
const PATTERNS = ['^[A-Z]{2}$', 'a|b', '^(a+)+$', '\\d', '^\\p{L}*$', 'é', '\'"`\\\\', '^.{1,3}$']
const EARLIEST = { timestamp: '2012-01-01T00:00:00Z', date: '2012-02-29', time: '06:00:00.5' } as const
const LATEST = { timestamp: '2014-01-01T00:00:00.25+01:00', date: '2013-12-31', time: '22:00:00' } as const

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 })
const defined = (rules: Record<string, unknown>): FieldRules =>
  Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined))

const textRules = fc.record({
  minLength: optional(fc.nat(3)),
  maxLength: optional(fc.integer({ min: 1, max: 6 })),
  pattern: optional(fc.constantFrom(...PATTERNS)),
  enum: optional(
    fc.constantFrom(['AB', 'é', '😀'], ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'AB'], ["'", '"', '\u2028']),
  ),
})
const numberRules = fc.record({
  minimum: optional(fc.integer({ min: -5, max: 2 })),
  maximum: optional(fc.integer({ min: 5, max: 200 })),
  exclusiveMinimum: optional(fc.constantFrom(-5, 0, -0.5)),
  exclusiveMaximum: optional(fc.constantFrom(5, 100, 99.5)),
  multipleOf: optional(fc.constantFrom(1, 2, 5, 0.1, 0.01, 0.25)),
  enum: optional(fc.constantFrom([1, 2, 0.5], [0, -1])),
})
const itemRules = fc.record({
  minItems: optional(fc.nat(2)),
  maxItems: optional(fc.integer({ min: 1, max: 3 })),
  uniqueItems: optional(fc.boolean()),
})
const momentRules = (type: 'timestamp' | 'date' | 'time') =>
  fc.record({ earliest: optional(fc.constant(EARLIEST[type])), latest: optional(fc.constant(LATEST[type])) })

const LEAVES: readonly LogicalType[] = ['string', 'integer', 'number', 'boolean', 'date', 'timestamp', 'time']

function rulesFor(type: LogicalType): fc.Arbitrary<FieldRules> {
  if (type === 'string') return textRules.map(defined)
  if (type === 'integer' || type === 'number') return numberRules.map(defined)
  if (type === 'array') return itemRules.map(defined)
  if (type === 'date' || type === 'timestamp' || type === 'time') return momentRules(type).map(defined)
  return fc.constant({})
}

function fieldOf(depth: number): fc.Arbitrary<FieldPlan> {
  const types = depth === 0 ? LEAVES : [...LEAVES, ...LEAVES, 'object' as const, 'array' as const, 'map' as const]
  return fc.constantFrom(...types).chain((type) =>
    fc
      .record({
        name: fieldName,
        required: fc.boolean(),
        rules: rulesFor(type),
        fields: type === 'object' ? fieldsOf(depth - 1) : fc.constant(undefined),
        items: type === 'array' || type === 'map' ? fieldOf(depth - 1) : fc.constant(undefined),
      })
      .map(({ fields, items, ...rest }) => ({ ...rest, type, ...(fields && { fields }), ...(items && { items }) })),
  )
}

function fieldsOf(depth: number): fc.Arbitrary<readonly FieldPlan[]> {
  return fc.uniqueArray(fieldOf(depth), { maxLength: 6, selector: ({ name }) => name })
}

export const randomFields = fieldsOf(2)

const two = fc.integer({ min: 0, max: 61 }).map((n) => String(n).padStart(2, '0'))
const clock = fc
  .tuple(two, two, two, fc.constantFrom('', '.5', '.500', '.123456789', '.'))
  .map(([h, m, s, fraction]) => `${h}:${m}:${s}${fraction}`)
const day = fc
  .tuple(fc.constantFrom('2013', '2012', '2000', '1900', '0000'), fc.nat(13), fc.nat(32))
  .map(([year, month, date]) => `${year}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`)
const zone = fc.constantFrom('Z', 'Z', '+01:00', '-23:59', '+24:00', 'z', '', '+0100')

/** Texts that are, or nearly are, timestamps, dates and times. */
export const moments = fc.oneof(
  day,
  clock,
  fc.tuple(day, fc.constantFrom('T', 'T', 'T', ' '), clock, zone).map((parts) => parts.join('')),
  fc.constantFrom(
    ...Object.values(EARLIEST),
    ...Object.values(LATEST),
    '2013-12-31T23:00:00.250Z',
    '2013-12-31T23:00:00.2500001Z',
  ),
  fc
    .date({ noInvalidDate: true, min: new Date('2011-01-01'), max: new Date('2015-01-01') })
    .map((date) => date.toISOString()),
)

const WILD = [
  'null',
  'true',
  '"x"',
  '0',
  '1.5',
  '[]',
  '{}',
  '[null]',
  '{"a":null}',
  '1e999',
  '-0',
  '1.0',
  '2e0',
  '9007199254740993',
  '12345678901234567890',
  '"\\u0041B"',
  '"\\ud800"',
  '"😀😀"',
  '""',
  '0.30000000000000004',
  '"AB"',
]
const wild = fc.oneof(fc.constantFrom(...WILD), fc.json({ maxDepth: 2 }))
const quoted = (text: string) => JSON.stringify(text)

function valueText(field: FieldPlan): fc.Arbitrary<string> {
  return fc.oneof({ weight: 12, arbitrary: typedText(field) }, { weight: 1, arbitrary: wild })
}

function typedText(field: FieldPlan): fc.Arbitrary<string> {
  const values = field.rules.enum
  if (values && values.length > 0) return fc.constantFrom(...values).map((value) => JSON.stringify(value))
  switch (field.type) {
    case 'string':
      return fc.oneof(
        fc.constantFrom('AB', 'é', 'aaa', 'b1', '😀é').map(quoted),
        fc.string({ unit: 'grapheme', maxLength: 6 }).map(quoted),
      )
    case 'integer':
      return fc.integer({ min: -6, max: 120 }).map(String)
    case 'number':
      return fc.oneof(
        fc.integer({ min: -600, max: 12_000 }).map((n) => String(n / 100)),
        fc.integer({ min: -6, max: 120 }).map((n) => n.toFixed(1)),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      )
    case 'boolean':
      return fc.boolean().map(String)
    case 'object':
      return eventText(field.fields ?? [])
    case 'array':
      return fc.array(valueText(field.items!), { maxLength: 4 }).map((items) => `[${items.join(',')}]`)
    case 'map':
      return fc
        .array(fc.tuple(fc.constantFrom(...NAMES), valueText(field.items!)), { maxLength: 3 })
        .map((members) => `{${members.map(([name, value]) => `${quoted(name)}:${value}`).join(',')}}`)
    default:
      return fc
        .oneof({ weight: 3, arbitrary: conformingMoment(field.type) }, { weight: 1, arbitrary: moments })
        .map(quoted)
  }
}

function conformingMoment(type: 'timestamp' | 'date' | 'time'): fc.Arbitrary<string> {
  const range = { noInvalidDate: true, min: new Date('2011-06-01'), max: new Date('2014-06-01') }
  return fc.date(range).map((date) => {
    const text = date.toISOString()
    return type === 'timestamp' ? text : type === 'date' ? text.slice(0, 10) : text.slice(11, 19)
  })
}

/** JSON texts of events with these fields: members left out, added, repeated, out of order, with white space. */
export function eventText(fields: readonly FieldPlan[]): fc.Arbitrary<string> {
  const members = fields.map((field) =>
    fc.tuple(
      fc.constant(quoted(field.name)),
      valueText(field),
      fc.integer({ min: 0, max: 15 }).map((n) => n > 0),
    ),
  )
  const extra = fc.array(fc.tuple(fc.constantFrom(...NAMES).map(quoted), wild), { maxLength: 2 })
  const layout = fc.record({
    space: fc.constantFrom('', '', '', '', ' ', '\n\t'),
    shuffled: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    extras: fc.oneof({ weight: 4, arbitrary: fc.constant([] as [string, string][]) }, { weight: 1, arbitrary: extra }),
  })
  return fc.tuple(fc.tuple(...members), layout).map(([all, { space, shuffled, extras }]) => {
    const present = all.filter(([, , there]) => there).map(([name, value]) => `${name}${space}:${space}${value}`)
    const ordered = shuffled ? present.reverse() : present
    const added = extras.map(([name, value]) => `${name}:${value}`)
    return `{${space}${[...ordered, ...added].join(`,${space}`)}${space}}`
  })
}
