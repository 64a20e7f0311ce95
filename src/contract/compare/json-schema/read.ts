import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../../kernel/index.ts'
import { compilePattern } from '../../pattern/bounded-pattern.ts'
import { schemaFault } from '../schema-fault.ts'
import type { Draft, JsonSchemaDocument, NamedSchema, Schema } from './define.ts'
import { compileSchema } from './oracle.ts'
import { inPlace } from './subschemas.ts'

/** Where a schema without an id stands, so that relative references have something to be relative to. */
const NOWHERE = 'covenant://schema/'
/** Keywords that hold values, not schemas. */
const VALUES = new Set(['enum', 'const', 'default', 'examples'])

/**
 * A JSON Schema (drafts 4, 6, 7, 2019-09, 2020-12; 7 where `$schema` says nothing), as strict as its draft. `format` is an
 * annotation.
 *
 * @throws CovenantError `CONTRACT_SCHEMA_INVALID` for what is no schema, for a reference that leads nowhere, and for a
 * schema that refers to itself without going into the instance
 */
export function readJsonSchema(schema: Json, references: readonly NamedSchema[] = []): JsonSchemaDocument {
  const root = asSchema(schema)
  const draft = draftOf(root)
  const index = new SchemaIndex(draft)
  for (const reference of references) index.add(asSchema(reference.schema), reference.name)
  index.add(root, '')
  index.check()
  const resolve = (from: JsonObject, reference: string): Schema => index.resolve(from, reference) ?? true
  const validate = compileSchema(draft, root, references)
  return { draft, root, text: canonicalJson([root, references]), resolve, errors: validate }
}

function asSchema(value: Json): Schema {
  if (typeof value === 'boolean' || isJsonObject(value)) return value
  throw schemaFault('A JSON Schema is an object, true or false.', '')
}

function draftOf(schema: Schema): Draft {
  const named = typeof schema === 'object' ? schema.$schema : undefined
  if (named === undefined) return 'draft-07'
  const [, found] =
    /^https?:\/\/json-schema\.org\/(?:draft\/)?(draft-0[467]|2019-09|2020-12)\/schema#?$/.exec(String(named)) ?? []
  if (found === undefined)
    throw schemaFault(`"${String(named)}" is none of the drafts 4, 6, 7, 2019-09 and 2020-12.`, '/$schema')
  return found === 'draft-06' ? 'draft-07' : (found as Draft)
}

class SchemaIndex {
  readonly #idKey: string
  readonly #schemas = new Map<string, Schema>()
  readonly #bases = new Map<JsonObject, string>()
  readonly #references: (readonly [JsonObject, string])[] = []

  constructor(draft: Draft) {
    this.#idKey = draft === 'draft-04' ? 'id' : '$id'
  }

  add(schema: Schema, name: string): void {
    const base = join(NOWHERE, name)
    this.#schemas.set(base, schema)
    this.#visit(schema, base)
  }

  resolve(from: JsonObject, reference: string): Schema | undefined {
    const base = this.#bases.get(from) ?? NOWHERE
    return this.#find(join(base, reference)) ?? this.#find(join(NOWHERE, reference))
  }

  check(): void {
    for (const [schema, reference] of this.#references)
      if (this.resolve(schema, reference) === undefined && !/^https?:\/\/json-schema\.org\//.test(reference))
        throw schemaFault(`The reference "${reference}" leads nowhere.`, reference)
    const done = new Set<Schema>()
    for (const schema of this.#bases.keys()) this.#refuseLoops(schema, done)
  }

  #visit(root: Schema, rootBase: string): void {
    const open: [Json, string][] = [[root, rootBase]]
    while (open.length > 0) {
      const [value, around] = open.pop()!
      if (Array.isArray(value)) open.push(...value.map((each: Json): [Json, string] => [each, around]))
      if (!isJsonObject(value)) continue
      const base = this.#register(value, around)
      for (const [key, member] of Object.entries(value)) if (!VALUES.has(key)) open.push([member, base])
    }
  }

  #register(schema: JsonObject, around: string): string {
    const id = schema[this.#idKey]
    const base = typeof id === 'string' ? join(around, id) : around
    this.#bases.set(schema, base.replace(/#.*$/, ''))
    if (typeof id === 'string') this.#schemas.set(base.replace(/#$/, ''), schema)
    for (const key of ['$anchor', '$dynamicAnchor'])
      if (typeof schema[key] === 'string') this.#schemas.set(`${base.replace(/#.*$/, '')}#${schema[key]}`, schema)
    for (const key of ['$ref', '$dynamicRef', '$recursiveRef'])
      if (typeof schema[key] === 'string') this.#references.push([schema, schema[key]])
    if (typeof schema.pattern === 'string') checkPattern(schema.pattern)
    return base.replace(/#.*$/, '')
  }

  #find(uri: string): Schema | undefined {
    const at = uri.indexOf('#')
    if (at === -1 || at === uri.length - 1) return this.#schemas.get(at === -1 ? uri : uri.slice(0, at))
    const known = this.#schemas.get(uri)
    if (known !== undefined || uri[at + 1] !== '/') return known
    const target = pointed(this.#schemas.get(uri.slice(0, at)), uri.slice(at + 1))
    return typeof target === 'boolean' || isJsonObject(target) ? target : undefined
  }

  /** A chain of references and combinations that comes back to its beginning never looks at the instance. */
  #refuseLoops(start: Schema, done: Set<Schema>): void {
    const around = new Set<Schema>()
    const open: [Schema, boolean][] = [[start, false]]
    while (open.length > 0) {
      const [schema, left] = open.pop()!
      if (left) {
        around.delete(schema)
        done.add(schema)
        continue
      }
      if (typeof schema === 'boolean' || done.has(schema)) continue
      if (around.has(schema)) throw schemaFault('The schema refers to itself without end.', '$ref')
      around.add(schema)
      open.push([schema, true])
      for (const inner of inPlace(schema, (reference) => this.resolve(schema, reference) ?? true))
        open.push([inner, false])
    }
  }
}

function checkPattern(pattern: string): void {
  try {
    compilePattern(pattern, 'pattern')
  } catch (cause) {
    throw schemaFault(`The pattern ${JSON.stringify(pattern)} is no regular expression.`, 'pattern', cause)
  }
}

function pointed(root: Json | undefined, pointer: string): Json | undefined {
  let value = root
  for (const token of pointer.split('/').slice(1)) {
    const key = decode(token).replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as JsonObject)[key]
  }
  return value
}

function decode(token: string): string {
  try {
    return decodeURIComponent(token)
  } catch {
    return token
  }
}

function join(base: string, reference: string): string {
  try {
    return new URL(reference, base).href
  } catch {
    return reference
  }
}
