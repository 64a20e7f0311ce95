import { didYouMean, isJsonObject, type JsonObject, nearest } from '../../kernel/index.ts'
import type { Contract, Field } from '../define.ts'
import type { Path, Report } from '../problem.ts'
import type { OwnProperties } from './covenant-properties.ts'
import { textMember, textsMember } from './members.ts'

/** How records are keyed and when they happened: the part of a contract for which ODCS has no field. */
export type StreamFacts = Pick<Contract, 'key' | 'eventTime' | 'cdc'>

/**
 * Gives the fields of the primary key their positions, 1 upwards. Without `primaryKeyPosition` the order of the
 * properties counts; with it, every field of the key needs its own.
 */
export function placePrimaryKey(fields: readonly Field[], path: Path, report: Report): readonly Field[] {
  const keyed = fields.filter((field) => field.primaryKeyPosition !== null)
  const positions = keyed.map((field) => field.primaryKeyPosition!)
  const open = positions.every((position) => position < 0)
  const complete = positions.toSorted((a, b) => a - b).every((position, index) => position === index + 1)
  if (!open && !complete)
    report.error(
      [...path, 'properties'],
      'CONTRACT_KEY_INVALID',
      `"primaryKeyPosition" must count 1, 2, 3 … over the fields of the primary key, found ${keyed
        .map((field) => `${field.name}: ${field.primaryKeyPosition! < 0 ? 'none' : field.primaryKeyPosition}`)
        .join(', ')}.`,
    )
  let next = 1
  return fields.map((field) =>
    field.primaryKeyPosition !== null && open ? { ...field, primaryKeyPosition: next++ } : field,
  )
}

/** Reads `covenant.stream`. Without a `key` there, the primary key of the schema object at `path` is the record key. */
export function readStream(own: OwnProperties, path: Path, fields: readonly Field[], report: Report): StreamFacts {
  const found = own.get('covenant.stream')
  const at = found?.path ?? [...path, 'properties']
  const stream = isJsonObject(found?.value) ? found.value : {}
  const facts = { key: readKey(stream, fields, at, report), eventTime: readEventTime(stream, fields, at, report) }
  const cdc = textMember(stream, 'cdc') === 'debezium' ? 'debezium' : null
  if (cdc !== null && facts.key.length === 0)
    report.error(
      at,
      'CONTRACT_KEY_INVALID',
      'A change data capture stream needs a "key" or a primary key: deletes have nothing else.',
    )
  return { ...facts, cdc }
}

function readKey(stream: JsonObject, fields: readonly Field[], path: Path, report: Report): readonly string[] {
  const named = textsMember(stream, 'key')
  named.forEach((name, index) => {
    checkKeyField(name, fields, [...path, 'key', index], report)
  })
  if (Object.hasOwn(stream, 'key')) return named
  const primary = fields
    .filter((field) => field.primaryKeyPosition !== null)
    .sort((a, b) => a.primaryKeyPosition! - b.primaryKeyPosition!)
  for (const { name } of primary) checkKeyField(name, fields, path, report)
  return primary.map(({ name }) => name)
}

function checkKeyField(name: string, fields: readonly Field[], path: Path, report: Report): void {
  const field = findField(name, fields, 'The key', path, report)
  if (field === null) return
  if (!field.required)
    report.error(path, 'CONTRACT_KEY_INVALID', `The key field "${name}" must be required: set "required: true" on it.`)
  if (['object', 'array', 'map', 'number'].includes(field.type))
    report.error(
      path,
      'CONTRACT_KEY_INVALID',
      `The key field "${name}" is of type ${field.type}, which cannot be compared exactly.`,
    )
}

function readEventTime(stream: JsonObject, fields: readonly Field[], path: Path, report: Report): string | null {
  const name = textMember(stream, 'eventTime')
  if (name === null) return null
  const at = [...path, 'eventTime']
  const field = findField(name, fields, '"eventTime"', at, report)
  if (field !== null && (field.type !== 'timestamp' || !field.required))
    report.error(
      at,
      'CONTRACT_WRONG_VALUE',
      `The event time "${name}" must be a required timestamp, found ${field.required ? 'a' : 'an optional'} ${field.type}.`,
    )
  return name
}

/** The field of that name, or `null` after telling that there is none. */
export function findField(
  name: string,
  fields: readonly Field[],
  who: string,
  path: Path,
  report: Report,
): Field | null {
  const field = fields.find((candidate) => candidate.name === name)
  if (field !== undefined) return field
  const guess = nearest(
    name,
    fields.map((candidate) => candidate.name),
  )
  report.error(
    path,
    'CONTRACT_FIELD_UNKNOWN',
    `${who} names the field "${name}", which the schema does not have.${didYouMean(guess)}`,
    guess,
  )
  return null
}
