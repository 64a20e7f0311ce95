import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts'
import { MOMENT_PATTERNS } from '../moment.ts'
import { compact, type Draft, type ImportNote } from './draft.ts'
import { importFault, parseJson } from './fault.ts'

/** Keywords that the import carries over, or that say nothing about values. */
const CARRIED: ReadonlySet<string> = new Set([
  ...['$schema', '$id', 'id', '$ref', '$defs', 'definitions', '$comment', '$anchor', 'title', 'description'],
  ...['type', 'enum', 'const', 'properties', 'required', 'items', 'additionalProperties', 'allOf', 'anyOf', 'oneOf'],
  ...['minLength', 'maxLength', 'pattern', 'format', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  ...[
    'multipleOf',
    'minItems',
    'maxItems',
    'uniqueItems',
    'examples',
    'default',
    'deprecated',
    'readOnly',
    'writeOnly',
  ],
  ...['x-earliest', 'x-latest', 'nullable'],
])

const MOMENT_BY_PATTERN: ReadonlyMap<string, string> = new Map(
  Object.entries(MOMENT_PATTERNS).map(([type, pattern]) => [pattern, type]),
)

const MOMENT_FORMATS: Readonly<Record<string, string>> = { 'date-time': 'timestamp', date: 'date', time: 'time' }

/** References may share parts, so that a short text stands for very many fields. */
const REFERENCES_MAX = 10_000

/** The references that lead to a place: one of them once more has no end. */
type Trail = readonly string[]

/**
 * Reads a JSON schema (draft 4 to 2020-12) whose root describes an object. What ODCS cannot say of it stands in the notes.
 *
 * @throws CovenantError `CONTRACT_IMPORT_FAILED`
 */
export function importJsonSchema(text: string, file: string): Draft {
  const root = parseJson(text, file)
  if (!isJsonObject(root)) throw importFault('A JSON schema is a mapping.', file)
  const notes: ImportNote[] = []
  const reader = new Reader(root, notes, file)
  const resolved = reader.resolve(root, '', ['#'])
  const properties = resolved === null ? [] : reader.properties(resolved.schema, '', resolved.trail)
  if (properties.length === 0)
    throw importFault('The root of the JSON schema has no "properties": a contract describes an object.', file)
  const title = typeof root.title === 'string' ? root.title : null
  return {
    name: title ?? (file.replace(/^.*[\\/]/, '').replace(/(\.schema)?\.json$/, '') || 'records'),
    description: typeof root.description === 'string' ? root.description : title,
    properties,
    notes,
  }
}

class Reader {
  readonly #root: JsonObject
  readonly #notes: ImportNote[]
  readonly #file: string
  #references = 0

  constructor(root: JsonObject, notes: ImportNote[], file: string) {
    this.#root = root
    this.#notes = notes
    this.#file = file
  }

  properties(schema: JsonObject, path: string, trail: Trail): JsonObject[] {
    const required = Array.isArray(schema.required) ? schema.required : []
    const members = isJsonObject(schema.properties) ? Object.entries(schema.properties) : []
    for (const name of required)
      if (typeof name === 'string' && !members.some(([member]) => member === name))
        this.#note(join(path, name), 'It is required, but has no schema, so the draft leaves it out.')
    return members.map(([name, member]) => {
      const property = this.#property(member, join(path, name), trail)
      const optional = property.required === false || !required.includes(name)
      return compact({ name, ...property, required: optional ? null : true })
    })
  }

  /** The schema with its reference followed and its `allOf` merged; `null` where that does not end. */
  resolve(schema: Json, path: string, trail: Trail): { schema: JsonObject; trail: Trail } | null {
    if (!isJsonObject(schema)) return schema === true ? { schema: {}, trail } : null
    const { $ref, allOf, ...own } = schema
    const parts: { readonly part: Json; readonly before: Trail }[] = []
    if (typeof $ref === 'string') {
      if (trail.includes($ref)) {
        this.#note(path, 'It refers to itself, which a contract cannot: say how deep it goes.')
        return null
      }
      if (++this.#references > REFERENCES_MAX)
        throw importFault(`The JSON schema follows more than ${REFERENCES_MAX} references.`, this.#file)
      const target = this.#target($ref)
      if (target === undefined) this.#note(path, `The reference ${$ref} leads out of the file and was not followed.`)
      else parts.push({ part: target, before: [...trail, $ref] })
    }
    for (const part of Array.isArray(allOf) ? allOf : []) parts.push({ part: part as Json, before: trail })
    let merged: JsonObject = own
    let followed = trail
    for (const { part, before } of parts) {
      const resolved = this.resolve(part, path, before)
      merged = merge(resolved?.schema ?? {}, merged)
      followed = [...new Set([...followed, ...(resolved?.trail ?? before)])]
    }
    return { schema: merged, trail: followed }
  }

  #target(reference: string): Json | undefined {
    if (!reference.startsWith('#')) return undefined
    let value: Json | undefined = this.#root
    for (const step of reference.split('/').slice(1).map(unescapePointer))
      value = isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined
    return value
  }

  /** The ODCS property without its name; `required: false` where it may be null. */
  #property(member: Json, path: string, trail: Trail): JsonObject {
    const resolved = this.resolve(member, path, trail)
    if (resolved === null) return { logicalType: 'object', required: false }
    const { schema, nullable, trail: inside } = this.#withoutNull(resolved.schema, path, resolved.trail)
    this.#noteUnknown(schema, path)
    const property = { ...words(schema), ...this.#typed(schema, path, inside) }
    return nullable ? { ...property, required: false } : property
  }

  /** A schema that also accepts null is an optional property in ODCS. */
  #withoutNull(
    schema: JsonObject,
    path: string,
    trail: Trail,
  ): { schema: JsonObject; nullable: boolean; trail: Trail } {
    const choices = [schema.anyOf, schema.oneOf].find(Array.isArray) as readonly Json[] | undefined
    if (choices !== undefined) {
      const { anyOf: _, oneOf: __, ...own } = schema
      const branches = choices.filter((choice) => !isJsonObject(choice) || choice.type !== 'null')
      if (branches.length !== 1)
        this.#note(path, `It is one of ${branches.length} alternatives; the draft has the first one.`)
      const branch = branches[0] === undefined ? null : this.resolve(branches[0], path, trail)
      const inner = this.#withoutNull(merge(branch?.schema ?? {}, own), path, branch?.trail ?? trail)
      return { ...inner, nullable: inner.nullable || branches.length < choices.length }
    }
    const types = Array.isArray(schema.type) ? schema.type : [schema.type]
    const others = types.filter((type) => type !== 'null')
    if (others.length > 1) this.#note(path, `It may be ${others.join(' or ')}; the draft has ${String(others[0])}.`)
    const nullable = others.length < types.length || schema.nullable === true
    const [type] = others
    return { schema: type === undefined ? schema : { ...schema, type }, nullable, trail }
  }

  #typed(schema: JsonObject, path: string, trail: Trail): JsonObject {
    const type = typeOf(schema)
    if (type === null) this.#note(path, 'It has no type; the draft says string.')
    switch (type ?? 'string') {
      case 'object':
        return this.#object(schema, path, trail)
      case 'array':
        return this.#array(schema, path, trail)
      case 'integer':
      case 'number':
        return { logicalType: type!, ...enumOf(schema), ...numberOptions(schema) }
      case 'boolean':
        return { logicalType: 'boolean', ...enumOf(schema) }
      default:
        return this.#text(schema, path)
    }
  }

  #object(schema: JsonObject, path: string, trail: Trail): JsonObject {
    if (isJsonObject(schema.properties))
      return { logicalType: 'object', properties: this.properties(schema, path, trail) }
    const { additionalProperties: values } = schema
    if (!isJsonObject(values)) {
      this.#note(path, 'It is an object without properties: say what is inside.')
      return { logicalType: 'object' }
    }
    const value = this.#property(values, `${path}{}`, trail)
    return { logicalType: 'map', map: { key: { logicalType: 'string' }, value: itemOf(value) } }
  }

  #array(schema: JsonObject, path: string, trail: Trail): JsonObject {
    const options = compact({ minItems: schema.minItems, maxItems: schema.maxItems, uniqueItems: schema.uniqueItems })
    const items = isJsonObject(schema.items) ? schema.items : null
    if (items === null) this.#note(`${path}[]`, 'What the items are is not said by one schema; the draft says string.')
    const item = itemOf(items === null ? { logicalType: 'string' } : this.#property(items, `${path}[]`, trail))
    return compact({ logicalType: 'array', logicalTypeOptions: options, items: item })
  }

  #text(schema: JsonObject, path: string): JsonObject {
    const format = typeof schema.format === 'string' ? schema.format : null
    const moment = momentOf(schema) ?? (format === null ? undefined : MOMENT_FORMATS[format])
    if (moment !== undefined) return compact({ logicalType: moment, ...enumOf(schema), ...momentOptions(schema) })
    if (format !== null) this.#note(path, `The format "${format}" is not enforced: express it as a pattern.`)
    const { minLength, maxLength, pattern } = schema
    return compact({
      logicalType: 'string',
      ...enumOf(schema),
      logicalTypeOptions: compact({ minLength, maxLength, pattern }),
    })
  }

  #noteUnknown(schema: JsonObject, path: string): void {
    const unknown = Object.keys(schema).filter((key) => !CARRIED.has(key))
    if (schema.additionalProperties === false) unknown.push('additionalProperties: false')
    if (unknown.length > 0) this.#note(path, `Not carried over: ${unknown.join(', ')}.`)
  }

  #note(path: string, message: string): void {
    this.#notes.push({ path, message })
  }
}

/** Both schemas: lists of required members and properties are joined, of other keywords the later one counts. */
function merge(a: JsonObject, b: JsonObject): JsonObject {
  const joined: Record<string, Json> = { ...a, ...b }
  if (isJsonObject(a.properties) && isJsonObject(b.properties)) joined.properties = { ...a.properties, ...b.properties }
  if (Array.isArray(a.required) && Array.isArray(b.required))
    joined.required = [...new Set([...a.required, ...b.required])]
  return joined
}

function typeOf(schema: JsonObject): string | null {
  if (typeof schema.type === 'string') return schema.type
  const [value] = Array.isArray(schema.enum) ? (schema.enum as Json[]).filter((each) => each !== null) : [schema.const]
  if (isJsonObject(schema.properties)) return 'object'
  if (schema.items !== undefined) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  if (typeof value === 'boolean') return 'boolean'
  return typeof value === 'string' || schema.pattern !== undefined || schema.format !== undefined ? 'string' : null
}

function enumOf(schema: JsonObject): JsonObject {
  const values = Array.isArray(schema.enum) ? (schema.enum as Json[]) : schema.const === undefined ? [] : [schema.const]
  const scalars = values.filter((value) => ['string', 'number', 'boolean'].includes(typeof value))
  return scalars.length === 0 ? {} : { enum: scalars.map((value) => ({ value })) }
}

function numberOptions(schema: JsonObject): JsonObject {
  const { minimum, maximum, exclusiveMinimum: low, exclusiveMaximum: high, multipleOf } = schema
  // Draft 4 writes exclusive bounds as flags.
  const options = compact({
    ...(low === true ? { exclusiveMinimum: minimum } : { minimum, exclusiveMinimum: low === false ? null : low }),
    ...(high === true ? { exclusiveMaximum: maximum } : { maximum, exclusiveMaximum: high === false ? null : high }),
    multipleOf,
  })
  const bounds = Object.entries(options).filter(
    ([key, value]) =>
      !(key === 'minimum' && value === Number.MIN_SAFE_INTEGER) &&
      !(key === 'maximum' && value === Number.MAX_SAFE_INTEGER),
  )
  return bounds.length === 0 ? {} : { logicalTypeOptions: Object.fromEntries(bounds) }
}

/** Covenant's own keywords for the earliest and latest moment, as its JSON schemas write them. */
function momentOf(schema: JsonObject): string | undefined {
  for (const bound of [schema['x-earliest'], schema['x-latest']])
    if (isJsonObject(bound) && typeof bound.type === 'string') return bound.type
  return typeof schema.pattern === 'string' ? MOMENT_BY_PATTERN.get(schema.pattern) : undefined
}

function momentOptions(schema: JsonObject): JsonObject {
  const bound = (key: string) => (isJsonObject(schema[key]) ? (schema[key] as JsonObject).value : undefined)
  const options = compact({ minimum: bound('x-earliest'), maximum: bound('x-latest') })
  return Object.keys(options).length === 0 ? {} : { logicalTypeOptions: options }
}

function words(schema: JsonObject): JsonObject {
  const { title, description, examples, deprecated } = schema
  return compact({
    businessName: typeof title === 'string' ? title : null,
    description: typeof description === 'string' ? description : null,
    examples: Array.isArray(examples) ? examples : null,
    deprecated: deprecated === true ? true : null,
  })
}

/** An item that may not be null is a required one. */
function itemOf(property: JsonObject): JsonObject {
  const { required, ...rest } = property
  return required === false ? rest : { ...rest, required: true }
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

function unescapePointer(step: string): string {
  return decodeURIComponentSafe(step).replaceAll('~1', '/').replaceAll('~0', '~')
}

function decodeURIComponentSafe(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
