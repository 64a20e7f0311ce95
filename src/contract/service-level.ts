import { DAY_MS, HOUR_MS, type Json, MINUTE_MS, parseDuration, SECOND_MS } from '../kernel/index.ts'

/** The service levels of ODCS 3.2 that can be evaluated, and what each is measured in. */
const KINDS = {
  availability: 'percent',
  throughput: 'rate',
  errorRate: 'percent',
  generalAvailability: 'date',
  endOfSupport: 'date',
  endOfLife: 'date',
  retention: 'duration',
  frequency: 'duration',
  latency: 'duration',
  timeToDetect: 'duration',
  timeToNotify: 'duration',
  timeToRepair: 'duration',
} as const

export type LevelProperty = keyof typeof KINDS
export type LevelKind = (typeof KINDS)[LevelProperty]

export const LEVEL_PROPERTIES = Object.keys(KINDS) as readonly LevelProperty[]

/** What a level is measured in; `null` for a name that ODCS does not have. */
export function levelKind(property: string): LevelKind | null {
  return Object.hasOwn(KINDS, property) ? KINDS[property as LevelProperty] : null
}

/**
 * The promise of a level as a number: milliseconds of a duration, epoch milliseconds of a date, percent (0 to 100), or
 * records a second. `null` where value and unit do not make one.
 *
 * @example levelTarget('throughput', 3600, 'records/h') // 1
 */
export function levelTarget(property: string, value: Json, unit: string | null): number | null {
  switch (levelKind(property)) {
    case 'duration':
      return toMilliseconds(value, unit)
    case 'date':
      return toDate(value)
    case 'percent':
      return toPercent(value, unit)
    case 'rate':
      return toRate(value, unit)
    case null:
      return null
  }
}

const UNIT_MS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ms: 1,
    millisecond: 1,
    s: SECOND_MS,
    sec: SECOND_MS,
    second: SECOND_MS,
    m: MINUTE_MS,
    min: MINUTE_MS,
    minute: MINUTE_MS,
    h: HOUR_MS,
    hr: HOUR_MS,
    hour: HOUR_MS,
    d: DAY_MS,
    day: DAY_MS,
    w: 7 * DAY_MS,
    week: 7 * DAY_MS,
    // A year is 365 days, as `datacontract-cli` reads it.
    y: 365 * DAY_MS,
    yr: 365 * DAY_MS,
    year: 365 * DAY_MS,
  }),
)

function unitMs(unit: string): number | undefined {
  const lower = unit.toLowerCase()
  return UNIT_MS.get(lower) ?? UNIT_MS.get(lower.replace(/s$/, ''))
}

/** Milliseconds of a value with a unit of time, or of a text like `3h`; `null` for everything else. */
function toMilliseconds(value: Json, unit: string | null): number | null {
  if (typeof value === 'string' && unit === null) return parseDuration(value.trim()) ?? null
  const amount = toNumber(value)
  const each = unit === null ? undefined : unitMs(unit)
  return amount === null || each === undefined ? null : amount * each
}

function toNumber(value: Json): number | null {
  const amount = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof amount === 'number' && Number.isFinite(amount) ? amount : null
}

/** An ISO 8601 date, which starts at midnight UTC, or a date and time with its zone. */
const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/

function toDate(value: Json): number | null {
  const time = typeof value === 'string' && DATE.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? null : time
}

function toPercent(value: Json, unit: string | null): number | null {
  const text = typeof value === 'string' ? value.trim() : null
  const written = text?.endsWith('%') ? text.slice(0, -1) : value
  const percent = toNumber(written)
  const isPercent = unit === null || /^(%|percent|pct)$/i.test(unit)
  return percent !== null && isPercent && percent >= 0 && percent <= 100 ? percent : null
}

/** Records, events, rows or messages a unit of time: `records/s`, `rows per hour`. */
const RATE = /^(?:records?|events?|rows?|messages?)?\s*(?:\/|per)\s*([a-z]+)$/i

function toRate(value: Json, unit: string | null): number | null {
  const amount = toNumber(value)
  const each = unitMs(RATE.exec(unit?.trim() ?? '')?.[1] ?? '')
  return amount === null || amount < 0 || each === undefined ? null : (amount * SECOND_MS) / each
}
