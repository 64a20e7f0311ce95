import { DAY_MS, type Json, SECOND_MS } from '../../kernel/index.ts'
import { align, fromDecimal, toDecimal } from '../decimal.ts'
import type { FieldPlan, FieldRules } from '../define.ts'
import { isMoment, type MomentType } from '../moment.ts'
import { acceptsValue } from '../plan/accepts.ts'
import { patternSamples } from './pattern-samples.ts'

/** Enum values that are looked past to find one that is not among them. */
const MAX_STEPS = 1_000
/** Longer texts and lists make poor witnesses. */
const MAX_LENGTH = 10_000
const MAX_ITEMS = 1_000

/**
 * Scalar values at which `field` and `other` may differ: both sides of every bound, enum values and their neighbours,
 * matches of the patterns. For numbers, booleans, moments and texts without a pattern they decide: if `field` accepts a
 * value that a single rule of `other` refuses, one of these is such a value.
 */
export function candidates(field: FieldPlan, other: FieldPlan): readonly Json[] {
  const listed = [...(field.rules.enum ?? []), ...(other.rules.enum ?? [])]
  const steps = Math.min(other.rules.enum?.length ?? 0, MAX_STEPS) + 2
  switch (field.type) {
    case 'boolean':
      return [true, false]
    case 'integer':
    case 'number':
      return [...listed, ...numbers(field, other.rules, steps)]
    case 'string':
      return [...listed, ...texts(field.rules, other.rules, steps)]
    case 'array':
    case 'object':
    case 'map':
      return []
    default:
      return [...listed, ...moments(field.type, field.rules, other.rules, steps)]
  }
}

/** A small value that the field accepts, `undefined` where none was found. */
export function sampleValue(field: FieldPlan): Json | undefined {
  return sampleValues(field, 1)[0]
}

/** Up to `count` different values that the field accepts. */
function sampleValues(field: FieldPlan, count: number): readonly Json[] {
  if (field.type === 'object') return oneOrNone(sampleDocument(field.fields ?? []))
  if (field.type === 'map') return [{}]
  if (field.type === 'array') return oneOrNone(sampleArray(field, []))
  const found = new Set<Json>()
  for (const value of candidates(field, {
    ...field,
    rules: { ...field.rules, enum: Array.from({ length: count }, () => '') },
  })) {
    if (found.size === count) break
    if (acceptsValue(field, value)) found.add(value)
  }
  return [...found]
}

function oneOrNone(value: Json | undefined): readonly Json[] {
  return value === undefined ? [] : [value]
}

/** A document with the required members only, and with `members`; `undefined` where none was found. */
export function sampleDocument(
  fields: readonly FieldPlan[],
  members: { readonly [name: string]: Json } = {},
): Json | undefined {
  const document: [string, Json][] = []
  for (const field of fields) {
    if (Object.hasOwn(members, field.name)) document.push([field.name, members[field.name]!])
    else if (field.required) {
      const value = sampleValue(field)
      if (value === undefined) return undefined
      document.push([field.name, value])
    }
  }
  return Object.fromEntries(document)
}

/** An array that the field accepts, starting with `first`, of `length` items or as short as may be. */
export function sampleArray(field: FieldPlan, first: readonly Json[], length?: number): Json | undefined {
  const size = Math.max(length ?? field.rules.minItems ?? 0, first.length)
  const { items } = field
  if (size > MAX_ITEMS || items === undefined) return undefined
  const fill = size === first.length ? [] : sampleValues(items, field.rules.uniqueItems ? size + 1 : 1)
  const array = [...first]
  for (let index = 0; array.length < size && index < size + fill.length; index++) {
    const value = field.rules.uniqueItems ? fill[index] : fill[0]
    if (value === undefined) return undefined
    if (!field.rules.uniqueItems || !array.includes(value)) array.push(value)
  }
  return array.length === size ? array : undefined
}

function numbers(field: FieldPlan, other: FieldRules, steps: number): readonly number[] {
  const own = field.rules
  const bounds = [own, other].flatMap(({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }) =>
    [minimum, maximum, exclusiveMinimum, exclusiveMaximum].filter((bound) => bound !== undefined),
  )
  const pivots = [...new Set([0, ...bounds])].sort((a, b) => a - b)
  const step = stepOf(field)
  return step === null ? dense(own, pivots, steps) : pivots.flatMap((pivot) => multiples(pivot, step, steps))
}

/** The distance of neighbouring values of a field: `null` where there is none, as for a plain `number`. */
function stepOf({ type, rules }: FieldPlan): number | null {
  if (rules.multipleOf === undefined) return type === 'integer' ? 1 : null
  if (type === 'number') return rules.multipleOf
  const { units, scale } = toDecimal(rules.multipleOf)
  return Number(units / gcd(units, 10n ** BigInt(scale)))
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b)
}

/** Multiples of `step` around `pivot`: two below, and `count` and two more above. */
function multiples(pivot: number, step: number, count: number): readonly number[] {
  const { a, b, scale } = align(toDecimal(pivot), toDecimal(step))
  const nearest = a / b
  return Array.from({ length: count + 5 }, (_, index) =>
    fromDecimal({ units: (nearest + BigInt(index - 2)) * b, scale }),
  )
}

function dense(own: FieldRules, pivots: readonly number[], count: number): readonly number[] {
  const low = own.minimum ?? own.exclusiveMinimum ?? Math.min(-1_000, pivots[0]! - 1_000)
  const high = own.maximum ?? own.exclusiveMaximum ?? Math.max(1_000, pivots.at(-1)! + 1_000)
  const spread = Array.from(
    { length: count + 3 },
    (_, index) => low + ((high - low) * (index + 0.618034)) / (count + 4),
  )
  const near = pivots.flatMap((pivot, index) => {
    const next = pivots[index + 1]
    const offsets = [pivot, pivot - 1, pivot + 1, pivot - 0.5, pivot + 0.5, pivot - 0.015625, pivot + 0.015625]
    return next === undefined ? offsets : [...offsets, pivot + (next - pivot) / 2, pivot + (next - pivot) / Math.PI]
  })
  return [...near, low, high, ...spread]
}

function texts(own: FieldRules, other: FieldRules, steps: number): readonly string[] {
  const bounds = [other, own].flatMap(({ minLength, maxLength }) =>
    [minLength, maxLength].filter((bound) => bound !== undefined),
  )
  const around = bounds.flatMap((bound) => [bound, bound - 1, bound + 1])
  const lengths = [...new Set([own.minLength ?? 0, 1, 0, ...around])].filter(
    (length) => length >= 0 && length <= MAX_LENGTH,
  )
  const plain = lengths.flatMap((length) => ['x', 'A', '0', ' ', '-'].map((character) => character.repeat(length)))
  const patterns = [own.pattern, other.pattern].filter((pattern) => pattern !== undefined)
  const matches = patterns.flatMap((pattern) => patternSamples(pattern, 40))
  const broken = matches
    .slice(0, 12)
    .flatMap((text) => [`${text}x`, `x${text}`, text.slice(1), text.toLowerCase(), text.toUpperCase()])
  return [...matches, ...plain, ...broken, ...distinct(lengths, steps)]
}

/** `count` different texts of every length but 0, lest an enum holds all the simple ones. */
function distinct(lengths: readonly number[], count: number): readonly string[] {
  return lengths
    .filter((length) => length > 0 && length <= 100)
    .flatMap((length) =>
      Array.from({ length: count }, (_, index) => String.fromCodePoint(0x4e00 + index) + 'x'.repeat(length - 1)),
    )
}

const DEFAULT_MOMENT = { timestamp: '2013-01-01T00:00:00Z', date: '2013-01-01', time: '00:00:00' } as const

function moments(type: MomentType, own: FieldRules, other: FieldRules, steps: number): readonly string[] {
  const bounds = [own.earliest, own.latest, other.earliest, other.latest].filter((bound) => bound !== undefined)
  const pivots = [...bounds, DEFAULT_MOMENT[type]]
  const written = pivots.flatMap((pivot) =>
    Array.from({ length: steps + 3 }, (_, index) => shift(type, pivot, index - 2)),
  )
  return [...bounds, ...written].filter((text) => isMoment(type, text))
}

/** The moment `count` days (of a date) or seconds after `text`. */
function shift(type: MomentType, text: string, count: number): string {
  const prefix = type === 'time' ? '1970-01-01T' : ''
  const zone = type === 'time' ? 'Z' : ''
  const time = Date.parse(`${prefix}${text}${zone}`) + count * (type === 'date' ? DAY_MS : SECOND_MS)
  const iso = Number.isFinite(time) ? new Date(time).toISOString() : ''
  if (type === 'date') return iso.slice(0, 10)
  return type === 'time' ? iso.slice(11, 19) : iso
}
