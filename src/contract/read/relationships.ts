import type { JsonObject } from '../../kernel/index.ts'
import type { Relationship } from '../define.ts'
import { type Entry, entries, textMember, textsMember } from './members.ts'

/** The foreign keys of the schema object and of its properties; those of a property are from it. */
export function readRelationships(object: Entry): readonly Relationship[] {
  const own = entries(object.value, 'relationships', object.path).map(({ value }) => ({
    from: names(value, 'from').map(fieldName),
    to: names(value, 'to'),
  }))
  const ofProperties = entries(object.value, 'properties', object.path).flatMap((property) =>
    entries(property.value, 'relationships', property.path).map(({ value }) => ({
      from: [textMember(property.value, 'name') ?? ''],
      to: names(value, 'to'),
    })),
  )
  return [...own, ...ofProperties]
}

/** A text, or a list of texts. */
function names(relationship: JsonObject, key: string): readonly string[] {
  const single = textMember(relationship, key)
  return single === null ? textsMember(relationship, key) : [single]
}

/** @example fieldName('orders.shopId') // 'shopId' */
function fieldName(reference: string): string {
  return reference.split(/[./]/).at(-1) ?? reference
}
