import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts'

/** The keys that a schema names at one place. */
export interface KnownKeys {
  /** By the branches that apply to the value. */
  readonly here: ReadonlySet<string>
  /** By branches that apply to other values, e.g. to servers of another type. */
  readonly elsewhere: ReadonlySet<string>
}

/**
 * Collects the keys that `schema` (a part of `root`) names for `value`, following references, `allOf`, choices and the
 * `if`s whose condition the value meets. ODCS conditions only compare members with constants.
 */
export function knownKeys(root: object, schema: object, value: Json): KnownKeys {
  const here = new Set<string>()
  const elsewhere = new Set<string>()
  collect(root as JsonObject, schema as JsonObject, value, here, elsewhere)
  return { here, elsewhere }
}

function collect(
  root: JsonObject,
  schema: Json | undefined,
  value: Json,
  here: Set<string>,
  elsewhere: Set<string>,
): void {
  if (!isJsonObject(schema)) return
  if (isJsonObject(schema.properties)) for (const key of Object.keys(schema.properties)) here.add(key)
  if (typeof schema.$ref === 'string') collect(root, resolve(root, schema.$ref), value, here, elsewhere)
  for (const choice of [schema.allOf, schema.anyOf, schema.oneOf])
    if (Array.isArray(choice)) for (const branch of choice as Json[]) collect(root, branch, value, here, elsewhere)
  if (schema.if !== undefined) collect(root, schema.then, value, holds(schema.if, value) ? here : elsewhere, elsewhere)
}

/** The part of `root` that a reference such as `#/$defs/Team` names. */
export function resolve(root: JsonObject, reference: string): Json | undefined {
  let schema: Json | undefined = root
  for (const step of reference.split('/').slice(1)) schema = isJsonObject(schema) ? schema[step] : undefined
  return schema
}

function holds(condition: Json | undefined, value: Json): boolean {
  if (!isJsonObject(condition) || !isJsonObject(value)) return true
  if (Array.isArray(condition.anyOf)) return (condition.anyOf as Json[]).some((branch) => holds(branch, value))
  const required = Array.isArray(condition.required) ? (condition.required as string[]) : []
  if (required.some((key) => !Object.hasOwn(value, key))) return false
  const properties = isJsonObject(condition.properties) ? condition.properties : {}
  return Object.entries(properties).every(
    ([key, expected]) =>
      !Object.hasOwn(value, key) || !isJsonObject(expected) || !('const' in expected) || expected.const === value[key],
  )
}

/** The schemas of the members of `value`, by key: those of the definitions that `schema` builds on come first. */
export function memberSchemas(root: object, schema: object, value: Json): ReadonlyMap<string, JsonObject> {
  const found = new Map<string, Json[]>()
  for (const { properties } of applying(root as JsonObject, schema as JsonObject, value))
    if (isJsonObject(properties))
      for (const [key, member] of Object.entries(properties)) found.set(key, [...(found.get(key) ?? []), member])
  return new Map([...found].map(([key, allOf]) => [key, { allOf }]))
}

/** The schema of the items of the list `value`. */
export function itemSchema(root: object, schema: object, value: Json): JsonObject {
  const parts = applying(root as JsonObject, schema as JsonObject, value)
  return { allOf: parts.flatMap(({ items }) => (items === undefined ? [] : [items])) }
}

/** The plain parts of a schema that apply to a value: references followed, conditions decided. */
function applying(root: JsonObject, schema: Json | undefined, value: Json): readonly JsonObject[] {
  if (!isJsonObject(schema)) return []
  const branches = [schema.allOf, schema.anyOf, schema.oneOf].flatMap((branch) =>
    Array.isArray(branch) ? (branch as Json[]) : [],
  )
  return [
    ...(typeof schema.$ref === 'string' ? applying(root, resolve(root, schema.$ref), value) : []),
    ...branches.flatMap((branch) => applying(root, branch, value)),
    schema,
    ...(schema.if !== undefined && holds(schema.if, value) ? applying(root, schema.then, value) : []),
  ]
}
