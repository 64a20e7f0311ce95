import type { Field } from '../../contract/index.ts'

/** Keywords of Covenant's own; clients refuse a schema with keywords that they do not know. */
const OWN_KEYWORD = /^x-/
/** Record rules, and the comment on them, go: clients find them in the rule set, and execute them. */
const RULE_KEYWORDS = ['x-covenant-rules', '$comment']

/**
 * A contract's JSON schema without what validators other than Covenant's cannot judge, or judge otherwise: the earliest
 * and latest moment, and multiples of fractions, which they divide as floating point numbers.
 *
 * @returns `unchecked` lists what was left out, e.g. `price multipleOf`: the validator behind the topic still checks it.
 */
export function clientJsonSchema(schema: object): { readonly schema: object; readonly unchecked: readonly string[] } {
  const unchecked: string[] = []
  return { schema: strip(schema, '', unchecked) as object, unchecked }
}

/**
 * The schema with the classification and tags of its fields, where clients' rules look for them. Not in the metadata:
 * Confluent's Python client cannot serialise JSON with a schema whose metadata has tags.
 */
export function withTags(schema: object, fields: readonly Field[]): object {
  const inner = schema as JsonSchemaPart
  if (inner.anyOf) return { ...inner, anyOf: inner.anyOf.map((each) => withTags(each, fields)) }
  if (inner.items) return { ...inner, items: withTags(inner.items, fields) }
  if (typeof inner.additionalProperties === 'object')
    return { ...inner, additionalProperties: withTags(inner.additionalProperties, fields) }
  if (!inner.properties) return schema
  const properties = fields.map((field) => {
    const own = tagsOf(field)
    const part = withTags(inner.properties![field.name] ?? {}, field.fields ?? field.items?.fields ?? [])
    return [field.name, own.length === 0 ? part : { ...part, 'confluent:tags': own }]
  })
  return { ...inner, properties: Object.fromEntries(properties) }
}

interface JsonSchemaPart {
  readonly anyOf?: readonly object[]
  readonly items?: object
  readonly additionalProperties?: object
  readonly properties?: Readonly<Record<string, object>>
}

/** Classification and tags of a field, each once. */
export function tagsOf({ semantics }: Field): readonly string[] {
  const classification = semantics?.classification ? [semantics.classification] : []
  return [...new Set([...classification, ...(semantics?.tags ?? [])])]
}

function strip(value: unknown, path: string, unchecked: string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => strip(item, path, unchecked))
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([keyword, operand]) => {
    if (RULE_KEYWORDS.includes(keyword)) return false
    const isOwn = OWN_KEYWORD.test(keyword) || (keyword === 'multipleOf' && !Number.isInteger(operand))
    if (isOwn) unchecked.push(`${path} ${keyword}`.trim())
    return !isOwn
  })
  return Object.fromEntries(
    kept.map(([keyword, operand]) => [keyword, stripKeyword(keyword, operand, path, unchecked)]),
  )
}

/** Only what holds schemas is looked into: `enum` and the like hold values. */
function stripKeyword(keyword: string, operand: unknown, path: string, unchecked: string[]): unknown {
  if (keyword === 'properties')
    return Object.fromEntries(
      Object.entries(operand as object).map(([name, schema]) => [
        name,
        strip(schema, path === '' ? name : `${path}.${name}`, unchecked),
      ]),
    )
  if (keyword === 'items') return strip(operand, `${path}[]`, unchecked)
  if (keyword === 'additionalProperties') return strip(operand, `${path}{}`, unchecked)
  return keyword === 'anyOf' ? strip(operand, path, unchecked) : operand
}
