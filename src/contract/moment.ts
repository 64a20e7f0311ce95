/**
 * The one meaning of `timestamp`, `date` and `time` in contracts: ISO 8601 text in one fixed form each, and a moment
 * that exists in the proleptic Gregorian calendar.
 *
 * - `timestamp`: `YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM)`, the offset up to 23:59; no leap seconds, no hour 24
 * - `date`: `YYYY-MM-DD`
 * - `time`: `HH:MM:SS[.fraction]`, without zone
 */
const MONTH_DAYS =
  '(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8])'
const LEAP_YEARS = '(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)'
const DATE = `(?:\\d{4}-(?:${MONTH_DAYS})|${LEAP_YEARS}-02-29)`
const TIME = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d+)?'
const ZONE = '(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)'

/** Regular expressions (ECMA-262, `u` flag) that accept exactly the texts above, leap days included. */
export const MOMENT_PATTERNS = {
  timestamp: `^${DATE}T${TIME}${ZONE}$`,
  date: `^${DATE}$`,
  time: `^${TIME}$`,
} as const

export type MomentType = keyof typeof MOMENT_PATTERNS

const EXPRESSIONS = {
  timestamp: new RegExp(MOMENT_PATTERNS.timestamp, 'u'),
  date: new RegExp(MOMENT_PATTERNS.date, 'u'),
  time: new RegExp(MOMENT_PATTERNS.time, 'u'),
}

export function isMomentType(type: string): type is MomentType {
  return Object.hasOwn(MOMENT_PATTERNS, type)
}

export function isMoment(type: MomentType, text: string): boolean {
  return EXPRESSIONS[type].test(text)
}

/**
 * Orders two texts for which `isMoment` holds: negative, 0 or positive. Timestamps are compared as instants, with
 * their whole fraction, however long.
 */
export function compareMoments(type: MomentType, a: string, b: string): number {
  if (type === 'date') return compareTexts(a, b)
  const [secondsA, fractionA] = momentParts(type, a)
  const [secondsB, fractionB] = momentParts(type, b)
  return secondsA - secondsB || compareTexts(fractionA, fractionB)
}

/**
 * Whole seconds on a common axis (of a timestamp: since 1970 UTC), and the digits of the fraction without trailing zeros.
 */
export function momentParts(type: MomentType, text: string): readonly [number, string] {
  if (type === 'date') return [Date.parse(`${text}T00:00:00Z`) / 1000, '']
  const clock = type === 'time' ? 0 : 11
  const [, fraction = ''] = /\.(\d+)/.exec(text) ?? []
  const whole = text.slice(0, clock + 8)
  const zone = /(Z|[+-]\d\d:\d\d)$/.exec(text.slice(clock))?.[0] ?? 'Z'
  const instant = Date.parse(`${type === 'time' ? '1970-01-01T' : ''}${whole}Z`) / 1000 - offsetSeconds(zone)
  return [instant, fraction.replace(/0+$/, '')]
}

function offsetSeconds(zone: string): number {
  if (zone === 'Z') return 0
  const seconds = Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(4, 6)) * 60
  return zone[0] === '-' ? -seconds : seconds
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
