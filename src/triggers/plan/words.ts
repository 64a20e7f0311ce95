import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../kernel/index.ts'

const UNITS = [
  ['d', DAY_MS],
  ['h', HOUR_MS],
  ['m', MINUTE_MS],
  ['s', SECOND_MS],
] as const

/**
 * A length of time in the largest unit that divides it.
 *
 * @example durationText(2419200000) // '28d'
 */
export function durationText(ms: number): string {
  const unit = UNITS.find(([, length]) => ms >= length && ms % length === 0)
  return unit ? `${ms / unit[1]}${unit[0]}` : `${ms}ms`
}
