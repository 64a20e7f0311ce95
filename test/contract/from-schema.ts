import fc from 'fast-check'
import { memberSchemas } from '../../src/contract/odcs/known-keys.ts'
import odcs from '../../src/contract/odcs/odcs-3.2.0.schema.json' with { type: 'json' }
import { isJsonObject, type Json, type JsonObject } from '../../src/kernel/index.ts'

/** Deeper lists and mappings stay empty where they may. */
const DEPTH_MAX = 7

/**
 * Documents by the official JSON schema of ODCS 3.2, every section of it: whatever the schema knows may stand in one.
 * They say nothing sensible, and a few do not conform, where the schema asks for more than one part of it says.
 */
export function odcsDocuments(): fc.Arbitrary<JsonObject> {
  return of(odcs as unknown as JsonObject, 0).map((document) => ({
    ...(document as JsonObject),
    apiVersion: 'v3.2.0',
  }))
}

/** Documents with one server of the given type. */
export function serversOf(type: string): fc.Arbitrary<Json> {
  return mapping(resolve('#/$defs/Server'), 2, { type })
}

export const SERVER_TYPES: readonly string[] = odcs.$defs.Server.properties.type.enum

function of(schema: JsonObject, depth: number): fc.Arbitrary<Json> {
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as Json[]))
  if (schema.const !== undefined) return fc.constant(schema.const)
  const merged = flat(schema)
  const choice = merged.find((part) => Array.isArray(part.oneOf) || Array.isArray(part.anyOf))
  const type = merged.flatMap((part) => part.type ?? [])[0]
  if (choice !== undefined && type === undefined)
    return fc.oneof(...((choice.oneOf ?? choice.anyOf) as JsonObject[]).map((branch) => of(branch, depth)))
  if (Array.isArray(type)) return fc.oneof(...type.map((each) => of({ ...schema, type: each }, depth)))
  if (type === 'object') return mapping(schema, depth, {})
  if (type === 'array') return list(merged, depth)
  return scalar(String(type), merged)
}

function scalar(type: string, parts: readonly JsonObject[]): fc.Arbitrary<Json> {
  if (type === 'boolean') return fc.boolean()
  if (type === 'null') return fc.constant(null)
  const enums = parts.find((part) => Array.isArray(part.enum))
  if (enums !== undefined) return fc.constantFrom(...(enums.enum as Json[]))
  if (type === 'integer') return fc.integer({ min: 1, max: 1_000_000 })
  if (type === 'number') return fc.oneof(fc.integer({ min: 1 }), fc.double({ min: 1e-3, max: 1e6, noNaN: true }))
  const pattern = parts.flatMap((part) => part.pattern ?? [])[0]
  if (typeof pattern === 'string') {
    if (pattern.includes('#)?')) return fc.constantFrom('schema/a/properties/b', 'x/y.yaml#schema/a/properties/b')
    if (pattern.includes('\\.[A-Za-z_]')) return fc.constantFrom('orders.id', 'a.b.c')
    return fc.stringMatching(new RegExp(pattern, 'u'), { maxLength: 40 })
  }
  return words()
}

/** Texts that YAML could take for something else. */
function words(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom('', 'null', '~', 'true', 'no', '1.0', '0x1F', '1e3', '.nan', '2024-01-01', '- a', 'a: b', '# c'),
    fc.constantFrom(
      '&a',
      '*a',
      '!t',
      '|',
      '>',
      '%',
      '@',
      '`',
      "'",
      '"',
      '  x  ',
      'a\nb',
      'a\n\n b\n',
      '\t',
      '{',
      '[',
      ',',
    ),
    fc.constantFrom('${A}', 'x-${A:-b c}', '<<', '---', '...', '\u{1F600}', '\u0000', '\u2028', '\uFEFF', '\\'),
    fc.string({ unit: 'grapheme', maxLength: 30 }),
  )
}

function list(parts: readonly JsonObject[], depth: number): fc.Arbitrary<Json> {
  const items = parts.flatMap((part) => part.items ?? [])[0]
  const least = Number(parts.flatMap((part) => part.minItems ?? [])[0] ?? 0)
  const most = Number(parts.flatMap((part) => part.maxItems ?? [])[0] ?? Math.max(2, least))
  const item = isJsonObject(items) ? of(items, depth + 1) : words()
  if (depth >= DEPTH_MAX && least === 0) return fc.constant([])
  const bounds = { minLength: least, maxLength: most }
  return parts.some((part) => part.uniqueItems === true)
    ? fc.uniqueArray(item, { ...bounds, comparator: (a, b) => JSON.stringify(a) === JSON.stringify(b) })
    : fc.array(item, bounds)
}

/** A mapping with the required members and some others; `given` decides which conditions of the schema apply. */
function mapping(schema: JsonObject, depth: number, given: JsonObject): fc.Arbitrary<Json> {
  const kinds = ['type', 'logicalType'].filter((key) => !(key in given))
  const members = memberSchemas(odcs, schema, given)
  const kind = kinds.find((key) => choicesOf(members.get(key)).length > 0)
  if (kind !== undefined)
    return fc
      .option(fc.constantFrom(...choicesOf(members.get(kind))), { nil: null })
      .chain((value) => mapping(schema, depth, { ...given, [kind]: value }))
  const decided = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
  const parts = flat(schema, decided)
  const required = new Set(parts.flatMap((part) => (part.required as string[] | undefined) ?? []))
  const exclusive = parts.flatMap((part) => (Array.isArray(part.oneOf) ? [part.oneOf as JsonObject[]] : []))
  const alternatives = exclusive.map((branches) => branches.flatMap((branch) => (branch.required as string[]) ?? []))
  const names = [...memberSchemas(odcs, schema, decided)].filter(
    ([key]) => !alternatives.flat().includes(key) && !(key in given),
  )
  if (names.length === 0 && alternatives.length === 0)
    return depth >= DEPTH_MAX
      ? fc.constant(decided)
      : fc.dictionary(words(), fc.oneof(words(), fc.integer(), fc.constant(null)), {
          maxKeys: 3,
          noNullPrototype: true,
        })
  const shape = Object.fromEntries(names.map(([key, member]) => [key, of(member, depth + 1)]))
  const body = fc
    .record(shape, { requiredKeys: names.flatMap(([key]) => (required.has(key) ? [key] : [])), noNullPrototype: true })
    .map((value) => ({ ...decided, ...value }) as JsonObject)
  return alternatives.reduce<fc.Arbitrary<JsonObject>>((before, keys) => {
    if (keys.length === 0) return before
    return fc.tuple(before, fc.constantFrom(...keys)).chain(([value, key]) => {
      const member = memberSchemas(odcs, schema, decided).get(key) ?? {}
      const typed = flat(member).some((part) => part.type !== undefined)
      return of(typed ? member : { type: 'number' }, depth + 1).map((chosen) => ({ ...value, [key]: chosen }))
    })
  }, body)
}

function choicesOf(schema: JsonObject | undefined): readonly string[] {
  if (schema === undefined) return []
  return flat(schema).flatMap((part) => (Array.isArray(part.enum) ? (part.enum as string[]) : []))
}

/** The plain parts of a schema, with those whose condition `given` meets. */
function flat(schema: JsonObject, given: JsonObject = {}): readonly JsonObject[] {
  const inner = Array.isArray(schema.allOf) ? (schema.allOf as JsonObject[]) : []
  return [
    ...(typeof schema.$ref === 'string' ? flat(resolve(schema.$ref), given) : []),
    ...inner.flatMap((part) => flat(part, given)),
    schema,
    ...(schema.if !== undefined && meets(schema.if as JsonObject, given) ? flat(schema.then as JsonObject, given) : []),
  ]
}

function meets(condition: JsonObject, given: JsonObject): boolean {
  if (Array.isArray(condition.anyOf)) return (condition.anyOf as JsonObject[]).some((part) => meets(part, given))
  return Object.entries((condition.properties ?? {}) as JsonObject).every(
    ([key, expected]) => isJsonObject(expected) && expected.const !== undefined && expected.const === given[key],
  )
}

function resolve(reference: string): JsonObject {
  let schema: Json = odcs as unknown as JsonObject
  for (const step of reference.split('/').slice(1)) schema = (schema as JsonObject)[step]!
  return schema as JsonObject
}
