import {
  DAY_MS,
  didYouMean,
  HOUR_MS,
  type Json,
  type JsonObject,
  MINUTE_MS,
  nearest,
  parseDuration,
  SECOND_MS,
} from '../../kernel/index.ts'
import type { Field, SlaProperty } from '../define.ts'
import type { Path, Report } from '../problem.ts'
import { findField } from './keys.ts'
import { type Entry, entries, member, textMember } from './members.ts'
import { readSchedule } from './schedule.ts'

/** The names of ODCS 3.2, and `freshness`, which many tools write for `latency`. */
const NAMES: readonly string[] = [
  'availability',
  'throughput',
  'errorRate',
  'generalAvailability',
  'endOfSupport',
  'endOfLife',
  'retention',
  'frequency',
  'latency',
  'freshness',
  'timeToDetect',
  'timeToNotify',
  'timeToRepair',
  'timeOfAvailability',
]

/** Service levels whose value is a length of time. */
const DURATIONS: readonly string[] = [
  'retention',
  'frequency',
  'latency',
  'timeToDetect',
  'timeToNotify',
  'timeToRepair',
]

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

/** Reads `slaProperties`. `object` is the schema object, whose name may stand before a field: `orders.placed_at`. */
export function readSla(
  document: JsonObject,
  object: JsonObject,
  fields: readonly Field[],
  report: Report,
): readonly SlaProperty[] {
  const fallback = textMember(document, 'slaDefaultElement')
  return entries(document, 'slaProperties', []).flatMap((entry) => {
    const name = textMember(entry.value, 'property')
    return name === null ? [] : [readLevel(entry, name, fallback, object, fields, report)]
  })
}

function readLevel(
  entry: Entry,
  name: string,
  fallback: string | null,
  object: JsonObject,
  fields: readonly Field[],
  report: Report,
): SlaProperty {
  const { value: level, path } = entry
  if (!NAMES.includes(name)) reportName(name, [...path, 'property'], report)
  const property = name === 'freshness' ? 'latency' : name
  const value = member(level, 'value') ?? null
  const unit = textMember(level, 'unit')
  const valueMs = toMilliseconds(value, unit)
  if (DURATIONS.includes(property) && (valueMs === null || valueMs <= 0))
    report.error(
      [...path, valueMs === null && typeof value === 'number' && unit !== null ? 'unit' : 'value'],
      'CONTRACT_DURATION_INVALID',
      `"${name}" needs a length of time, such as value: 3, unit: h; found ${JSON.stringify(value)}${unit === null ? ' without unit' : ` ${unit}`}.`,
    )
  const own = textMember(level, 'element')
  const element = own ?? (property === 'latency' ? fallback : null)
  const at: Path = own === null ? ['slaDefaultElement'] : [...path, 'element']
  const field = element === null ? null : readElement(element, object, fields, at, report)
  return { property, value, unit, valueMs, field, schedule: readSchedule(level, path, report) }
}

function reportName(name: string, path: Path, report: Report): void {
  const guess = nearest(name, NAMES)
  report.warning(
    path,
    'CONTRACT_NOT_ENFORCED',
    `ODCS has no service level "${name}", and nothing audits it.${didYouMean(guess)}`,
    guess,
  )
}

/** Milliseconds of a value with a unit of time, or of a text like `3h`; `null` for everything else. */
function toMilliseconds(value: Json, unit: string | null): number | null {
  if (typeof value === 'string' && unit === null) return parseDuration(value.trim()) ?? null
  const amount = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof amount !== 'number' || !Number.isFinite(amount) || unit === null) return null
  const lower = unit.toLowerCase()
  const perUnit = UNIT_MS.get(lower) ?? UNIT_MS.get(lower.replace(/s$/, ''))
  return perUnit === undefined ? null : amount * perUnit
}

function readElement(
  element: string,
  object: JsonObject,
  fields: readonly Field[],
  path: Path,
  report: Report,
): string | null {
  const owners = [textMember(object, 'physicalName'), textMember(object, 'name')]
  if (owners.includes(element)) return null
  const prefix = owners.find((owner) => owner !== null && element.startsWith(`${owner}.`))
  const name = prefix ? element.slice(prefix.length + 1) : element
  return findField(name, fields, '"element"', path, report)?.name ?? null
}
