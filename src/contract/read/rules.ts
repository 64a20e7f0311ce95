import { DAY_MS, type Json, type JsonObject } from '../../kernel/index.ts'
import type { FieldRules, LogicalType } from '../define.ts'
import { compareMoments, isMoment, isMomentType, type MomentType } from '../moment.ts'
import { isOfType, obeys } from '../plan/accepts.ts'
import type { Path, Report } from '../problem.ts'
import { entries, flagMember, member, numberMember, objectMember, textMember } from './members.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type Rules = Mutable<FieldRules>

/** Reads `logicalTypeOptions` and `enum` of the property at `path`. */
export function readRules(property: JsonObject, type: LogicalType, path: Path, report: Report): FieldRules {
  const rules: Rules = {}
  const options = objectMember(property, 'logicalTypeOptions')
  if (options !== null) readOptions(options, type, rules, [...path, 'logicalTypeOptions'], report)
  readEnum(property, type, rules, path, report)
  return rules
}

function readOptions(options: JsonObject, type: LogicalType, rules: Rules, path: Path, report: Report): void {
  if (type === 'string') readStringOptions(options, rules, path, report)
  else if (type === 'integer' || type === 'number') readNumberOptions(options, type, rules, path, report)
  else if (isMomentType(type)) readMomentOptions(options, type, rules, path, report)
  else if (type === 'array') readArrayOptions(options, rules, path, report)
  else if (type === 'object') {
    for (const key of ['minProperties', 'maxProperties'])
      if (member(options, key) !== undefined)
        unsupported(key, 'Members that are not declared are allowed.', path, report)
  } else for (const key of Object.keys(options)) unsupported(key, `A ${type} has no options.`, path, report)
}

function unsupported(key: string, why: string, path: Path, report: Report): void {
  report.error([...path, key], 'CONTRACT_UNSUPPORTED', `"${key}" is not supported here. ${why} Remove it.`)
}

function readStringOptions(options: JsonObject, rules: Rules, path: Path, report: Report): void {
  copyNumbers(options, ['minLength', 'maxLength'], rules)
  checkOrder(rules.minLength, rules.maxLength, 'maxLength', path, report)
  const pattern = textMember(options, 'pattern')
  if (pattern !== null) {
    const fault = patternFault(pattern)
    if (fault === null) rules.pattern = pattern
    else
      report.error(
        [...path, 'pattern'],
        'CONTRACT_PATTERN_INVALID',
        `"pattern" is not a regular expression (ECMA-262, u flag): ${fault}.`,
      )
  }
  if (member(options, 'format') !== undefined)
    report.warning(
      [...path, 'format'],
      'CONTRACT_NOT_ENFORCED',
      '"format" of a string is not enforced: express it as "pattern".',
    )
}

/** Why a regular expression does not compile with the `u` flag, or `null`. */
export function patternFault(pattern: string): string | null {
  try {
    new RegExp(pattern, 'u')
    return null
  } catch (thrown) {
    return (thrown as Error).message.replace(/^Invalid regular expression: /, '').replace(/\.$/, '')
  }
}

/** Bounds of the integer formats; 64 bits and more are bounded by what a JSON number holds exactly. */
const INTEGER_FORMATS: ReadonlyMap<string, readonly [number | null, number | null]> = new Map(
  Object.entries({
    i8: [-128, 127] as const,
    i16: [-32_768, 32_767],
    i32: [-2_147_483_648, 2_147_483_647],
    i64: [null, null],
    i128: [null, null],
    u8: [0, 255],
    u16: [0, 65_535],
    u32: [0, 4_294_967_295],
    u64: [0, null],
    u128: [0, null],
  }),
)

function readNumberOptions(options: JsonObject, type: LogicalType, rules: Rules, path: Path, report: Report): void {
  copyNumbers(options, ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'], rules)
  checkOrder(rules.minimum, rules.maximum, 'maximum', path, report)
  checkStrictOrder(rules.exclusiveMinimum, rules.maximum, 'maximum', path, report)
  checkStrictOrder(rules.exclusiveMinimum, rules.exclusiveMaximum, 'exclusiveMaximum', path, report)
  checkStrictOrder(rules.minimum, rules.exclusiveMaximum, 'exclusiveMaximum', path, report)
  if (textMember(options, 'format') === 'f32')
    report.warning([...path, 'format'], 'CONTRACT_NOT_ENFORCED', 'That a number fits into 32 bits is not checked.')
  const [low, high] = INTEGER_FORMATS.get(textMember(options, 'format') ?? '') ?? [null, null]
  if (type !== 'integer') return
  if (low !== null) rules.minimum = Math.max(low, rules.minimum ?? low)
  if (high !== null) rules.maximum = Math.min(high, rules.maximum ?? high)
}

function copyNumbers(options: JsonObject, keys: readonly (keyof FieldRules)[], rules: Rules): void {
  for (const key of keys) {
    const value = numberMember(options, key)
    if (value !== null) Object.assign(rules, { [key]: value })
  }
}

function checkOrder(low: number | undefined, high: number | undefined, key: string, path: Path, report: Report): void {
  if (low === undefined || high === undefined || low <= high) return
  report.error([...path, key], 'CONTRACT_BOUNDS_INVALID', `"${key}" is ${high}, below its lower bound ${low}.`)
}

function checkStrictOrder(
  low: number | undefined,
  high: number | undefined,
  key: string,
  path: Path,
  report: Report,
): void {
  if (low === undefined || high === undefined || low < high) return
  report.error([...path, key], 'CONTRACT_BOUNDS_INVALID', `"${key}" is ${high}, not above its lower bound ${low}.`)
}

const MOMENT_FORMS = {
  timestamp: 'YYYY-MM-DDTHH:MM:SSZ',
  date: 'YYYY-MM-DD',
  time: 'HH:MM:SS',
} as const

function readMomentOptions(options: JsonObject, type: MomentType, rules: Rules, path: Path, report: Report): void {
  const earliest = later(
    readMoment(options, 'minimum', type, path, report),
    readExclusive(options, 'exclusiveMinimum', type, path, report),
  )
  const latest = earlier(
    readMoment(options, 'maximum', type, path, report),
    readExclusive(options, 'exclusiveMaximum', type, path, report),
  )
  if (earliest !== null) rules.earliest = earliest
  if (latest !== null) rules.latest = latest
  if (earliest !== null && latest !== null && compareMoments(type, earliest, latest) > 0)
    report.error(
      [...path, member(options, 'maximum') === undefined ? 'exclusiveMaximum' : 'maximum'],
      'CONTRACT_BOUNDS_INVALID',
      (member(options, 'exclusiveMinimum') ?? member(options, 'exclusiveMaximum') ?? null)
        ? `No ${type} lies between the bounds: the first is ${earliest}, the last ${latest}.`
        : `"maximum" is ${latest}, before "minimum" ${earliest}.`,
    )
  if (member(options, 'format') !== undefined)
    report.warning(
      [...path, 'format'],
      'CONTRACT_NOT_ENFORCED',
      `"format" is not used: a ${type} is written ${MOMENT_FORMS[type]}.`,
    )
  checkZone(options, type, path, report)
}

function checkZone(options: JsonObject, type: MomentType, path: Path, report: Report): void {
  const zoned = member(options, 'timezone')
  if (typeof zoned === 'boolean' && zoned !== (type === 'timestamp'))
    unsupported('timezone', type === 'time' ? 'A time has no zone.' : 'A timestamp always has a zone.', path, report)
  const zone = textMember(options, 'defaultTimezone')
  if (zone !== null && type === 'timestamp' && !['Etc/UTC', 'UTC'].includes(zone))
    report.warning(
      [...path, 'defaultTimezone'],
      'CONTRACT_NOT_ENFORCED',
      '"defaultTimezone" is not used: a timestamp always names its zone.',
    )
}

function readMoment(options: JsonObject, key: string, type: MomentType, path: Path, report: Report): string | null {
  const text = textMember(options, key)
  if (text === null || isMoment(type, text)) return text
  report.error(
    [...path, key],
    'CONTRACT_BOUNDS_INVALID',
    `"${key}" must be a ${type} written ${MOMENT_FORMS[type]}, found "${text}".`,
  )
  return null
}

/**
 * Days can be counted: "after" one is "from the next on". Between two timestamps or times there is always another, so
 * there a bound that is excluded has no equal that is included.
 */
function readExclusive(options: JsonObject, key: string, type: MomentType, path: Path, report: Report): string | null {
  if (member(options, key) === undefined) return null
  if (type !== 'date') {
    unsupported(key, `Use "${key.slice(9).toLowerCase()}".`, path, report)
    return null
  }
  const day = readMoment(options, key, type, path, report)
  if (day === null) return null
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + (key === 'exclusiveMinimum' ? DAY_MS : -DAY_MS))
  const text = next.toISOString().slice(0, 10)
  if (isMoment('date', text)) return text
  report.error([...path, key], 'CONTRACT_BOUNDS_INVALID', `No date lies beyond "${key}" ${day}.`)
  return null
}

function later(a: string | null, b: string | null): string | null {
  return a === null || (b !== null && b > a) ? b : a
}

function earlier(a: string | null, b: string | null): string | null {
  return a === null || (b !== null && b < a) ? b : a
}

function readArrayOptions(options: JsonObject, rules: Rules, path: Path, report: Report): void {
  copyNumbers(options, ['minItems', 'maxItems'], rules)
  checkOrder(rules.minItems, rules.maxItems, 'maxItems', path, report)
  if (flagMember(options, 'uniqueItems')) rules.uniqueItems = true
}

/** Reads `enum` into `rules`. */
export function readEnum(property: JsonObject, type: LogicalType, rules: Rules, path: Path, report: Report): void {
  const listed = entries(property, 'enum', path)
  if (listed.length === 0) return
  if (type === 'object' || type === 'array' || type === 'map') {
    report.error(
      [...path, 'enum'],
      'CONTRACT_UNSUPPORTED',
      `"enum" is not supported on a field of type ${type}: put it on what is inside.`,
    )
    return
  }
  const values: (string | number | boolean)[] = []
  for (const entry of listed) {
    const value = member(entry.value, 'value')
    const fault = enumFault(value, type, rules, values)
    if (fault === null) values.push(value as string | number | boolean)
    else report.error([...entry.path, 'value'], 'CONTRACT_WRONG_VALUE', fault)
  }
  if (values.length > 0) rules.enum = values
}

function enumFault(
  value: Json | undefined,
  type: LogicalType,
  rules: Rules,
  before: readonly unknown[],
): string | null {
  const shown = JSON.stringify(value)
  if (!isOfType(type, value)) return `An enum value of a ${type} field must be a ${type}, found ${shown}.`
  // Not by the pattern: a hostile one could take for ever.
  const { pattern: _, ...bounds } = rules
  if (!obeys(type, bounds, value)) return `The enum value ${shown} is refused by the field's own "logicalTypeOptions".`
  return before.includes(value) ? `The enum value ${shown} stands twice.` : null
}
