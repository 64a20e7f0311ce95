import type { FieldPlan, FieldRules } from '../../define.ts'
import { isMomentType } from '../../moment.ts'
import { NotExpressible } from './define.ts'
import { isStorable, SAFE, textLiteral } from './literal.ts'
import { earliestLiteral, exactLiteral, latestLiteral, MOMENT_RANGES } from './moment.ts'
import { postgresPattern } from './pattern.ts'

/** A rule of a field over its column: SQL that is false for the values that break it. */
export interface ColumnCheck {
  /** As the validator names the rule: `type`, `minimum`, `pattern` … */
  readonly code: string
  /** `null` where PostgreSQL cannot express it. */
  readonly holds: string | null
}

type Rule = keyof FieldRules

/** The greatest finite double, which is what a number of JSON can be. */
const DOUBLE_MAX = '1.7976931348623157e+308'

/** The rules of a field that is not nested, `column` being its quoted name. */
export function columnChecks({ type, rules }: FieldPlan, column: string): readonly ColumnCheck[] {
  const checks: ColumnCheck[] = []
  if (type === 'integer') checks.push({ code: 'type', holds: `${column} ${SAFE}` })
  if (type === 'number') checks.push({ code: 'type', holds: `${column} BETWEEN -${DOUBLE_MAX} AND ${DOUBLE_MAX}` })
  if (isMomentType(type)) checks.push({ code: 'type', holds: MOMENT_RANGES[type](column) })
  for (const code of applying(type, rules))
    checks.push({ code, holds: orNull(() => columnRule(type, rules, code, column)) })
  return checks
}

function columnRule(type: FieldPlan['type'], rules: FieldRules, code: Rule, column: string): string {
  if (!isMomentType(type)) return scalarRule(type, rules, code, column)
  if (code === 'earliest') return `${column} >= ${earliestLiteral(type, rules.earliest!)}`
  if (code === 'latest') return `${column} <= ${latestLiteral(type, rules.latest!)}`
  return oneOf(
    column,
    (rules.enum ?? []).flatMap((value) => exactLiteral(type, String(value)) ?? []),
  )
}

/** A rule of a text, number or boolean, which `value` is SQL of. */
export function scalarRule(type: FieldPlan['type'], rules: FieldRules, code: Rule, value: string): string {
  switch (code) {
    case 'minLength':
      return `char_length(${value}) >= ${rules.minLength}`
    case 'maxLength':
      return `char_length(${value}) <= ${rules.maxLength}`
    case 'pattern':
      return `${value} ~ ${textLiteral(expressible(rules.pattern!))}`
    case 'minimum':
      return `${value} >= ${rules.minimum}`
    case 'maximum':
      return `${value} <= ${rules.maximum}`
    case 'exclusiveMinimum':
      return `${value} > ${rules.exclusiveMinimum}`
    case 'exclusiveMaximum':
      return `${value} < ${rules.exclusiveMaximum}`
    case 'multipleOf':
      return rules.multipleOf === 0 ? `${value} IS NULL` : `mod((${value})::numeric, ${rules.multipleOf}) = 0`
    case 'enum':
      return oneOf(value, literals(type, rules.enum ?? []))
    default:
      throw new NotExpressible(`a ${type} has no rule "${code}"`)
  }
}

/** The rules that a field states and that apply to a type that is not nested. */
export function applying(type: FieldPlan['type'], rules: FieldRules): readonly Rule[] {
  const codes: readonly Rule[] = isMomentType(type)
    ? ['earliest', 'latest', 'enum']
    : type === 'string'
      ? ['minLength', 'maxLength', 'pattern', 'enum']
      : type === 'boolean'
        ? ['enum']
        : ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'enum']
  return codes.filter((code) => rules[code] !== undefined)
}

/** Where there is no option, no value is one; a missing value keeps every rule. */
export function oneOf(value: string, options: readonly string[]): string {
  return options.length === 0 ? `${value} IS NULL` : `${value} IN (${options.join(', ')})`
}

function literals(type: FieldPlan['type'], values: NonNullable<FieldRules['enum']>): readonly string[] {
  const kind = type === 'integer' ? 'number' : type
  return values
    .filter((value) => typeof value === kind && (typeof value !== 'string' || isStorable(value)))
    .map((value) => (typeof value === 'string' ? textLiteral(value) : String(value)))
}

function expressible(pattern: string): string {
  const found = postgresPattern(pattern)
  if (found === null)
    throw new NotExpressible('its pattern has look-around or back-references, or is too large for PostgreSQL')
  return found
}

/** `null` for what PostgreSQL cannot express. */
function orNull(write: () => string): string | null {
  try {
    return write()
  } catch (thrown) {
    if (thrown instanceof NotExpressible) return null
    throw thrown
  }
}
