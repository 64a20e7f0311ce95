import { isMoment } from '../../moment.ts'

const NANOSECONDS_PER_SECOND = 1_000_000_000n
const NANOSECONDS_DIGITS = 9

/**
 * Nanoseconds since 1970-01-01T00:00:00Z of a text for which `isMoment('timestamp', …)` holds; further digits of its
 * fraction are dropped.
 *
 * @example toInstant('1970-01-01T01:00:00.5+01:00') // 500_000_000n
 */
export function toInstant(text: string): bigint {
  const [, fraction = ''] = /\.(\d+)/.exec(text) ?? []
  const seconds = Date.parse(`${text.slice(0, 19)}Z`) / 1_000 - offsetSeconds(text)
  return BigInt(seconds) * NANOSECONDS_PER_SECOND + nanoseconds(fraction)
}

function offsetSeconds(text: string): number {
  if (text.endsWith('Z')) return 0
  const zone = text.slice(-6)
  const seconds = Number(zone.slice(1, 3)) * 3_600 + Number(zone.slice(4, 6)) * 60
  return zone[0] === '-' ? -seconds : seconds
}

function nanoseconds(fraction: string): bigint {
  return BigInt(fraction.slice(0, NANOSECONDS_DIGITS).padEnd(NANOSECONDS_DIGITS, '0'))
}

/** Years that CEL's timestamps have. */
const CEL_TIMESTAMP = /^(?!0000)/

/** The instant of a literal, or `null` where the text is no timestamp of contracts and of CEL. */
export function instantLiteral(text: string): bigint | null {
  return isMoment('timestamp', text) && CEL_TIMESTAMP.test(text) ? toInstant(text) : null
}

const UNITS: Readonly<Record<string, bigint>> = {
  h: 3_600n * NANOSECONDS_PER_SECOND,
  m: 60n * NANOSECONDS_PER_SECOND,
  s: NANOSECONDS_PER_SECOND,
  ms: 1_000_000n,
  us: 1_000n,
  ns: 1n,
}
const DURATION = /^[+-]?(?:\d{1,15}(?:\.\d{1,9})?(?:h|ms|us|ns|m|s))+$/
const DURATION_MAX = 2n ** 63n - 1n

/**
 * Nanoseconds of a duration as CEL writes it, or `null` where it is none, is not whole nanoseconds or beyond 64 bits.
 *
 * @example durationLiteral('1h30m') // 5_400_000_000_000n
 */
export function durationLiteral(text: string): bigint | null {
  if (!DURATION.test(text)) return null
  let total = 0n
  for (const [, whole, fraction = '', unit] of text.matchAll(/(\d+)(?:\.(\d+))?(h|ms|us|ns|m|s)/g)) {
    const scale = 10n ** BigInt(fraction.length)
    const product = BigInt(whole! + fraction) * UNITS[unit!]!
    if (product % scale !== 0n) return null
    total += product / scale
  }
  if (total > DURATION_MAX) return null
  return text.startsWith('-') ? -total : total
}
