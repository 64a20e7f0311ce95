import type { Contract, Field } from '../define.ts'
import { isAvroName } from '../plan/avro.ts'
import type { Report } from '../problem.ts'
import { type Entry, entries, objectMember, textMember } from './members.ts'

/**
 * Says which fields keep a contract that asks for Avro from being served as Avro. It is an error: producers would be given
 * another format than the contract promises them.
 */
export function checkAvro(
  object: Entry,
  { fields, schemaRegistry }: Pick<Contract, 'fields' | 'schemaRegistry'>,
  report: Report,
): void {
  if (schemaRegistry?.format === 'avro') checkFields(object, fields, report)
}

function checkFields(owner: Entry, fields: readonly Field[], report: Report): void {
  const properties = entries(owner.value, 'properties', owner.path)
  for (const field of fields) {
    const property = properties.find(({ value }) => textMember(value, 'name') === field.name)
    if (property === undefined) continue
    if (!isAvroName(field.name))
      report.error(
        [...property.path, 'name'],
        'CONTRACT_AVRO_UNSUPPORTED',
        `Avro allows no field of the name ${JSON.stringify(field.name)}: letters, digits and underscores, no digit first. Rename it, or set "format" of covenant.schemaRegistry to json.`,
      )
    checkInside(property, field, report)
  }
}

/** What a list or map holds has no name of its own in Avro. */
function checkInside(property: Entry, { fields = [], items }: Field, report: Report): void {
  const held = items && heldBy(property)
  if (items && held) checkInside(held, items, report)
  else checkFields(property, fields, report)
}

function heldBy({ value, path }: Entry): Entry | null {
  const items = objectMember(value, 'items')
  if (items !== null) return { value: items, path: [...path, 'items'] }
  const held = objectMember(objectMember(value, 'map') ?? {}, 'value')
  return held === null ? null : { value: held, path: [...path, 'map', 'value'] }
}
