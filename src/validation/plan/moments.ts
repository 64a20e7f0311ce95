/**
 * Dates and times as events write them (ISO 8601, RFC 3339 profile), strict: a real calendar day, hours to 23, seconds
 * to 59. Read character by character, since a regular expression and `Date` cost several times as much.
 */

const MONTH_DAYS = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** `YYYY-MM-DDTHH:MM:SS(.fraction)?(Z|±HH:MM)`. */
export function isTimestamp(text: string): boolean {
  return text.length >= 20 && dayAt(text) && text.charCodeAt(10) === 84 && isZone(text, timeEnd(text, 11))
}

/** `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  return text.length === 10 && dayAt(text)
}

/** `HH:MM:SS(.fraction)?`. */
export function isTime(text: string): boolean {
  return timeEnd(text, 0) === text.length
}

/** Microseconds since 1970 of a timestamp, further digits cut off; `NaN` where it is none. */
export function timestampMicros(text: string): number {
  if (!isTimestamp(text)) return Number.NaN
  const end = timeEnd(text, 11)
  const sign = text[end] === '-' ? -1 : 1
  const zone = text[end] === 'Z' ? 0 : sign * (two(text, end + 1) * 60 + two(text, end + 4))
  return dateDays(text) * 86_400_000_000 + clockMicros(text, 11, end) - zone * 60_000_000
}

/** Days since 1970-01-01 of a date; `NaN` where it is none. */
export function dayNumber(text: string): number {
  return isDate(text) ? dateDays(text) : Number.NaN
}

/** Microseconds since midnight of a time, further digits cut off; `NaN` where it is none. */
export function timeMicros(text: string): number {
  return isTime(text) ? clockMicros(text, 0, text.length) : Number.NaN
}

/** The number of the two digits at `at`, or a negative number where they are no digits. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const ones = text.charCodeAt(at + 1) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1_000
}

function dayAt(text: string): boolean {
  const century = two(text, 0)
  const year = two(text, 2)
  const month = two(text, 5)
  const day = two(text, 8)
  if (century < 0 || year < 0 || month < 1 || month > 12 || day < 1) return false
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return false
  return day <= MONTH_DAYS[month]! || (day === 29 && month === 2 && isLeap(century * 100 + year))
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

/** The index after the time that begins at `at`, or −1 where there is none. */
function timeEnd(text: string, at: number): number {
  const hour = two(text, at)
  const minute = two(text, at + 3)
  const second = two(text, at + 6)
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return -1
  if (text.charCodeAt(at + 2) !== 58 || text.charCodeAt(at + 5) !== 58) return -1
  if (text.charCodeAt(at + 8) !== 46) return at + 8
  let end = at + 9
  while (isDigit(text.charCodeAt(end))) end++
  return end > at + 9 ? end : -1
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function isZone(text: string, at: number): boolean {
  if (at < 0) return false
  const sign = text.charCodeAt(at)
  if (sign === 90) return text.length === at + 1
  if ((sign !== 43 && sign !== 45) || text.length !== at + 6 || text.charCodeAt(at + 3) !== 58) return false
  const hour = two(text, at + 1)
  const minute = two(text, at + 4)
  return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59
}

/** Days since 1970-01-01. Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil. */
function dateDays(text: string): number {
  const month = two(text, 5)
  const year = two(text, 0) * 100 + two(text, 2) - (month <= 2 ? 1 : 0)
  const era = Math.floor(year / 400)
  const yearOfEra = year - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + two(text, 8) - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

function clockMicros(text: string, at: number, end: number): number {
  const seconds = two(text, at) * 3_600 + two(text, at + 3) * 60 + two(text, at + 6)
  const fraction = text
    .slice(at + 9, end)
    .slice(0, 6)
    .padEnd(6, '0')
  return seconds * 1_000_000 + Number(fraction)
}
