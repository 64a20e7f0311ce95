import type { EpochMs } from '../../kernel/index.ts'

/** `[start, end)`. */
export interface Window {
  readonly start: EpochMs
  readonly end: EpochMs
}

/** A Monday, 00:00 UTC: windows of whole weeks start on Mondays. */
const ORIGIN = Date.UTC(1970, 0, 5)

/**
 * The newest window that has ended at or before `moment`.
 *
 * @example lastWindow(Date.UTC(2013, 2, 12), 7 * DAY_MS) // 2013-03-04 to 2013-03-11, Monday to Monday
 */
export function lastWindow(moment: EpochMs, windowMs: number): Window {
  const end = ORIGIN + Math.floor((moment - ORIGIN) / windowMs) * windowMs
  return { start: end - windowMs, end }
}
