import { isJsonObject, type Json, type JsonObject } from '../../../kernel/index.ts'
import { itemSchemas, memberSchemas } from './accepts.ts'
import type { JsonSchemaDocument, Schema, SchemaError } from './define.ts'
import { partsOf, type View } from './views.ts'

/** Names of what changed, as users of Confluent's registry know them; `before` is what the accepting schema says. */
export function kindOf(
  accepting: JsonSchemaDocument,
  error: SchemaError,
  witness: Json,
): { readonly kind: string; readonly before: Json | undefined } {
  const parts = partsAt(accepting, error.instancePath, witness)
  const before = parts.find((schema) => schema[error.keyword] !== undefined)?.[error.keyword]
  return { kind: name(error, parts, before), before }
}

/** Keywords with an added or a changed value, and the word for a change that refuses more. */
const BOUNDS: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['maximum', ['MAXIMUM', 'DECREASED']],
  ['minimum', ['MINIMUM', 'INCREASED']],
  ['exclusiveMaximum', ['EXCLUSIVE_MAXIMUM', 'DECREASED']],
  ['exclusiveMinimum', ['EXCLUSIVE_MINIMUM', 'INCREASED']],
  ['maxLength', ['MAX_LENGTH', 'DECREASED']],
  ['minLength', ['MIN_LENGTH', 'INCREASED']],
  ['maxItems', ['MAX_ITEMS', 'DECREASED']],
  ['minItems', ['MIN_ITEMS', 'INCREASED']],
  ['maxProperties', ['MAX_PROPERTIES', 'DECREASED']],
  ['minProperties', ['MIN_PROPERTIES', 'INCREASED']],
  ['multipleOf', ['MULTIPLE_OF', 'CHANGED']],
  ['pattern', ['PATTERN', 'CHANGED']],
  ['uniqueItems', ['UNIQUE_ITEMS', 'CHANGED']],
  ['contains', ['CONTAINS', 'CHANGED']],
  ['propertyNames', ['PROPERTY_NAMES', 'CHANGED']],
  ['const', ['CONST', 'CHANGED']],
])

const OTHERS: ReadonlyMap<string, string> = new Map([
  ['required', 'REQUIRED_ATTRIBUTE_ADDED'],
  ['enum', 'ENUM_ARRAY_NARROWED'],
  ['anyOf', 'SUM_TYPE_NARROWED'],
  ['oneOf', 'SUM_TYPE_NARROWED'],
  ['allOf', 'PRODUCT_TYPE_EXTENDED'],
  ['not', 'NOT_TYPE_EXTENDED'],
  ['dependencies', 'DEPENDENCY_ARRAY_CHANGED'],
  ['dependentRequired', 'DEPENDENCY_ARRAY_CHANGED'],
  ['additionalItems', 'ADDITIONAL_ITEMS_REMOVED'],
  ['items', 'ADDITIONAL_ITEMS_REMOVED'],
  ['unevaluatedProperties', 'ADDITIONAL_PROPERTIES_REMOVED'],
  ['unevaluatedItems', 'ADDITIONAL_ITEMS_REMOVED'],
  ['if', 'CONDITION_CHANGED'],
])

function name(error: SchemaError, parts: View, before: Json | undefined): string {
  const { keyword, parameters } = error
  const bound = BOUNDS.get(keyword)
  if (bound !== undefined) return `${bound[0]}_${before === undefined ? 'ADDED' : bound[1]}`
  if (keyword === 'enum' && before === undefined) return 'ENUM_ARRAY_ADDED'
  if (keyword === 'type') return typeChange(parts, before)
  if (keyword === 'additionalProperties')
    return parts.some((schema) => declares(schema, String(parameters.additionalProperty)))
      ? 'PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL'
      : 'ADDITIONAL_PROPERTIES_REMOVED'
  if (keyword === 'false schema') return 'PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL'
  return OTHERS.get(keyword) ?? 'SCHEMA_NARROWED'
}

function typeChange(parts: View, before: Json | undefined): string {
  if (parts.length === 0) return 'PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL'
  return before === undefined || Array.isArray(before) || before === 'number' ? 'TYPE_NARROWED' : 'TYPE_CHANGED'
}

function declares(schema: JsonObject, property: string): boolean {
  return isJsonObject(schema.properties) && Object.hasOwn(schema.properties, property)
}

/** The parts of a schema that have a say about the value at a JSON pointer; none for one that it does not know. */
function partsAt(document: JsonSchemaDocument, pointer: string, witness: Json): View {
  let schemas: readonly Schema[] = [document.root]
  let value: Json | undefined = witness
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~')
    const parts = partsOf(document, schemas)
    const isList = Array.isArray(value)
    schemas = parts.flatMap((schema) =>
      isList ? itemSchemas(document, schema, Number(key)) : memberSchemas(schema, key),
    )
    value = isList ? (value as readonly Json[])[Number(key)] : isJsonObject(value) ? value[key] : undefined
  }
  return partsOf(document, schemas)
}
