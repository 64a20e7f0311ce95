import { toDecimal } from '../../decimal.ts'
import type { FieldPlan } from '../../define.ts'
import { isInteger, isSmallInteger, type PhysicalType } from './physical-type.ts'
import { doubleOf } from './value-sql.ts'

const SAFE = Number.MAX_SAFE_INTEGER
/** The grammar of a JSON number, for columns of text. */
const JSON_NUMBER = '-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?'
/** More decimals than this do not fit a 38 digit decimal beside the whole part of a safe integer. */
const SCALE_MAX = 20

/** How the rules of a number read one column. */
export interface NumberSql {
  /** The value as a double; null where it is none. */
  readonly double: string
  /** True for values of the logical type. */
  readonly isOfType: string
  /** True for values that break the rule. */
  broken(code: string): string
  /** For `multipleOf`: true where SQL can decide it exactly; `null` where it always can. */
  readonly multipleDecidable: string | null
}

export function numberSql(plan: FieldPlan, column: string, type: PhysicalType, isText: boolean): NumberSql {
  const double = isText
    ? `CASE WHEN regexp_full_match(${column}, '${JSON_NUMBER}') THEN TRY_CAST(${column} AS DOUBLE) END`
    : doubleOf(column, type)
  const whole = plan.type === 'integer'
  const compared = isInteger(type) && whole ? column : double
  return {
    double,
    isOfType: isOfType(whole, column, type, double, isText),
    broken: (code) => brokenNumber(plan, code, compared, double),
    multipleDecidable: whole || isSmallInteger(type) ? null : `abs(${double}) <= ${SAFE}`,
  }
}

function isOfType(whole: boolean, column: string, type: PhysicalType, double: string, isText: boolean): string {
  if (isSmallInteger(type)) return 'true'
  if (isInteger(type)) return whole ? `${column} BETWEEN -${SAFE} AND ${SAFE}` : 'true'
  if (whole) return `coalesce(trunc(${double}) = ${double} AND abs(${double}) <= ${SAFE}, false)`
  return type.kind === 'decimal' ? 'true' : isText ? `coalesce(isfinite(${double}), false)` : `isfinite(${double})`
}

function brokenNumber({ rules }: FieldPlan, code: string, compared: string, double: string): string {
  switch (code) {
    case 'minimum':
      return `${compared} < ${literal(rules.minimum!)}`
    case 'maximum':
      return `${compared} > ${literal(rules.maximum!)}`
    case 'exclusiveMinimum':
      return `${compared} <= ${literal(rules.exclusiveMinimum!)}`
    case 'exclusiveMaximum':
      return `${compared} >= ${literal(rules.exclusiveMaximum!)}`
    case 'enum':
      return `${compared} NOT IN (${(rules.enum ?? []).map((value) => literal(value as number)).join(', ')})`
    default:
      return notMultiple(double, rules.multipleOf!)
  }
}

/**
 * Exact for values within ±(2^53 − 1): by the remainder of doubles, which is exact, for a whole step; else by the
 * decimal digits. A value with more decimals than the step is no multiple of it.
 */
function notMultiple(double: string, step: number): string {
  const { units, scale } = toDecimal(step)
  if (scale === 0) return `${double} % ${literal(step)} <> 0`
  const rounded = `TRY_CAST((${double})::VARCHAR AS DECIMAL(38, ${scale}))`
  return `(${rounded}::VARCHAR::DOUBLE <> ${double} OR replace(${rounded}::VARCHAR, '.', '')::HUGEINT % ${units} <> 0)`
}

/** Whether SQL can tell the multiples of a step at all. */
export function isMultipleExpressible(step: number): boolean {
  const { units, scale } = toDecimal(step)
  return scale === 0 ? Number.isSafeInteger(step) : scale <= SCALE_MAX && units <= 10n ** 37n
}

/** A whole number as it is, so that DuckDB can compare it with the statistics of a column; else a double, exactly. */
function literal(value: number): string {
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : `'${value}'::DOUBLE`
}
