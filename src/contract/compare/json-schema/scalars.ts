import type { Json, JsonObject } from '../../../kernel/index.ts'
import { align, fromDecimal, toDecimal } from '../../decimal.ts'
import { patternSamples } from '../pattern-samples.ts'
import type { View } from './views.ts'

const LENGTH_MAX = 10_000
const STEP_COUNT = 6

/** Numbers at which schemas may differ: both sides of every bound, and multiples around it. */
export function numbers(parts: View): readonly number[] {
  const bounds = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'].flatMap((key) => numbersAt(parts, key))
  const steps = numbersAt(parts, 'multipleOf').filter((step) => step > 0)
  const pivots = [...new Set([0, 1, ...bounds])].slice(0, 40)
  const near = pivots.flatMap((pivot) => [pivot, pivot + 1, pivot - 1, pivot + 0.5, pivot - 0.5])
  const between = pivots.flatMap((a) => pivots.map((b) => (a + b) / 2)).slice(0, 200)
  const multiples = steps.slice(0, 8).flatMap((step) => pivots.flatMap((pivot) => multiplesNear(pivot, step)))
  return [...near, ...multiples, ...between, 1e9, -1e9, 0.1].filter(Number.isFinite)
}

function multiplesNear(pivot: number, step: number): readonly number[] {
  const { a, b, scale } = align(toDecimal(pivot), toDecimal(step))
  const nearest = a / b
  return Array.from({ length: STEP_COUNT }, (_, index) =>
    fromDecimal({ units: (nearest + BigInt(index - 2)) * b, scale }),
  )
}

/** Texts at which schemas may differ: lengths at every bound, matches of the patterns and what nearly matches. */
export function texts(parts: View): readonly string[] {
  const bounds = ['minLength', 'maxLength'].flatMap((key) => numbersAt(parts, key))
  const lengths = [...new Set([0, 1, 3, ...bounds.flatMap((bound) => [bound, bound - 1, bound + 1])])]
    .filter((length) => length >= 0 && length <= LENGTH_MAX)
    .slice(0, 30)
  const plain = lengths.flatMap((length) => ['x', 'A', '0', ' '].map((character) => character.repeat(length)))
  const patterns = [...new Set(parts.flatMap(({ pattern }) => (typeof pattern === 'string' ? [pattern] : [])))]
  const matching = patterns.slice(0, 8).flatMap((pattern) => patternSamples(pattern, 24))
  const nearly = matching.slice(0, 16).flatMap((text) => [`${text}x`, `x${text}`, text.slice(1), text.toUpperCase()])
  return [...matching, ...plain, ...nearly, 'é', '2013-01-01', '2013-01-01T00:00:00Z', '\u{1F600}']
}

/** Values that the schemas name. */
export function namedValues(parts: View): readonly Json[] {
  return parts.flatMap((schema) => [
    ...(Array.isArray(schema.enum) ? (schema.enum as readonly Json[]).slice(0, 1_000) : []),
    ...['const', 'default'].flatMap((key) => (schema[key] === undefined ? [] : [schema[key]])),
    ...(Array.isArray(schema.examples) ? (schema.examples as readonly Json[]).slice(0, 10) : []),
  ])
}

export function numbersAt(parts: readonly JsonObject[], key: string): readonly number[] {
  return parts.flatMap((schema) => (typeof schema[key] === 'number' ? [schema[key]] : []))
}
