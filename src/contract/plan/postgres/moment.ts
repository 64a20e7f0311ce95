import { isMoment, MOMENT_PATTERNS, type MomentType, momentParts } from '../../moment.ts'
import { textLiteral } from './literal.ts'
import { postgresPattern } from './pattern.ts'

const TICKS_PER_SECOND = 1_000_000n
const FRACTION_DIGITS = 6
const SECONDS_PER_DAY = 86_400n
/** Four centuries are 146,097 days; five times that. */
const SECONDS_OF_2000_YEARS = 63_113_904_000n

/** What a column of type `date`, `time` or `timestamp with time zone` can hold that is a moment of contracts. */
export const MOMENT_RANGES: Readonly<Record<MomentType, (column: string) => string>> = {
  date: (column) => `${column} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'`,
  time: (column) => `${column} < TIME '24:00:00'`,
  timestamp: (column) =>
    `${column} BETWEEN TIMESTAMPTZ '0001-01-01 00:00:00+00' AND TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'`,
}

/** The earliest value of a column that is not before a moment. */
export function earliestLiteral(type: MomentType, text: string): string {
  const { whole, isExact } = ticks(type, text)
  return momentLiteral(type, isExact ? whole : whole + 1n)
}

/** The latest value of a column that is not after a moment. */
export function latestLiteral(type: MomentType, text: string): string {
  return momentLiteral(type, ticks(type, text).whole)
}

/** The value whose ISO 8601 text is this one: in UTC, without trailing zeros; `null` where no value is written so. */
export function exactLiteral(type: MomentType, text: string): string | null {
  if (!isMoment(type, text) || /\.\d*0(?:Z|$)/.test(text) || (type === 'timestamp' && !text.endsWith('Z'))) return null
  const { whole, isExact } = ticks(type, text)
  return isExact ? momentLiteral(type, whole) : null
}

function ticks(type: MomentType, text: string): { whole: bigint; isExact: boolean } {
  const [seconds, fraction] = momentParts(type, text)
  const micros = BigInt(fraction.slice(0, FRACTION_DIGITS).padEnd(FRACTION_DIGITS, '0') || '0')
  return { whole: BigInt(seconds) * TICKS_PER_SECOND + micros, isExact: fraction.length <= FRACTION_DIGITS }
}

function momentLiteral(type: MomentType, whole: bigint): string {
  const micros = ((whole % TICKS_PER_SECOND) + TICKS_PER_SECOND) % TICKS_PER_SECOND
  const seconds = (whole - micros) / TICKS_PER_SECOND
  const fraction = micros === 0n ? '' : `.${String(micros).padStart(FRACTION_DIGITS, '0').replace(/0+$/, '')}`
  if (type === 'time' && seconds === SECONDS_PER_DAY) return "TIME '24:00:00'"
  const at = new Date(Number(seconds) * 1000)
  const clock = `${at.toISOString().slice(-13, -5)}${fraction}`
  if (type === 'time') return `TIME '${clock}'`
  const year = at.getUTCFullYear()
  const day = `${String(year > 0 ? year : 1 - year).padStart(4, '0')}-${at.toISOString().slice(-19, -14)}`
  const era = year > 0 ? '' : ' BC'
  return type === 'date' ? `DATE '${day}${era}'` : `TIMESTAMPTZ '${day} ${clock}+00${era}'`
}

/** SQL that tells whether a text is a moment of contracts. */
export function isMomentText(type: MomentType, text: string): string {
  return `${text} ~ ${textLiteral(postgresPattern(MOMENT_PATTERNS[type])!)}`
}

/** SQL that tells whether a text that is a moment lies before (`<`) or after (`>`) another, by all of its digits. */
export function textBeyond(type: MomentType, text: string, sign: '<' | '>', bound: string): string {
  if (type === 'date') return `${text} COLLATE "C" ${sign} ${textLiteral(bound)}`
  const [seconds, fraction] = momentParts(type, bound)
  const whole = type === 'time' ? timeSeconds(text) : instantSeconds(text)
  const digits = `${fractionDigits(text)} COLLATE "C" ${sign} '${fraction}'`
  return `(${whole} ${sign} ${seconds} OR (${whole} = ${seconds} AND ${digits}))`
}

/** SQL of the nanoseconds since 1970 of a text that is a timestamp of contracts. */
export function instantOfText(text: string): string {
  return `(${instantSeconds(text)} * 1000000000 + rpad(left(${fractionDigits(text)}, 9), 9, '0')::numeric)`
}

function timeSeconds(text: string): string {
  return `(left(${text}, 2)::numeric * 3600 + substr(${text}, 4, 2)::numeric * 60 + substr(${text}, 7, 2)::numeric)`
}

/** PostgreSQL has no year 0: it is taken as the year 2000, and 2,000 years are taken away again. */
function instantSeconds(text: string): string {
  const isZero = `left(${text}, 4) = '0000'`
  const local = `extract(epoch FROM (CASE WHEN ${isZero} THEN '2000' ELSE left(${text}, 4) END || substr(${text}, 5, 15))::timestamp)`
  const zone = `CASE WHEN right(${text}, 1) = 'Z' THEN 0 ELSE (CASE WHEN left(right(${text}, 6), 1) = '-' THEN -1 ELSE 1 END) * (left(right(${text}, 5), 2)::numeric * 3600 + right(${text}, 2)::numeric * 60) END`
  return `(${local} - CASE WHEN ${isZero} THEN ${SECONDS_OF_2000_YEARS} ELSE 0 END - ${zone})`
}

/** The digits of the fraction without trailing zeros. */
function fractionDigits(text: string): string {
  return `rtrim(coalesce(substring(${text} FROM '[.]([0-9]+)'), ''), '0')`
}
