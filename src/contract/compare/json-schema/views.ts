import type { JsonObject } from '../../../kernel/index.ts'
import type { JsonSchemaDocument, Schema } from './define.ts'
import { inPlace, referencesOf, schemasOf } from './subschemas.ts'

/** Parts of schemas that hold together: an instance that fits one view of a schema mostly fits the schema. */
export type View = readonly JsonObject[]

const VIEWS_MAX = 24
const PARTS_MAX = 64
const DEPTH_MAX = 16
/** Bounds schemas whose references double at every step. */
const EXPANSIONS_MAX = 500

/** The alternatives of schemas that all have to hold, with references followed and branches chosen. */
export function viewsOf(document: JsonSchemaDocument, schemas: readonly Schema[]): readonly View[] {
  return new Expansion(document).all(schemas, 0)
}

class Expansion {
  readonly #document: JsonSchemaDocument
  #count = 0

  constructor(document: JsonSchemaDocument) {
    this.#document = document
  }

  all(schemas: readonly Schema[], depth: number): readonly View[] {
    return schemas.reduce<readonly View[]>((views, schema) => cross(views, this.#one(schema, depth)), [[]])
  }

  #one(schema: Schema, depth: number): readonly View[] {
    if (typeof schema === 'boolean') return schema ? [[]] : []
    if (depth > DEPTH_MAX || ++this.#count > EXPANSIONS_MAX) return [[schema]]
    const targets = referencesOf(schema).map((each) => this.#document.resolve(schema, each))
    const views = cross([[schema]], this.all([...targets, ...schemasOf(schema.allOf)], depth + 1))
    const choices = ['anyOf', 'oneOf'].flatMap((key) => (schema[key] === undefined ? [] : [schemasOf(schema[key])]))
    const branches = choices.map((each) => each.flatMap((branch) => this.#one(branch, depth + 1)))
    const conditional = schemasOf(schema.if).map((condition) => [
      ...this.all([condition, ...schemasOf(schema.then)], depth + 1),
      ...this.all(schemasOf(schema.else), depth + 1),
    ])
    return [...branches, ...conditional].reduce(cross, views)
  }
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
