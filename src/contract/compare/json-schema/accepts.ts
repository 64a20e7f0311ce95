import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../../kernel/index.ts'
import { isMultipleOf } from '../../decimal.ts'
import { compilePattern } from '../../pattern/bounded-pattern.ts'
import type { Draft, JsonSchemaDocument, Schema } from './define.ts'
import { isSchema, referencesOf, schemaMembers, schemasOf } from './subschemas.ts'

/** Thrown where judging an instance takes more steps than are left. */
export class StepsSpent extends Error {}

/** The steps that a search may still take; one a schema and instance looked at. */
export interface Steps {
  left: number
  /** Looks on after the first refusal, so that the count bounds what any other validator does, whatever its order. */
  readonly thorough?: boolean
}

/**
 * Whether an instance is valid under a part of a schema, plainly written: the search for witnesses asks it thousands of
 * times, and it counts its steps, so that no schema can keep it busy. `unevaluated…` is left to ajv, which has the last
 * word on every witness.
 */
export function acceptsInstance(document: JsonSchemaDocument, schema: Schema, value: Json, steps: Steps): boolean {
  if (--steps.left < 0) throw new StepsSpent()
  if (typeof schema === 'boolean') return schema
  const judge = (inner: Schema, instance: Json = value) => acceptsInstance(document, inner, instance, steps)
  const every: Every = (list, test) =>
    steps.thorough === true ? list.map(test).every((each) => each) : list.every(test)
  const references = referencesOf(schema)
  const refers = every(references, (reference) => judge(document.resolve(schema, reference)))
  if (references.length > 0 && isOld(document)) return refers
  const said = knownKeywords(document, schema)
  const checks: readonly (() => boolean)[] = [
    () => refers,
    () => isOfTypes(said, value),
    () => said.enum === undefined || schemaValues(said.enum).some((each) => equal(each, value)),
    () => said.const === undefined || equal(said.const, value),
    () => combined(said, judge, every),
    () => obeys(document, said, value, judge, every),
  ]
  return every(checks, (check) => check())
}

/** `Array.every`, which looks at all where the search is thorough. */
type Every = <T>(list: readonly T[], test: (each: T) => boolean) => boolean

type Judge = (schema: Schema, instance?: Json) => boolean

/** Keywords that a draft does not know mean nothing in it. */
export const FOREIGN_KEYWORDS: { readonly [draft in Draft]: readonly string[] } = {
  'draft-04': ['const', 'contains', 'propertyNames', 'if', 'then', 'else'],
  'draft-07': [],
  '2019-09': [],
  '2020-12': [],
}
const SINCE_2019 = [
  ...['dependentRequired', 'dependentSchemas', 'minContains', 'maxContains'],
  ...['unevaluatedProperties', 'unevaluatedItems'],
]
const plain = new WeakMap<JsonObject, JsonObject>()

/** What a schema says in its draft: without keywords of later ones, and beside a `$ref` of the older ones nothing. */
export function knownKeywords(document: JsonSchemaDocument, schema: JsonObject): JsonObject {
  if (!isOld(document)) return schema
  const known = plain.get(schema)
  if (known !== undefined) return known
  const foreign = new Set([...FOREIGN_KEYWORDS[document.draft], ...SINCE_2019])
  const said =
    typeof schema.$ref === 'string'
      ? {}
      : Object.fromEntries(Object.entries(schema).filter(([keyword]) => !foreign.has(keyword)))
  plain.set(schema, said)
  return said
}

function isOld({ draft }: JsonSchemaDocument): boolean {
  return draft === 'draft-04' || draft === 'draft-07'
}

function schemaValues(list: Json): readonly Json[] {
  return Array.isArray(list) ? list : []
}

function equal(a: Json, b: Json): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && canonicalJson(a) === canonicalJson(b))
}

function isOfTypes({ type, nullable }: JsonObject, value: Json): boolean {
  if (type === undefined || (value === null && nullable === true)) return true
  const types = Array.isArray(type) ? type : [type]
  const own = typeOf(value)
  return types.includes(own) || (own === 'integer' && types.includes('number'))
}

/** The narrowest type of a value: `integer` for a whole number. */
function typeOf(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function combined(schema: JsonObject, judge: Judge, every: Every): boolean {
  const fits = (each: Schema) => judge(each)
  const any = schemasOf(schema.anyOf)
  const checks: readonly (() => boolean)[] = [
    () => every(schemasOf(schema.allOf), fits),
    () => schema.anyOf === undefined || !every(any, (each) => !fits(each)),
    () => schema.oneOf === undefined || schemasOf(schema.oneOf).filter(fits).length === 1,
    () => !isSchema(schema.not) || !judge(schema.not),
    () => conditional(schema, judge),
  ]
  return every(checks, (check) => check())
}

function conditional(schema: JsonObject, judge: Judge): boolean {
  if (!isSchema(schema.if)) return true
  const branch = schema[judge(schema.if) ? 'then' : 'else']
  return !isSchema(branch) || judge(branch)
}

function obeys(document: JsonSchemaDocument, schema: JsonObject, value: Json, judge: Judge, every: Every): boolean {
  if (typeof value === 'number') return obeysNumber(schema, value)
  if (typeof value === 'string') return obeysText(schema, value)
  if (Array.isArray(value)) return obeysItems(document, schema, value, judge, every)
  return !isJsonObject(value) || obeysMembers(schema, value, judge, every)
}

function obeysNumber(schema: JsonObject, value: number): boolean {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  if (typeof minimum === 'number' && (exclusiveMinimum === true ? value <= minimum : value < minimum)) return false
  if (typeof maximum === 'number' && (exclusiveMaximum === true ? value >= maximum : value > maximum)) return false
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) return false
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) return false
  return typeof multipleOf !== 'number' || isMultipleOf(value, multipleOf)
}

function obeysText({ minLength, maxLength, pattern }: JsonObject, value: string): boolean {
  const length = typeof minLength === 'number' || typeof maxLength === 'number' ? [...value].length : 0
  if (typeof minLength === 'number' && length < minLength) return false
  if (typeof maxLength === 'number' && length > maxLength) return false
  return typeof pattern !== 'string' || matches(pattern, value)
}

const compiled = new Map<string, (text: string) => boolean>()
const COMPILED_MAX = 1_000

/** Whether a text matches, in bounded time; texts that are no expression match nothing. */
export function matches(pattern: string, text: string): boolean {
  let test = compiled.get(pattern)
  if (test === undefined) {
    try {
      test = compilePattern(pattern, 'pattern').test
    } catch {
      test = () => false
    }
    if (compiled.size >= COMPILED_MAX) compiled.clear()
    compiled.set(pattern, test)
  }
  return test(text)
}

function obeysItems(
  document: JsonSchemaDocument,
  schema: JsonObject,
  value: readonly Json[],
  judge: Judge,
  every: Every,
): boolean {
  const { minItems, maxItems, uniqueItems, contains } = schema
  if (typeof minItems === 'number' && value.length < minItems) return false
  if (typeof maxItems === 'number' && value.length > maxItems) return false
  if (uniqueItems === true && new Set(value.map(canonicalJson)).size !== value.length) return false
  if (
    !every([...value.entries()], ([index, item]) =>
      every(itemSchemas(document, schema, index), (each) => judge(each, item)),
    )
  )
    return false
  if (!isSchema(contains)) return true
  const found = value.filter((item) => judge(contains, item)).length
  return found >= Number(schema.minContains ?? 1) && found <= Number(schema.maxContains ?? Infinity)
}

/** The schemas of the item at an index. */
export function itemSchemas({ draft }: JsonSchemaDocument, schema: JsonObject, index: number): readonly Schema[] {
  const { items, prefixItems, additionalItems } = schema
  const tuple = draft === '2020-12' ? prefixItems : items
  if (!Array.isArray(tuple)) return isSchema(items) ? [items] : []
  const own = (tuple as readonly Json[])[index]
  const rest = draft === '2020-12' ? items : additionalItems
  return schemasOf(index < tuple.length ? own : rest)
}

function obeysMembers(schema: JsonObject, value: JsonObject, judge: Judge, every: Every): boolean {
  const { required, minProperties, maxProperties, propertyNames } = schema
  const names = Object.keys(value)
  if (typeof minProperties === 'number' && names.length < minProperties) return false
  if (typeof maxProperties === 'number' && names.length > maxProperties) return false
  if (Array.isArray(required) && !required.every((name) => Object.hasOwn(value, String(name)))) return false
  if (isSchema(propertyNames) && !every(names, (name) => judge(propertyNames, name))) return false
  if (!every(names, (name) => every(memberSchemas(schema, name), (each) => judge(each, value[name]!)))) return false
  return every(dependencies(schema), ([name, needed]) => {
    if (!Object.hasOwn(value, name)) return true
    return isSchema(needed) ? judge(needed) : needed.every((each) => Object.hasOwn(value, each))
  })
}

/** The schemas of the member with a name; none where anything is allowed. */
export function memberSchemas(schema: JsonObject, name: string): readonly Schema[] {
  const { properties, patternProperties, additionalProperties } = schema
  const own = isJsonObject(properties) && Object.hasOwn(properties, name) ? schemasOf(properties[name]) : []
  const matching = schemaMembers(patternProperties).flatMap(([pattern, each]) => (matches(pattern, name) ? [each] : []))
  const declared = [...own, ...matching]
  return declared.length > 0 ? declared : schemasOf(additionalProperties)
}

/** What the presence of a member asks for: other members, or a schema for the whole. */
export function dependencies(schema: JsonObject): readonly (readonly [string, readonly string[] | Schema])[] {
  return ['dependencies', 'dependentRequired', 'dependentSchemas'].flatMap((key) =>
    Object.entries(isJsonObject(schema[key]) ? schema[key] : {}).flatMap(
      ([name, needed]): (readonly [string, readonly string[] | Schema])[] =>
        Array.isArray(needed) ? [[name, needed.map(String)]] : isSchema(needed) ? [[name, needed]] : [],
    ),
  )
}
