import type { FieldPlan, LogicalType } from '../../contract/index.ts'
import type { Violation, ViolationCode } from '../define.ts'

const TYPE_PHRASES: Readonly<Record<LogicalType, string>> = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  date: 'a date (YYYY-MM-DD)',
  timestamp: 'a timestamp (ISO 8601 with zone)',
  time: 'a time (HH:MM:SS)',
  object: 'an object',
  array: 'an array',
  map: 'an object',
}

/** What the contract wants of a field under one rule, as a phrase that fits behind "expected". */
export function expectation(code: ViolationCode, field: FieldPlan): string {
  const { rules } = field
  switch (code) {
    case 'type':
      return TYPE_PHRASES[field.type]
    case 'minLength':
      return `at least ${rules.minLength} characters`
    case 'maxLength':
      return `at most ${rules.maxLength} characters`
    case 'pattern':
      return `text that matches ${rules.pattern}`
    case 'enum':
      return `one of ${rules.enum?.map((value) => JSON.stringify(value)).join(', ')}`
    case 'minimum':
      return `at least ${rules.minimum}`
    case 'maximum':
      return `at most ${rules.maximum}`
    case 'exclusiveMinimum':
      return `more than ${rules.exclusiveMinimum}`
    case 'exclusiveMaximum':
      return `less than ${rules.exclusiveMaximum}`
    case 'multipleOf':
      return `a multiple of ${rules.multipleOf}`
    case 'earliest':
      return `at or after ${rules.earliest}`
    case 'latest':
      return `at or before ${rules.latest}`
    case 'minItems':
      return `at least ${rules.minItems} items`
    case 'maxItems':
      return `at most ${rules.maxItems} items`
    case 'uniqueItems':
      return 'no item twice'
    default:
      return 'a value'
  }
}

const HAVE: ReadonlySet<ViolationCode> = new Set(['minLength', 'maxLength', 'minItems', 'maxItems', 'uniqueItems'])
/** More broken rules than this are only counted in a reason. */
const REASON_RULES_MAX = 5

/**
 * The broken rules as one sentence, in the order of their ids: equal for all records that break the same rules.
 *
 * @example reasonOf(violations) // 'distance must be at least 50; tailnum is required'
 */
export function reasonOf(violations: readonly Violation[]): string {
  const byRule = new Map(violations.map((violation) => [violation.ruleId, violation]))
  const rules = [...byRule.keys()].sort()
  const phrases = rules.slice(0, REASON_RULES_MAX).map((ruleId) => phrase(byRule.get(ruleId)!))
  const more = rules.length - phrases.length
  return phrases.join('; ') + (more > 0 ? `; and ${more} more` : '')
}

function phrase({ ruleId, code, expected }: Violation): string {
  if (code === 'rule') return `the rule ${ruleId} must hold: ${expected}`
  const path = ruleId === code ? 'the record' : ruleId.slice(0, -code.length - 1)
  if (code === 'required') return `${path} is required`
  return `${path} must ${HAVE.has(code) ? 'have' : 'be'} ${expected}`
}
