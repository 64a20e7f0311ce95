import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../../kernel/index.ts'

const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']
const NAMED = ['record', 'error', 'enum', 'fixed']
const ORDER = ['type', 'name', 'namespace', 'doc', 'aliases', 'fields', 'symbols', 'items', 'values', 'size', 'default']
const FIELD_ORDER = ['name', 'type', 'doc', 'default', 'aliases']

/** An Avro schema in one way of writing: equal for schemas that differ in layout, order of attributes and full names. */
export function canonicalAvro(schema: Json): string {
  return JSON.stringify(normal(schema, ''))
}

function normal(schema: Json, namespace: string): Json {
  if (typeof schema === 'string') return PRIMITIVES.includes(schema) ? schema : qualified(schema, namespace)
  if (Array.isArray(schema)) return schema.map((each: Json) => normal(each, namespace))
  return isJsonObject(schema) ? normalObject(schema, namespace) : schema
}

function normalObject(schema: JsonObject, namespace: string): Json {
  const { type } = schema
  if (typeof type !== 'string') return normal(type ?? null, namespace)
  if (Object.keys(schema).length === 1) return normal(type, namespace)
  if (!NAMED.includes(type)) return ordered({ ...schema, ...inner(schema, namespace) }, ORDER)
  const full = qualified(String(schema.name), String(schema.namespace ?? namespace))
  const at = full.lastIndexOf('.')
  const own = full.slice(0, Math.max(at, 0))
  const { namespace: _, ...rest } = schema
  const fields = Array.isArray(schema.fields)
    ? { fields: schema.fields.map((each: Json) => normalField(each, own)) }
    : {}
  return ordered(
    { ...rest, name: full.slice(at + 1), ...(own === namespace ? {} : { namespace: own }), ...fields },
    ORDER,
  )
}

function inner(schema: JsonObject, namespace: string): JsonObject {
  if (schema.items !== undefined) return { items: normal(schema.items, namespace) }
  return schema.values === undefined ? {} : { values: normal(schema.values, namespace) }
}

function normalField(field: Json, namespace: string): Json {
  if (!isJsonObject(field)) return field
  const { order, ...rest } = field
  const kept = order === undefined || order === 'ascending' ? rest : field
  return ordered({ ...kept, type: normal(field.type ?? null, namespace) }, FIELD_ORDER)
}

function ordered(object: JsonObject, first: readonly string[]): JsonObject {
  const rest = Object.keys(object)
    .filter((key) => !first.includes(key))
    .sort()
  const known = first.filter((key) => object[key] !== undefined).map((key) => [key, object[key]!] as const)
  return Object.fromEntries([
    ...known,
    ...rest.map((key) => [key, JSON.parse(canonicalJson(object[key])) as Json] as const),
  ])
}

function qualified(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}
