/**
 * What generated rules call. No value is `undefined`, which every operation hands on; `and`, `or`, `not`, `if` are
 * written out by the generator.
 */
import { isMoment, toInstant } from '../../../contract/index.ts'
import { codePoints } from '../text-length.ts'

export type Optional<T> = T | undefined

/** Debezium writes this where it did not read a large column: its value is unknown. */
export const UNAVAILABLE = '__debezium_unavailable_value'

export function own(members: unknown, name: string): unknown {
  return typeof members === 'object' && members !== null && Object.hasOwn(members, name)
    ? (members as Readonly<Record<string, unknown>>)[name]
    : undefined
}

/** The value where it has the type, else none. */
export const typed = {
  string: (value: unknown) => (typeof value === 'string' ? value : undefined),
  boolean: (value: unknown) => (typeof value === 'boolean' ? value : undefined),
  integer: (value: unknown) => (Number.isSafeInteger(value) ? (value as number) : undefined),
  number: (value: unknown) => (Number.isFinite(value) ? (value as number) : undefined),
  date: (value: unknown) => (typeof value === 'string' && isMoment('date', value) ? value : undefined),
  time: (value: unknown) => (typeof value === 'string' && isMoment('time', value) ? value : undefined),
  timestamp: (value: unknown) => (typeof value === 'string' && isMoment('timestamp', value) ? value : undefined),
  array: (value: unknown) => (Array.isArray(value) ? (value as readonly unknown[]) : undefined),
  object: (value: unknown) => (isMembers(value) ? value : undefined),
  map: (value: unknown) => (isMembers(value) ? value : undefined),
}

function isMembers(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

type Comparable = number | string | bigint | boolean

export function equal(a: Optional<Comparable>, b: Optional<Comparable>): Optional<boolean> {
  return a === undefined || b === undefined ? undefined : a === b
}

/** Of numbers, bigints and dates, whose texts are ASCII. */
export function less(a: Optional<Comparable>, b: Optional<Comparable>): Optional<boolean> {
  return a === undefined || b === undefined ? undefined : a < b
}

export function lessOrEqual(a: Optional<Comparable>, b: Optional<Comparable>): Optional<boolean> {
  return a === undefined || b === undefined ? undefined : a <= b
}

export function textLess(a: Optional<string>, b: Optional<string>): Optional<boolean> {
  return a === undefined || b === undefined ? undefined : compareTexts(a, b) < 0
}

export function textLessOrEqual(a: Optional<string>, b: Optional<string>): Optional<boolean> {
  return a === undefined || b === undefined ? undefined : compareTexts(a, b) <= 0
}

/** By code point, where JavaScript compares UTF-16 units: U+FF5E comes before U+1F600. */
function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  let at = 0
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++
  if (at === length) return a.length - b.length
  // Where the texts part within a surrogate pair, they part at its code point.
  const start = splitsPair(a, at) || splitsPair(b, at) ? at - 1 : at
  return a.codePointAt(start)! - b.codePointAt(start)!
}

/** Whether `at` lies between the two halves of one code point. */
function splitsPair(text: string, at: number): boolean {
  return at > 0 && (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800
}

export function startsWith(text: Optional<string>, part: Optional<string>): Optional<boolean> {
  if (text === undefined || part === undefined) return undefined
  return text.startsWith(part) && !splitsPair(text, part.length)
}

export function endsWith(text: Optional<string>, part: Optional<string>): Optional<boolean> {
  if (text === undefined || part === undefined) return undefined
  return text.endsWith(part) && !splitsPair(text, text.length - part.length)
}

export function contains(text: Optional<string>, part: Optional<string>): Optional<boolean> {
  if (text === undefined || part === undefined) return undefined
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    if (!splitsPair(text, at) && !splitsPair(text, at + part.length)) return true
    if (at === text.length) return false
  }
  return false
}

export function matches(text: Optional<string>, pattern: { test(text: string): boolean }): Optional<boolean> {
  return text === undefined ? undefined : pattern.test(text)
}

export function oneOf(value: Optional<Comparable>, options: ReadonlySet<Comparable>): Optional<boolean> {
  return value === undefined ? undefined : options.has(value)
}

export function textSize(text: Optional<string>): Optional<number> {
  return text === undefined ? undefined : codePoints(text)
}

export function itemCount(items: Optional<readonly unknown[]>): Optional<number> {
  return items?.length
}

export function memberCount(members: Optional<object>): Optional<number> {
  return members === undefined ? undefined : Object.keys(members).length
}

export function instant(text: Optional<string>): Optional<bigint> {
  return text === undefined ? undefined : toInstant(text)
}

export function safe(value: number): Optional<number> {
  return Number.isSafeInteger(value) ? value : undefined
}

export function finite(value: number): Optional<number> {
  return Number.isFinite(value) ? value : undefined
}

/** The quotient without its fraction, exactly. */
export function quotient(a: number, b: number): number {
  return b === 0 ? Number.NaN : (a - (a % b)) / b
}

export function all(
  items: Optional<readonly unknown[]>,
  condition: (item: unknown) => Optional<boolean>,
): Optional<boolean> {
  if (items === undefined) return undefined
  let result: Optional<boolean> = true
  for (let i = 0; i < items.length; i++) {
    const held = condition(items[i])
    if (held === false) return false
    if (held === undefined) result = undefined
  }
  return result
}

export function exists(
  items: Optional<readonly unknown[]>,
  condition: (item: unknown) => Optional<boolean>,
): Optional<boolean> {
  if (items === undefined) return undefined
  let result: Optional<boolean> = false
  for (let i = 0; i < items.length; i++) {
    const held = condition(items[i])
    if (held === true) return true
    if (held === undefined) result = undefined
  }
  return result
}
