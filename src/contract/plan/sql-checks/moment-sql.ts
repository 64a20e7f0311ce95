import { quoteText } from '../../../kernel/index.ts'
import type { FieldPlan } from '../../define.ts'
import { isMoment, MOMENT_PATTERNS, type MomentType, momentParts } from '../../moment.ts'
import { isScalar, type PhysicalType } from './physical-type.ts'
import { textLiteral } from './value-sql.ts'

/** How the rules of a date, time or timestamp read one column. */
export interface MomentSql {
  readonly isOfType: string
  broken(code: string): string
}

export function momentSql(plan: FieldPlan, column: string, type: PhysicalType): MomentSql {
  const moment = plan.type as MomentType
  const { earliest, latest, enum: values = [] } = plan.rules
  if (isScalar(type, 'VARCHAR'))
    return {
      isOfType: `regexp_matches(${column}, ${quoteText(MOMENT_PATTERNS[moment])})`,
      broken: (code) =>
        code === 'enum'
          ? `${column} NOT IN (${values.map((value) => textLiteral(String(value))).join(', ')})`
          : textBeyond(moment, column, code === 'earliest' ? '<' : '>', (code === 'earliest' ? earliest : latest)!),
    }
  const { ticks, perSecond, first, last } = clock(moment, column, type)
  const listed = values.flatMap((value) => exactTicks(moment, String(value), perSecond) ?? [])
  return {
    isOfType: `${moment === 'time' ? 'true' : `isfinite(${column})`} AND ${ticks} BETWEEN ${first} AND ${last}`,
    broken: (code) => {
      if (code === 'enum') return listed.length === 0 ? 'true' : `${ticks} NOT IN (${listed.join(', ')})`
      return code === 'earliest'
        ? `${ticks} < ${ticksUp(moment, earliest!, perSecond)}`
        : `${ticks} > ${ticksDown(moment, latest!, perSecond)}`
    },
  }
}

const YEAR_0_S = -62_167_219_200n
const YEAR_9999_END_S = 253_402_300_800n

/** A column as a count of ticks, and the range of years 0000 to 9999, or of one day. */
function clock(moment: MomentType, column: string, type: PhysicalType) {
  const nanoseconds = isScalar(type, 'TIMESTAMP_NS')
  const perSecond = nanoseconds ? 1_000_000_000n : 1_000_000n
  const value = isScalar(type, 'TIMESTAMP_S', 'TIMESTAMP_MS', 'DATE') ? `${column}::TIMESTAMP` : column
  const ticks = nanoseconds ? `epoch_ns(${value})` : `epoch_us(${value})`
  if (moment === 'time') return { ticks, perSecond, first: 0n, last: 86_400n * perSecond - 1n }
  if (nanoseconds) return { ticks, perSecond, first: -(2n ** 63n) + 1n, last: 2n ** 63n - 2n }
  return { ticks, perSecond, first: YEAR_0_S * perSecond, last: YEAR_9999_END_S * perSecond - 1n }
}

/** The first tick at or after a moment. */
function ticksUp(moment: MomentType, text: string, perSecond: bigint): bigint {
  const { whole, isExact } = toTicks(moment, text, perSecond)
  return isExact ? whole : whole + 1n
}

/** The last tick at or before a moment. */
function ticksDown(moment: MomentType, text: string, perSecond: bigint): bigint {
  return toTicks(moment, text, perSecond).whole
}

/** The tick whose text is this one: UTC, no trailing zeros. `null` where no value of the column is written so. */
function exactTicks(moment: MomentType, text: string, perSecond: bigint): bigint | null {
  if (!isMoment(moment, text) || /\.\d*0(?:Z|$)/.test(text) || (moment === 'timestamp' && !text.endsWith('Z')))
    return null
  const { whole, isExact } = toTicks(moment, text, perSecond)
  return isExact ? whole : null
}

function toTicks(moment: MomentType, text: string, perSecond: bigint): { whole: bigint; isExact: boolean } {
  const [seconds, fraction] = momentParts(moment, text)
  const digits = String(perSecond).length - 1
  const whole = BigInt(seconds) * perSecond + BigInt(fraction.slice(0, digits).padEnd(digits, '0') || '0')
  return { whole, isExact: fraction.length <= digits }
}

/** Whether an ISO 8601 text lies beyond a bound: by whole seconds, then by the digits of the fraction, however many. */
function textBeyond(moment: MomentType, column: string, sign: '<' | '>', bound: string): string {
  if (moment === 'date') return `${column} ${sign} ${quoteText(bound)}`
  const [seconds, fraction] = momentParts(moment, bound)
  const own = `rtrim(regexp_extract(${column}, '\\.([0-9]+)', 1), '0')`
  const whole = moment === 'time' ? timeSeconds(column) : timestampSeconds(column)
  return `(${whole} ${sign} ${seconds} OR (${whole} = ${seconds} AND ${own} ${sign} ${quoteText(fraction)}))`
}

function timeSeconds(column: string): string {
  return `epoch_us(TRY_CAST(left(${column}, 8) AS TIME)) // 1000000`
}

function timestampSeconds(column: string): string {
  const hours = `TRY_CAST(substr(${column}, -5, 2) AS BIGINT)`
  const minutes = `TRY_CAST(right(${column}, 2) AS BIGINT)`
  const offset = `CASE WHEN right(${column}, 1) = 'Z' THEN 0 WHEN substr(${column}, -6, 1) = '-' THEN -(${hours} * 3600 + ${minutes} * 60) ELSE ${hours} * 3600 + ${minutes} * 60 END`
  return `(epoch_us(TRY_CAST(replace(left(${column}, 19), 'T', ' ') AS TIMESTAMP)) // 1000000 - ${offset})`
}
