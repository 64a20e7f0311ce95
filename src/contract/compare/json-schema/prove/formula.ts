import { canonicalJson, type Json, type JsonObject } from '../../../../kernel/index.ts'
import { dependencies, knownKeywords } from '../accepts.ts'
import type { JsonSchemaDocument, Schema } from '../define.ts'
import { isSchema, referencesOf, schemasOf } from '../subschemas.ts'

/** A part of a schema, with the document that its references are resolved in. */
export interface Term {
  readonly document: JsonSchemaDocument
  readonly schema: Schema
}

export type ValueType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object'

export const VALUE_TYPES: readonly ValueType[] = ['null', 'boolean', 'number', 'string', 'array', 'object']

/** One keyword of a schema, about values of one type. */
export interface Atom {
  readonly keyword: string
  readonly value: Json
  /** The schema that says it. */
  readonly owner: JsonObject
  readonly document: JsonSchemaDocument
  /** Equal for keywords that mean the same; `null` where nothing but being the same one shows that. */
  readonly key: string | null
}

/** What a schema says about values of one type, in the words of logic. */
export type Formula =
  | { readonly kind: 'term'; readonly term: Term }
  | { readonly kind: 'atom'; readonly atom: Atom }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Formula[]; readonly origin?: Atom }
  | { readonly kind: 'not'; readonly of: Formula }

const ALWAYS: Formula = { kind: 'all', of: [] }
const NEVER: Formula = { kind: 'any', of: [] }

const BRANCHES_MAX = 12

/** A schema taken apart by one level. */
export function formulaOf({ document, schema }: Term, type: ValueType): Formula {
  if (typeof schema === 'boolean') return schema ? ALWAYS : NEVER
  const term = (each: Schema): Formula => ({ kind: 'term', term: { document, schema: each } })
  const references = referencesOf(schema).map((each) => term(document.resolve(schema, each)))
  const said = knownKeywords(document, schema)
  const atom = (keyword: string, value: Json, key: string | null = null): Formula => ({
    kind: 'atom',
    atom: { keyword, value, owner: schema, document, key },
  })
  const parts: Formula[] = [...references, typeFormula(said, type, atom)]
  if (said.const !== undefined) parts.push(atom('enum', [said.const]))
  if (Array.isArray(said.enum)) parts.push(atom('enum', said.enum))
  parts.push(...schemasOf(said.allOf).map(term))
  if (said.anyOf !== undefined)
    parts.push({ kind: 'any', of: schemasOf(said.anyOf).map(term), origin: origin('anyOf') })
  if (said.oneOf !== undefined)
    parts.push(oneOf(schemasOf(said.oneOf).map(term), atom('oneOf', said.oneOf), origin('oneOf')))
  if (isSchema(said.not)) parts.push({ kind: 'not', of: term(said.not) })
  if (isSchema(said.if)) parts.push(...conditional(said, term))
  if (type === 'object') parts.push(...dependent(said, term, atom))
  parts.push(...ATOMS[type](said, atom))
  return { kind: 'all', of: parts }

  function origin(keyword: string): Atom {
    return { keyword, value: null, owner: schema as JsonObject, document, key: null }
  }
}

type MakeAtom = (keyword: string, value: Json, key?: string | null) => Formula

function typeFormula({ type, nullable }: JsonObject, own: ValueType, atom: MakeAtom): Formula {
  if (type === undefined) return ALWAYS
  const types = Array.isArray(type) ? type : [type]
  if (types.includes(own) || (own === 'null' && nullable === true)) return ALWAYS
  if (own === 'number' && types.includes('integer')) return atom('integer', 1)
  return { kind: 'any', of: [atom('type', type)] }
}

/** One branch, and no two at once. */
function oneOf(branches: readonly Formula[], whole: Formula, origin: Atom): Formula {
  if (branches.length > BRANCHES_MAX) return whole
  const pairs = branches.flatMap((a, index) =>
    branches.slice(index + 1).map((b): Formula => ({ kind: 'not', of: { kind: 'all', of: [a, b], origin } })),
  )
  return { kind: 'all', of: [{ kind: 'any', of: branches, origin }, ...pairs] }
}

function conditional(said: JsonObject, term: (schema: Schema) => Formula): readonly Formula[] {
  const condition = term(said.if as Schema)
  return [
    ...schemasOf(said.then).map((each): Formula => ({ kind: 'any', of: [{ kind: 'not', of: condition }, term(each)] })),
    ...schemasOf(said.else).map((each): Formula => ({ kind: 'any', of: [condition, term(each)] })),
  ]
}

function dependent(said: JsonObject, term: (schema: Schema) => Formula, atom: MakeAtom): readonly Formula[] {
  const present = (name: string) => atom('required', name)
  return dependencies(said).map(([name, needed]): Formula => {
    const then: Formula = isSchema(needed) ? term(needed) : { kind: 'all', of: needed.map(present) }
    return { kind: 'any', of: [{ kind: 'not', of: present(name) }, then] }
  })
}

function plain(said: JsonObject, keywords: readonly string[], atom: MakeAtom): readonly Formula[] {
  return keywords.flatMap((key) => (said[key] === undefined ? [] : [atom(key, said[key])]))
}

const MEMBERS = ['properties', 'patternProperties', 'additionalProperties']
const ITEMS = ['items', 'prefixItems', 'additionalItems']

const ATOMS: { readonly [type in ValueType]: (said: JsonObject, atom: MakeAtom) => readonly Formula[] } = {
  null: () => [],
  boolean: () => [],
  number: (said, atom) => [
    ...bound(said, 'minimum', 'exclusiveMinimum', atom),
    ...bound(said, 'maximum', 'exclusiveMaximum', atom),
    ...plain(said, ['multipleOf'], atom),
  ],
  string: (said, atom) => plain(said, ['minLength', 'maxLength', 'pattern'], atom),
  array: (said, atom) => [
    ...plain(said, ['minItems', 'maxItems', 'uniqueItems'], atom),
    ...group(said, 'items', ITEMS, atom),
    ...contains(said, atom),
    ...unevaluated(said, 'unevaluatedItems', atom),
  ],
  object: (said, atom) => [
    ...(Array.isArray(said.required) ? said.required.map((name) => atom('required', String(name))) : []),
    ...plain(said, ['minProperties', 'maxProperties'], atom),
    ...group(said, 'properties', MEMBERS, atom),
    ...(isSchema(said.propertyNames) ? [atom('propertyNames', said.propertyNames)] : []),
    ...unevaluated(said, 'unevaluatedProperties', atom),
  ],
}

/** Draft 4 says whether a bound is exclusive beside it. */
function bound(said: JsonObject, inclusive: string, exclusive: string, atom: MakeAtom): readonly Formula[] {
  if (said[exclusive] === true) return said[inclusive] === undefined ? [] : [atom(exclusive, said[inclusive])]
  return plain(said, said[exclusive] === false ? [inclusive] : [inclusive, exclusive], atom)
}

/** Keywords that only mean something together: the atom bears the name of the first that is there. */
function group(said: JsonObject, name: string, keywords: readonly string[], atom: MakeAtom): readonly Formula[] {
  const there = keywords.filter((key) => said[key] !== undefined)
  return there.length === 0 ? [] : [atom(name, there)]
}

function contains(said: JsonObject, atom: MakeAtom): readonly Formula[] {
  if (!isSchema(said.contains)) return []
  const least = Number(said.minContains ?? 1)
  const most = said.maxContains
  return [
    ...(least > 0 ? [atom('minContains', least)] : []),
    ...(most === undefined ? [] : [atom('maxContains', most)]),
  ]
}

/** What is evaluated is not followed here: equal texts mean the same, anything else is left open. */
function unevaluated(said: JsonObject, keyword: string, atom: MakeAtom): readonly Formula[] {
  const value = said[keyword]
  if (value === undefined || value === true) return []
  return [atom(keyword, value, `${keyword} of ${canonicalJson(said)}`)]
}

/** Names a formula, so that two equal ones are seen as such. */
export class FormulaKeys {
  readonly #ids = new Map<unknown, number>()
  readonly #terms = new WeakMap<object, string>()

  of(formula: Formula): string {
    switch (formula.kind) {
      case 'term':
        return this.ofTerm(formula.term)
      case 'atom':
        return this.ofAtom(formula.atom)
      case 'not':
        return `not(${this.of(formula.of)})`
      default:
        return `${formula.kind}(${formula.of.map((each) => this.of(each)).join(',')})`
    }
  }

  /** Schemas without references are the same where their texts are; others where they are one object. */
  ofTerm({ document, schema }: Term): string {
    if (typeof schema === 'boolean') return String(schema)
    const known = this.#terms.get(schema)
    if (known !== undefined) return known
    const text = canonicalJson(schema)
    const key = REFERENCE.test(text) ? `o${this.#id(schema)}` : `t${this.#id(`${document.draft} ${text}`)}`
    this.#terms.set(schema, key)
    return key
  }

  ofAtom({ keyword, value, owner, document, key }: Atom): string {
    if (SCALAR.has(keyword)) return `${keyword} ${canonicalJson(value)}`
    if (key !== null && !REFERENCE.test(key)) return `k${this.#id(`${document.draft} ${key}`)}`
    return `${keyword} of ${this.ofTerm({ document, schema: owner })}`
  }

  #id(value: unknown): number {
    const known = this.#ids.get(value)
    if (known !== undefined) return known
    this.#ids.set(value, this.#ids.size)
    return this.#ids.size - 1
  }
}

const REFERENCE = /"\$(?:ref|dynamicRef|recursiveRef)":/
/** Keywords of which the value says all. */
const SCALAR = new Set([
  ...['integer', 'type', 'enum', 'required', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  ...['multipleOf', 'minLength', 'maxLength', 'pattern', 'minItems', 'maxItems', 'uniqueItems'],
  ...['minProperties', 'maxProperties'],
])
