import { isJsonObject, type Json, type JsonObject } from '../../../kernel/index.ts'
import type { Schema } from './define.ts'

/** The schemas of a keyword that holds one, a list of them, or an object of them. */
export function schemasOf(value: Json | undefined): readonly Schema[] {
  if (Array.isArray(value)) return value.filter(isSchema)
  return isSchema(value) ? [value] : []
}

/** The members of a keyword that holds an object of schemas. */
export function schemaMembers(value: Json | undefined): readonly (readonly [string, Schema])[] {
  if (!isJsonObject(value)) return []
  return Object.entries(value).filter((entry): entry is [string, Schema] => isSchema(entry[1]))
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'boolean' || isJsonObject(value)
}

/** References of a schema. In drafts up to 7 nothing beside a `$ref` counts. */
export function referencesOf(schema: JsonObject): readonly string[] {
  return ['$ref', '$dynamicRef', '$recursiveRef'].flatMap((key) =>
    typeof schema[key] === 'string' ? [schema[key]] : [],
  )
}

/** Schemas that look at the same instance as the schema that holds them. */
export function inPlace(schema: JsonObject, resolve: (reference: string) => Schema): readonly Schema[] {
  const combined = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else'].flatMap((key) => schemasOf(schema[key]))
  const dependent = ['dependentSchemas', 'dependencies'].flatMap((key) =>
    schemaMembers(schema[key]).map(([, each]) => each),
  )
  return [...referencesOf(schema).map(resolve), ...combined, ...dependent]
}
