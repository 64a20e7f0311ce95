import { canonicalJson, isJsonObject } from '../../kernel/index.ts'
import { isMultipleOf } from '../decimal.ts'
import type { FieldPlan, FieldRules, LogicalType } from '../define.ts'
import { compareMoments, isMoment, isMomentType } from '../moment.ts'
import { type BoundedPattern, compilePattern } from '../pattern/bounded-pattern.ts'

/**
 * The meaning of a validation plan, written as plainly as possible. Engines that check records are fast and are tested
 * against it; the comparison of contracts uses it to prove each witness.
 */
export function acceptsDocument(fields: readonly FieldPlan[], document: unknown): boolean {
  if (!isJsonObject(document)) return false
  return fields.every((field) =>
    acceptsValue(field, Object.hasOwn(document, field.name) ? document[field.name] : undefined),
  )
}

/** Whether a field may hold `value`; `undefined` stands for a member that is missing. */
export function acceptsValue(field: FieldPlan, value: unknown): boolean {
  if (value === undefined || value === null) return !field.required
  return isOfType(field.type, value) && obeys(field.type, field.rules, value) && acceptsInside(field, value)
}

function acceptsInside(field: FieldPlan, value: unknown): boolean {
  const { items } = field
  if (field.type === 'object') return acceptsDocument(field.fields ?? [], value)
  if (items === undefined) return true
  if (Array.isArray(value)) return value.every((item) => acceptsValue(items, item))
  return !isJsonObject(value) || Object.values(value).every((item) => acceptsValue(items, item))
}

export function isOfType(type: LogicalType, value: unknown): boolean {
  if (type === 'integer') return Number.isSafeInteger(value)
  if (type === 'number') return Number.isFinite(value)
  if (type === 'array') return Array.isArray(value)
  if (type === 'object' || type === 'map') return isJsonObject(value)
  if (isMomentType(type)) return typeof value === 'string' && isMoment(type, value)
  return typeof value === type
}

/** Whether a value of the right type keeps to the rules of its field. */
export function obeys(type: LogicalType, rules: FieldRules, value: unknown): boolean {
  if (rules.enum !== undefined && !rules.enum.includes(value as string)) return false
  if (isMomentType(type)) {
    const text = value as string
    return (
      (rules.earliest === undefined || compareMoments(type, rules.earliest, text) <= 0) &&
      (rules.latest === undefined || compareMoments(type, text, rules.latest) <= 0)
    )
  }
  if (typeof value === 'string') return obeysText(rules, value)
  if (typeof value === 'number') return obeysNumber(rules, value)
  return !Array.isArray(value) || obeysItems(rules, value)
}

function obeysText(rules: FieldRules, value: string): boolean {
  const length = codePoints(value)
  if (length < (rules.minLength ?? 0) || length > (rules.maxLength ?? Infinity)) return false
  return rules.pattern === undefined || matches(rules.pattern, value)
}

function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

function obeysNumber(rules: FieldRules, value: number): boolean {
  if (value < (rules.minimum ?? -Infinity) || value > (rules.maximum ?? Infinity)) return false
  if (rules.exclusiveMinimum !== undefined && value <= rules.exclusiveMinimum) return false
  if (rules.exclusiveMaximum !== undefined && value >= rules.exclusiveMaximum) return false
  return rules.multipleOf === undefined || isMultipleOf(value, rules.multipleOf)
}

function obeysItems(rules: FieldRules, value: readonly unknown[]): boolean {
  if (value.length < (rules.minItems ?? 0) || value.length > (rules.maxItems ?? Infinity)) return false
  return rules.uniqueItems !== true || areDistinct(value)
}

/** No two items are the same JSON, in whatever order their members stand. */
export function areDistinct(items: readonly unknown[]): boolean {
  return new Set(items.map(canonicalJson)).size === items.length
}

const compiled = new Map<string, BoundedPattern>()
const COMPILED_MAX = 200

/** In bounded time, whatever a contract or a record holds. */
function matches(source: string, text: string): boolean {
  const pattern = compiled.get(source) ?? compilePattern(source, 'pattern')
  if (compiled.size < COMPILED_MAX) compiled.set(source, pattern)
  return pattern.test(text)
}
