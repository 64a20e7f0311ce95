/**
 * The only place in Covenant that reads the wall clock.
 *
 * Every stage is handed a `Clock`. In production it is `systemClock`; a replay, a test or a backtest hands over a
 * `VirtualClock`, so that a year of history runs in minutes and gives the same answer every time.
 */

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number

export interface Clock {
  /** The present moment, in epoch milliseconds. */
  now(): EpochMs
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => Date.now() }

/** A clock that stands still until it is told to move, and never moves backwards. */
export class VirtualClock implements Clock {
  #now: EpochMs
  #flowingSinceMs: number | null = null

  constructor(start: EpochMs) {
    this.#now = start
  }

  now(): EpochMs {
    return this.#flowingSinceMs === null ? this.#now : this.#now + Math.floor(performance.now() - this.#flowingSinceMs)
  }

  /** Moves to `time`; an earlier time than the present one is ignored. */
  advanceTo(time: EpochMs): void {
    if (time <= this.now()) return
    this.#now = time
    if (this.#flowingSinceMs !== null) this.#flowingSinceMs = performance.now()
  }

  /** From now on the clock moves by itself, as fast as real time. */
  flow(): void {
    this.#flowingSinceMs ??= performance.now()
  }
}

export const SECOND_MS = 1_000
export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

/** Elapsed real milliseconds from an arbitrary origin: for measuring how long work took, never for event time. */
export function stopwatchMs(): number {
  return performance.now()
}

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/
const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
}

/** A duration as users write it: `'90s'`, `'15m'`, `'6h'`, `'28d'`, `'1w'`. */
export type Duration = string

/**
 * Milliseconds of a written duration, or `undefined` when it is not one.
 *
 * @example parseDuration('6h') // 21600000
 */
export function parseDuration(text: Duration): number | undefined {
  const match = DURATION.exec(text)
  return match ? Number(match[1]) * (UNIT_MS[match[2]!] ?? Number.NaN) : undefined
}

/** ISO 8601 in UTC with milliseconds, as every surface of Covenant prints a time. */
export function toIso(time: EpochMs): string {
  return new Date(time).toISOString()
}

/**
 * A duration for readers, in the largest unit that it fills, with at most one decimal.
 *
 * @example durationText(97_200_000) // '27 h'
 */
export function durationText(durationMs: number): string {
  const units = [
    ['d', 2 * DAY_MS, DAY_MS],
    ['h', HOUR_MS, HOUR_MS],
    ['min', MINUTE_MS, MINUTE_MS],
    ['s', SECOND_MS, SECOND_MS],
  ] as const
  const [name, , unitMs] = units.find(([, from]) => Math.abs(durationMs) >= from) ?? ['ms', 0, 1]
  return `${Math.round((durationMs / unitMs) * 10) / 10} ${name}`
}
