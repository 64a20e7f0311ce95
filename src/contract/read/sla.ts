import { DAY_MS, isJsonObject, type Json, type JsonObject, parseDuration } from '../../kernel/index.ts'
import type { Field, SlaProperty } from '../define.ts'
import type { Path, Report } from '../problem.ts'
import { type LevelKind, levelKind, levelTarget } from '../service-level.ts'
import { levelProperties } from './covenant-properties.ts'
import { findField } from './keys.ts'
import { type Entry, entries, member, numberMember, textMember } from './members.ts'
import { checkNear } from './near.ts'
import { readSchedule } from './schedule.ts'

/**
 * The names of ODCS, each with its other spellings: the two letters of the standard, and `freshness`, which many tools
 * write for `latency`. ODCS compares them without case.
 */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  availability: ['av'],
  throughput: ['th'],
  errorRate: ['er'],
  generalAvailability: ['ga'],
  endOfSupport: ['es'],
  endOfLife: ['el'],
  retention: ['re'],
  frequency: ['fy'],
  latency: ['ly', 'freshness'],
  timeToDetect: ['td'],
  timeToNotify: ['tn'],
  timeToRepair: ['tr'],
  timeOfAvailability: [],
}

/** The one name of a service level, whichever of its spellings a contract uses; `null` for one that ODCS does not have. */
export function canonicalLevel(spelling: string): string | null {
  const lower = spelling.toLowerCase()
  const found = Object.entries(NAMES).find(([name, others]) => name.toLowerCase() === lower || others.includes(lower))
  return found?.[0] ?? null
}

const DRIVERS: readonly string[] = ['regulatory', 'analytics', 'operational']

/**
 * Reads the `slaProperties` that concern a schema object, one of `objects`: those whose `element` names it or one of its
 * fields, as in `orders.placed_at`, and those without element.
 */
export function readSla(
  document: JsonObject,
  object: Entry,
  objects: readonly Entry[],
  fields: readonly Field[],
  report: Report,
): readonly SlaProperty[] {
  const fallback = textMember(document, 'slaDefaultElement')
  return entries(document, 'slaProperties', []).flatMap((entry) => {
    const name = textMember(entry.value, 'property')
    if (name === null) return []
    const level = readLevel(entry, name, report)
    const own = textMember(entry.value, 'element')
    const elements = own ?? fallback
    if (elements === null) return [{ ...level, field: null }]
    const at: Path = own === null ? ['slaDefaultElement'] : [...entry.path, 'element']
    return elements
      .split(',')
      .flatMap((element) => readElement(element.trim(), object, objects, fields, at, report))
      .map((field) => ({ ...level, field }))
  })
}

function readLevel(entry: Entry, name: string, report: Report): Omit<SlaProperty, 'field'> {
  const { value: level, path } = entry
  const property = canonicalLevel(name) ?? name
  if (canonicalLevel(name) === null) reportName(name, [...path, 'property'], report)
  const driver = textMember(level, 'driver')
  if (driver !== null) checkNear(driver, DRIVERS, [...path, 'driver'], report)
  const value = member(level, 'value') ?? null
  const unit = textMember(level, 'unit')
  const target = levelTarget(property, value, unit)
  checkTarget(name, property, target, { value, unit }, path, report)
  const objective = readObjective(entry, report)
  return {
    property,
    value,
    unit,
    valueMs: levelKind(property) === 'duration' ? target : null,
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
  if (checkNear(name, [...Object.keys(NAMES), 'freshness'], path, report)) return
  report.warning(path, 'CONTRACT_NOT_ENFORCED', `ODCS has no service level "${name}", and nothing audits it.`)
}

/** The fields of `object` that an element names: one, `null` for the object itself, none where it is another object's. */
function readElement(
  element: string,
  object: Entry,
  objects: readonly Entry[],
  fields: readonly Field[],
  path: Path,
  report: Report,
): readonly (string | null)[] {
  const owner = ownerOf(element, objects)
  if (owner === null && objects.length > 1) {
    const names = objects.map(({ value }) => textMember(value, 'name') ?? '')
    report.error(
      path,
      'CONTRACT_FIELD_UNKNOWN',
      `"element" must start with one of the schema objects ${names.join(', ')}, such as ${names[0]}.${element}; found "${element}".`,
    )
    return []
  }
  if (owner !== null && owner.entry !== object) return []
  if (owner?.rest === null) return [null]
  const field = findField(owner?.rest ?? element, fields, '"element"', path, report)
  return field === null ? [] : [field.name]
}

/** The schema object whose name or physical name an element begins with, and what follows; the longest name counts. */
function ownerOf(
  element: string,
  objects: readonly Entry[],
): { readonly entry: Entry; readonly rest: string | null } | null {
  const named = objects
    .flatMap((entry) =>
      [textMember(entry.value, 'physicalName'), textMember(entry.value, 'name')].flatMap((name) =>
        name === null ? [] : [{ entry, name }],
      ),
    )
    .sort((a, b) => b.name.length - a.name.length)
  for (const { entry, name } of named) {
    if (element === name) return { entry, rest: null }
    if (element.startsWith(`${name}.`)) return { entry, rest: element.slice(name.length + 1) }
  }
  return null
}
