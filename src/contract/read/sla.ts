import {
  DAY_MS,
  didYouMean,
  isJsonObject,
  type Json,
  type JsonObject,
  nearest,
  parseDuration,
} from '../../kernel/index.ts'
import type { Field, SlaProperty } from '../define.ts'
import type { Path, Report } from '../problem.ts'
import { LEVEL_PROPERTIES, type LevelKind, levelKind, levelTarget } from '../service-level.ts'
import { levelProperties } from './covenant-properties.ts'
import { findField } from './keys.ts'
import { type Entry, entries, member, numberMember, textMember } from './members.ts'
import { readSchedule } from './schedule.ts'

/** The names of ODCS 3.2, and `freshness`, which many tools write for `latency`. */
const NAMES: readonly string[] = [...LEVEL_PROPERTIES, 'freshness', 'timeOfAvailability']

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
  const target = levelTarget(property, value, unit)
  checkTarget(name, property, target, { value, unit }, path, report)
  const own = textMember(level, 'element')
  const element = own ?? (property === 'latency' ? fallback : null)
  const at: Path = own === null ? ['slaDefaultElement'] : [...path, 'element']
  const field = element === null ? null : readElement(element, object, fields, at, report)
  const objective = readObjective(entry, report)
  return {
    property,
    value,
    unit,
    valueMs: levelKind(property) === 'duration' ? target : null,
    field,
    schedule: readSchedule(level, path, report),
    ...(objective === null ? {} : { objective }),
  }
}

const FORMS: Readonly<Record<LevelKind, string>> = {
  duration: 'a length of time, such as value: 3, unit: h',
  date: 'a date, such as value: 2027-01-31 or 2027-01-31T12:00:00Z',
  percent: 'a share from 0 to 100, such as value: 99.5, unit: "%"',
  rate: 'a rate, such as value: 10, unit: records/s',
}

/** A level that cannot be read could never be missed, so it is an error, not a level that is always met. */
function checkTarget(
  name: string,
  property: string,
  target: number | null,
  { value, unit }: { readonly value: Json; readonly unit: string | null },
  path: Path,
  report: Report,
): void {
  const kind = levelKind(property)
  if (kind === null) {
    if (property === 'timeOfAvailability')
      report.warning([...path, 'property'], 'CONTRACT_NOT_ENFORCED', `The service level "${name}" is not evaluated.`)
    return
  }
  const positive = kind === 'date' || kind === 'percent' || (target !== null && target > 0)
  if (target !== null && positive) return
  report.error(
    [...path, target === null && typeof value === 'number' && unit !== null ? 'unit' : 'value'],
    kind === 'duration' ? 'CONTRACT_DURATION_INVALID' : 'CONTRACT_WRONG_VALUE',
    `"${name}" needs ${FORMS[kind]}; found ${JSON.stringify(value)}${unit === null ? ' without unit' : ` ${unit}`}.`,
  )
}

const BUDGET_WINDOW_MS = 30 * DAY_MS

function readObjective(entry: Entry, report: Report): Required<SlaProperty>['objective'] | null {
  const found = levelProperties(entry, report).get('covenant.objective')
  if (found === undefined || !isJsonObject(found.value)) return null
  const window = textMember(found.value, 'window')
  const windowMs = window === null ? BUDGET_WINDOW_MS : parseDuration(window)
  if (windowMs === undefined || windowMs <= 0) {
    report.error(
      [...found.path, 'window'],
      'CONTRACT_DURATION_INVALID',
      `"window" is a length of time, such as 30d; found ${JSON.stringify(window)}.`,
    )
    return null
  }
  return { percent: numberMember(found.value, 'percent') ?? 100, windowMs }
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
