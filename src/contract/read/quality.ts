import { didYouMean, type JsonObject, nearest } from '../../kernel/index.ts'
import type { Expectation, Field, QualityDimension, QualityRule } from '../define.ts'
import type { Report } from '../problem.ts'
import { findField } from './keys.ts'
import { type Entry, entries, member, objectMember, textMember, textsMember } from './members.ts'
import { checkNear } from './near.ts'
import { plainPlaceholders, unknownPlaceholders } from './placeholders.ts'
import { isRecordRule } from './record-rules.ts'
import { patternFault } from './rules.ts'
import { readSchedule } from './schedule.ts'

type Check = QualityRule['check']
type Metric = Extract<Check, { type: 'library' }>['metric']

const METRICS: readonly string[] = [
  'rowCount',
  'nullValues',
  'missingValues',
  'invalidValues',
  'duplicateValues',
] satisfies readonly Metric[]

/** Reads the quality rules of the schema object and of its properties, in that order; ids are unique. */
export function readQuality(object: Entry, fields: readonly Field[], report: Report): readonly QualityRule[] {
  const rules: QualityRule[] = []
  const ids = new Map<string, number>()
  const readAll = (owner: Entry, field: string | null) => {
    for (const entry of entries(owner.value, 'quality', owner.path)) {
      if (isRecordRule(entry)) continue
      const rule = readRule(entry, field, fields, report)
      if (rule !== null) rules.push(withUniqueId(rule, entry, ids, report))
    }
  }
  readAll(object, null)
  for (const property of entries(object.value, 'properties', object.path)) {
    const name = textMember(property.value, 'name')
    if (name !== null) readAll(property, name)
  }
  return rules
}

function withUniqueId(rule: QualityRule, entry: Entry, ids: Map<string, number>, report: Report): QualityRule {
  const count = (ids.get(rule.id) ?? 0) + 1
  ids.set(rule.id, count)
  if (count === 1) return rule
  if (textMember(entry.value, 'id') !== null)
    report.error([...entry.path, 'id'], 'CONTRACT_NAME_REPEATED', `The quality rule id "${rule.id}" stands twice.`)
  return { ...rule, id: `${rule.id}-${count}` }
}

function readRule(entry: Entry, owner: string | null, fields: readonly Field[], report: Report): QualityRule | null {
  const { value: rule, path } = entry
  const field = owner ?? namedField(rule)
  const schedule = readSchedule(rule, path, report)
  const severity = readSeverity(entry, report)
  const check = readCheck(entry, field, fields, report)
  if (check === null) return null
  const expect = readExpectation(entry, report)
  if (expect === null) return null
  return {
    id: textMember(rule, 'id') ?? textMember(rule, 'name') ?? derivedId(check, field),
    description: textMember(rule, 'description'),
    dimension: textMember(rule, 'dimension') as QualityDimension | null,
    severity,
    field,
    ...(schedule === null ? {} : { schedule }),
    check,
    expect,
  }
}

const SEVERITIES: readonly string[] = ['error', 'warning', 'info']

/** ODCS allows any word; those that Covenant does not know hold publication, as `error` does. */
function readSeverity({ value: rule, path }: Entry, report: Report): QualityRule['severity'] {
  const severity = textMember(rule, 'severity')
  if (severity === null) return 'error'
  if (!checkNear(severity, SEVERITIES, [...path, 'severity'], report) && !SEVERITIES.includes(severity))
    report.warning(
      [...path, 'severity'],
      'CONTRACT_NOT_ENFORCED',
      `The severity "${severity}" counts as error: Covenant knows ${SEVERITIES.join(', ')}.`,
    )
  return severity === 'warning' || severity === 'info' ? 'warning' : 'error'
}

/** Metrics of one field. On the object they are accepted with `arguments: {properties: [<that field>]}`. */
const FIELD_METRICS: readonly string[] = ['nullValues', 'missingValues', 'invalidValues']

function namedField(rule: JsonObject): string | null {
  const properties = textsMember(objectMember(rule, 'arguments') ?? {}, 'properties')
  return FIELD_METRICS.includes(textMember(rule, 'metric') ?? '') && properties.length === 1 ? properties[0]! : null
}

function derivedId(check: Check, field: string | null): string {
  const what = check.type === 'sql' ? 'sql' : check.metric
  return field === null ? what : `${field}.${what}`
}

function readCheck(entry: Entry, field: string | null, fields: readonly Field[], report: Report): Check | null {
  const { value: rule, path } = entry
  const metric = textMember(rule, 'metric')
  const type = textMember(rule, 'type') ?? 'library'
  if (type === 'sql') return readSql(entry, report)
  if (type === 'library' && metric !== null)
    return METRICS.includes(metric) ? readMetric(entry, metric as Metric, field, fields, report) : null
  const engine = textMember(rule, 'engine')
  if (type === 'custom' && engine !== null && checkNear(engine, ['cel'], [...path, 'engine'], report)) return null
  if (type === 'custom' || type === 'text')
    report.warning(path, 'CONTRACT_NOT_ENFORCED', `A quality rule of type ${type} is not audited.`)
  else if (textMember(rule, 'type') === null)
    report.warning(path, 'CONTRACT_NOT_ENFORCED', 'A quality rule without "metric" is not audited.')
  return null
}

function readSql({ value: rule, path }: Entry, report: Report): Check | null {
  const query = textMember(rule, 'query')
  if (query === null) return null
  for (const name of unknownPlaceholders(query))
    report.error(
      [...path, 'query'],
      'CONTRACT_WRONG_VALUE',
      `Nothing fills {${name}} in "query": {object} stands for the audited rows, {property} for the field.`,
    )
  if (query.trim() !== '') return { type: 'sql', query: plainPlaceholders(query) }
  report.error([...path, 'query'], 'CONTRACT_WRONG_VALUE', '"query" must be SQL that returns one number.')
  return null
}

function readMetric(
  { value: rule, path }: Entry,
  metric: Metric,
  field: string | null,
  fields: readonly Field[],
  report: Report,
): Check | null {
  const args = objectMember(rule, 'arguments') ?? {}
  const unit = textMember(rule, 'unit') ?? 'rows'
  if (unit !== 'rows' && unit !== 'percent')
    report.error(
      [...path, 'unit'],
      'CONTRACT_WRONG_VALUE',
      `"unit" of a quality rule must be rows or percent, found "${unit}".`,
    )
  if (field === null && FIELD_METRICS.includes(metric))
    report.error(
      [...path, 'metric'],
      'CONTRACT_WRONG_VALUE',
      `"${metric}" counts values of one field: put the rule under its property.`,
    )
  checkArguments(metric, field, args, fields, { value: rule, path }, report)
  return { type: 'library', metric, arguments: args, unit: unit === 'percent' ? 'percent' : 'rows' }
}

/** What each metric takes in `arguments`, beside the `properties` that a rule of the object is about. */
const ARGUMENTS: Readonly<Record<Metric, readonly string[]>> = {
  rowCount: [],
  nullValues: ['properties'],
  missingValues: ['properties', 'missingValues'],
  invalidValues: ['properties', 'validValues', 'pattern'],
  duplicateValues: ['properties'],
}

const LISTS: readonly string[] = ['properties', 'missingValues', 'validValues']

function checkArguments(
  metric: Metric,
  field: string | null,
  args: JsonObject,
  fields: readonly Field[],
  { path }: Entry,
  report: Report,
): void {
  const known = ARGUMENTS[metric]
  for (const [key, value] of Object.entries(args)) {
    const at = [...path, 'arguments', key]
    const guess = known.includes(key) ? null : nearest(key, known)
    if (guess !== null)
      report.error(at, 'CONTRACT_UNKNOWN_KEY', `Unknown argument "${key}" of "${metric}".${didYouMean(guess)}`, guess)
    else if (!known.includes(key))
      report.warning(at, 'CONTRACT_NOT_ENFORCED', `The argument "${key}" is not used by "${metric}".`)
    else if (LISTS.includes(key) !== Array.isArray(value) || (key === 'pattern' && typeof value !== 'string'))
      report.error(at, 'CONTRACT_WRONG_TYPE', `"${key}" must be ${key === 'pattern' ? 'text' : 'a list'}.`)
  }
  const missing = (keys: string) =>
    report.error(path, 'CONTRACT_MISSING_KEY', `"${metric}" needs ${keys} in its "arguments".`)
  if (metric === 'missingValues' && !Array.isArray(member(args, 'missingValues'))) missing('the list "missingValues"')
  if (metric === 'invalidValues') {
    const pattern = textMember(args, 'pattern')
    if (pattern === null && !Array.isArray(member(args, 'validValues'))) missing('"validValues" or "pattern"')
    const fault = pattern === null ? null : patternFault(pattern)
    if (fault !== null)
      report.error(
        [...path, 'arguments', 'pattern'],
        'CONTRACT_PATTERN_INVALID',
        `"pattern" is not a regular expression: ${fault}.`,
      )
  }
  const properties = textsMember(args, 'properties')
  if (metric === 'duplicateValues' && field === null && properties.length === 0) missing('the list "properties"')
  properties.forEach((name, index) => {
    findField(name, fields, '"properties"', [...path, 'arguments', 'properties', index], report)
  })
}

const OPERATORS = {
  mustBe: 'eq',
  mustNotBe: 'ne',
  mustBeGreaterThan: 'gt',
  mustBeGreaterOrEqualTo: 'ge',
  mustBeLessThan: 'lt',
  mustBeLessOrEqualTo: 'le',
} as const

function readExpectation({ value: rule, path }: Entry, report: Report): Expectation | null {
  for (const [key, op] of Object.entries(OPERATORS)) {
    const value = member(rule, key)
    if (typeof value === 'number') return { op, value }
    if (value !== undefined && (op === 'eq' || op === 'ne'))
      report.error([...path, key], 'CONTRACT_WRONG_TYPE', `"${key}" must be a number, found ${JSON.stringify(value)}.`)
  }
  return (
    readRange(rule, 'mustBeBetween', 'between', path, report) ??
    readRange(rule, 'mustNotBeBetween', 'notBetween', path, report)
  )
}

function readRange(
  rule: JsonObject,
  key: string,
  op: 'between' | 'notBetween',
  path: Entry['path'],
  report: Report,
): Expectation | null {
  const bounds = member(rule, key)
  if (!Array.isArray(bounds)) return null
  const [low, high] = bounds as readonly unknown[]
  if (typeof low !== 'number' || typeof high !== 'number') return null
  if (low > high)
    report.error(
      [...path, key],
      'CONTRACT_BOUNDS_INVALID',
      `"${key}" has its bounds in the wrong order: ${low}, ${high}.`,
    )
  return { op, low, high }
}
