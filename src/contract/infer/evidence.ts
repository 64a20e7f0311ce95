import type { JsonObject } from '../../kernel/index.ts'
import type { LogicalType } from '../define.ts'
import { compact, type Draft, type ImportNote } from '../import/draft.ts'

export type Scalar = string | number | boolean

/** What was seen of one field. */
export interface FieldEvidence {
  readonly name: string
  readonly type: LogicalType
  readonly physicalType: string | null
  /** Records, or objects around it, that were looked at. */
  readonly looked: number
  /** Of these, the ones in which it is present and not null. */
  readonly present: number
  /** How many values are of another type than `type`: `2 of 10 are numbers`. */
  readonly conflict: string | null
  /** Every value that was seen, where they are few and repeat; `null` where they are not. */
  readonly values: readonly Scalar[] | null
  /** Whether no value was seen twice; `null` where that is not known. */
  readonly unique: boolean | null
  /** Lowest and highest value, or the lengths of texts. */
  readonly low: Scalar | null
  readonly high: Scalar | null
  /** Of `object`. */
  readonly fields?: readonly FieldEvidence[]
  /** Of `array` and `map`. */
  readonly items?: FieldEvidence
}

/** Fewer records than this show little. */
const ENOUGH_RECORDS = 100

/** An enum is proposed where each of its values was seen this often on average. */
const REPEATED = 10

/**
 * A draft from what was seen: types and what is required; a set of values where few values repeat often; the first
 * unique field as the key; the first timestamp that is always there as the event time. Bounds are only told, since the
 * next record may lie beyond them: with `tight` they are rules.
 */
export function draftOfEvidence(
  name: string,
  fields: readonly FieldEvidence[],
  records: number,
  { tight = false }: { readonly tight?: boolean } = {},
): Draft {
  const notes: ImportNote[] = []
  if (records < ENOUGH_RECORDS)
    notes.push({
      path: '',
      message: `Only ${records} records were seen: what is required, and the values, may be chance.`,
    })
  const key = keyAmong(fields)
  const properties = fields.map((field) => ({
    ...propertyOf(field, tight, notes, ''),
    ...(field === key ? { primaryKey: true } : {}),
  }))
  const eventTime = fields.find(({ type, present, looked }) => type === 'timestamp' && present === looked && looked > 0)
  return {
    name,
    description: null,
    properties,
    evidence: fields.map(seen),
    ...(eventTime === undefined ? {} : { stream: { eventTime: eventTime.name } }),
    notes,
  }
}

/** The first field whose values never repeat, preferably one that is called an id. */
function keyAmong(fields: readonly FieldEvidence[]): FieldEvidence | undefined {
  const unique = fields.filter(
    ({ unique, type, present, looked }) =>
      unique === true && looked > 1 && present === looked && (type === 'string' || type === 'integer'),
  )
  return unique.find(({ name }) => /(^|[_-])(id|key|uuid)$|[a-z](Id|Key)$/.test(name)) ?? unique[0]
}

function propertyOf(field: FieldEvidence, tight: boolean, notes: ImportNote[], path: string): JsonObject {
  const at = path === '' ? field.name : `${path}.${field.name}`
  if (field.conflict !== null) notes.push({ path: at, message: field.conflict })
  return compact({
    name: field.name,
    ...shapeOf(field, tight, notes, at),
    required: field.looked > 0 && field.present === field.looked ? true : null,
  })
}

function shapeOf(field: FieldEvidence, tight: boolean, notes: ImportNote[], at: string): JsonObject {
  const { type, physicalType, items } = field
  if (type === 'object')
    return { logicalType: type, properties: (field.fields ?? []).map((each) => propertyOf(each, tight, notes, at)) }
  if (type === 'array' || type === 'map') {
    const inner = items === undefined ? { logicalType: 'string' } : itemOf(items, tight, notes, at)
    if (items === undefined) notes.push({ path: at, message: 'It was always empty: say what is inside.' })
    return type === 'array'
      ? { logicalType: type, items: inner }
      : { logicalType: type, map: { key: { logicalType: 'string' }, value: inner } }
  }
  return compact({
    logicalType: type,
    physicalType,
    enum: enumOf(field)?.map((value) => ({ value })),
    logicalTypeOptions: tight ? boundsOf(field) : null,
  })
}

function itemOf(items: FieldEvidence, tight: boolean, notes: ImportNote[], at: string): JsonObject {
  const { name: _, ...property } = propertyOf({ ...items, name: '[]' }, tight, notes, at)
  return property
}

/** Few values that repeat often are probably all there are. Numbers rarely are a set. */
function enumOf({ values, type, present }: FieldEvidence): readonly Scalar[] | null {
  if (values === null || type !== 'string' || present < ENOUGH_RECORDS) return null
  return values.length * REPEATED <= present ? [...values].sort() : null
}

function boundsOf(field: FieldEvidence): JsonObject | null {
  const { type, low, high } = field
  if (low === null || high === null || type === 'boolean' || enumOf(field) !== null) return null
  return type === 'string' ? { minLength: low, maxLength: high } : { minimum: low, maximum: high }
}

/** One line about a field: how often it is there, and between which values. */
function seen({ looked, present, low, high, type, unique, values }: FieldEvidence): string {
  const there = present === looked ? `always present` : `present in ${count(present)} of ${count(looked)}`
  const range = low === null || high === null || type === 'boolean' ? [] : [rangeText(type, low, high)]
  const few = values === null ? [] : [`${values.length} different values`]
  return [there, ...range, ...few, ...(unique === true && looked > 1 ? ['never twice the same'] : [])].join(', ')
}

function rangeText(type: LogicalType, low: Scalar, high: Scalar): string {
  const one = low === high
  if (type === 'string') return one ? `${low} characters` : `${low} to ${high} characters`
  return one ? `always ${low}` : `from ${low} to ${high}`
}

function count(number: number): string {
  return number.toLocaleString('en-US')
}
