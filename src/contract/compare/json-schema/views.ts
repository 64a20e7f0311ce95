import type { JsonObject } from '../../../kernel/index.ts'
import type { JsonSchemaDocument, Schema } from './define.ts'
import { inPlace, referencesOf, schemasOf } from './subschemas.ts'

/** Parts of schemas that hold together: an instance that fits one view of a schema mostly fits the schema. */
export type View = readonly JsonObject[]

const VIEWS_MAX = 24
const PARTS_MAX = 64
const DEPTH_MAX = 16

/** The alternatives of schemas that all have to hold, with references followed and branches chosen. */
export function viewsOf(document: JsonSchemaDocument, schemas: readonly Schema[], depth = 0): readonly View[] {
  return schemas.reduce<readonly View[]>((views, schema) => cross(views, expand(document, schema, depth)), [[]])
}

function expand(document: JsonSchemaDocument, schema: Schema, depth: number): readonly View[] {
  if (typeof schema === 'boolean') return schema ? [[]] : []
  if (depth > DEPTH_MAX) return [[schema]]
  const all = [...referencesOf(schema).map((each) => document.resolve(schema, each)), ...schemasOf(schema.allOf)]
  const views = cross([[schema]], viewsOf(document, all, depth + 1))
  const choices = ['anyOf', 'oneOf'].flatMap((key) => (schema[key] === undefined ? [] : [schemasOf(schema[key])]))
  const conditional = schemasOf(schema.if).map((condition) => [
    ...viewsOf(document, [condition, ...schemasOf(schema.then)], depth + 1),
    ...viewsOf(document, schemasOf(schema.else), depth + 1),
  ])
  const branches = choices.map((each) => each.flatMap((branch) => expand(document, branch, depth + 1)))
  return [...branches, ...conditional].reduce(cross, views)
}

function cross(left: readonly View[], right: readonly View[]): readonly View[] {
  const all: View[] = []
  for (const a of left)
    for (const b of right) {
      if (all.length >= VIEWS_MAX) return all
      all.push([...new Set([...a, ...b])].slice(0, PARTS_MAX))
    }
  return all
}

/** Every part of schemas that has a say about the instance, whichever branch it stands in. */
export function partsOf(document: JsonSchemaDocument, schemas: readonly Schema[]): View {
  const parts = new Set<JsonObject>()
  const open = [...schemas]
  while (open.length > 0 && parts.size < PARTS_MAX) {
    const schema = open.shift()!
    if (typeof schema === 'boolean' || parts.has(schema)) continue
    parts.add(schema)
    open.push(...inPlace(schema, (reference) => document.resolve(schema, reference)))
  }
  return [...parts]
}
