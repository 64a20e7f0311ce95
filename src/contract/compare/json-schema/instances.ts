import { canonicalJson, isJsonObject, type Json } from '../../../kernel/index.ts'
import { patternSamples } from '../pattern-samples.ts'
import { acceptsInstance, dependencies, itemSchemas, memberSchemas, type Steps, StepsSpent } from './accepts.ts'
import type { JsonSchemaDocument, Schema } from './define.ts'
import { namedValues, numbers, numbersAt, texts } from './scalars.ts'
import { schemaMembers, schemasOf } from './subschemas.ts'
import { partsOf, type View, viewsOf } from './views.ts'

/** Both sides of a comparison at one place of the instance: all of the schemas have to hold. */
export interface Place {
  readonly accepting: readonly Schema[]
  readonly refusing: readonly Schema[]
  /** What the accepting side speaks of without asking for it, as inside of `not`. */
  readonly spoken: readonly Schema[]
}

/** Parts of both sides that tell which values are worth trying. */
interface Hints {
  readonly refusing: View
  readonly spoken: View
}

const NO_HINTS: Hints = { refusing: [], spoken: [] }

function allOf(view: View, { refusing, spoken }: Hints): View {
  return [...new Set([...view, ...refusing, ...spoken])]
}

const DEPTH_MAX = 10
const ITEMS_MAX = 300
const NAMES_MAX = 400
const CHARACTERS_PER_STEP = 50
/** At every place: instances that only one side accepts are what is looked for, others serve to build on. */
const DIVIDING_MAX = 16
const SHARED_MAX = 8

/**
 * Looks for instances that one schema accepts and another refuses: at every place the values that either side's keywords
 * speak of, built into the smallest instance that the accepting side takes.
 */
export class InstanceSearch {
  readonly #accepting: JsonSchemaDocument
  readonly #refusing: JsonSchemaDocument
  readonly #steps: Steps
  readonly #sampling = new Set<Schema>()
  readonly #around: Place[] = []
  readonly #hints: readonly string[]
  #found: ReadonlyMap<string, Json> = new Map()
  readonly #samples = new Map<Schema, readonly Json[]>()

  /** `hints` are texts that are worth trying everywhere. */
  constructor(
    accepting: JsonSchemaDocument,
    refusing: JsonSchemaDocument,
    steps: Steps,
    hints: readonly string[] = [],
  ) {
    this.#hints = hints
    this.#accepting = accepting
    this.#refusing = refusing
    this.#steps = steps
  }

  /** What was found for the whole document, also where the steps ended before the search did. */
  get found(): readonly Json[] {
    return [...this.#found.values()]
  }

  /** Instances that the accepting side takes: first those that the other refuses, then some that both take. */
  find(place: Place, depth = 0): readonly Json[] {
    const { accepting, refusing } = place
    const isAround = (each: Place) => each.accepting[0] === accepting[0] && each.refusing[0] === refusing[0]
    // A difference of a recursive schema shows at its first or second turn.
    if (accepting.length + refusing.length > 0 && this.#around.filter(isAround).length > 1) return []
    this.#around.push(place)
    try {
      return this.#search(place, depth)
    } finally {
      this.#around.pop()
    }
  }

  #search({ accepting, refusing, spoken }: Place, depth: number): readonly Json[] {
    const hints: Hints = {
      refusing: partsOf(this.#refusing, refusing),
      spoken: partsOf(this.#accepting, [...accepting, ...spoken]),
    }
    const dividing = new Map<string, Json>()
    const shared = new Map<string, Json>()
    if (depth === 0) this.#found = dividing
    for (const view of viewsOf(this.#accepting, accepting))
      for (const value of this.#values(view, hints, depth)) {
        if (dividing.size >= DIVIDING_MAX * (depth === 0 ? 20 : 1)) break
        const key = this.#spell(value)
        if (dividing.has(key) || shared.has(key) || !this.#accepts(this.#accepting, accepting, value)) continue
        if (!this.#accepts(this.#refusing, refusing, value)) dividing.set(key, value)
        else if (shared.size < SHARED_MAX) shared.set(key, value)
      }
    return [...dividing.values(), ...shared.values()]
  }

  /** The value as text. Large values cost more steps: they take longer to look at, and make poor witnesses. */
  #spell(value: Json): string {
    const text = canonicalJson(value)
    this.#steps.left -= 1 + text.length / CHARACTERS_PER_STEP
    if (this.#steps.left < 0) throw new StepsSpent()
    return text
  }

  #accepts(document: JsonSchemaDocument, schemas: readonly Schema[], value: Json): boolean {
    return schemas.every((schema) => acceptsInstance(document, schema, value, this.#steps))
  }

  /** Small instances that the accepting side takes at a place. */
  #sample(schemas: readonly Schema[], depth: number): readonly Json[] {
    const only = schemas.length === 1 ? schemas[0]! : null
    const known = only === null ? undefined : this.#samples.get(only)
    if (known !== undefined) return known
    // The smallest instance of a recursive schema does not hold another one.
    if (depth > DEPTH_MAX || (only !== null && this.#sampling.has(only))) return []
    if (--this.#steps.left < 0) throw new StepsSpent()
    if (only !== null) this.#sampling.add(only)
    const found = this.find({ accepting: schemas, refusing: [], spoken: [] }, depth)
    if (only !== null) this.#sampling.delete(only)
    if (only !== null && found.length > 0) this.#samples.set(only, found)
    return found
  }

  *#values(view: View, hints: Hints, depth: number): Iterable<Json> {
    const both = allOf(view, hints)
    const types = typesOf(view)
    yield* namedValues(both)
    if (types.has('object'))
      yield* depth > DEPTH_MAX || !speaksOf(both, OF_OBJECTS) ? [{}] : this.#objects(view, hints, depth)
    if (types.has('array'))
      yield* depth > DEPTH_MAX || !speaksOf(both, OF_ARRAYS) ? [[], ['x']] : this.#arrays(view, hints, depth)
    if (types.has('string')) yield* [...this.#hints, ...texts(both)]
    if (types.has('number') || types.has('integer')) yield* numbers(both)
    if (types.has('boolean')) yield* [true, false]
    if (types.has('null')) yield null
  }

  *#objects(view: View, hints: Hints, depth: number): Iterable<Json> {
    const base = this.#base(view, depth)
    yield base
    yield {}
    const worthTrying = speaksOf(allOf(view, hints), ['patternProperties', 'propertyNames']) ? this.#hints : []
    const names = [...new Set([...memberNames(view, hints), ...worthTrying.slice(0, 12)])]
    const full = this.#full(view, base, names, depth)
    yield full
    for (const name of names) {
      const place = {
        accepting: membersOf(view, name),
        refusing: membersOf(hints.refusing, name),
        spoken: membersOf(hints.spoken, name),
      }
      for (const value of this.find(place, depth + 1)) {
        yield this.#closed(view, { ...base, [name]: value }, depth)
        yield { ...full, [name]: value }
      }
      for (const whole of [base, full]) {
        const { [name]: _, ...rest } = whole
        if (Object.hasOwn(whole, name)) yield rest
      }
    }
    yield* this.#sized(view, hints, base, depth)
  }

  /** The members that a view requires, each with a small value. */
  #base(view: View, depth: number): { readonly [name: string]: Json } {
    const required = view.flatMap(({ required }) => (Array.isArray(required) ? required.map(String) : []))
    const base: Record<string, Json> = {}
    for (const name of new Set(required)) {
      const [value] = this.#sample(membersOf(view, name), depth + 1)
      if (value !== undefined) define(base, name, value)
    }
    const least = Math.max(0, ...numbersAt(view, 'minProperties'))
    return this.#closed(view, this.#grown(view, base, least, depth), depth)
  }

  #full(view: View, base: { readonly [name: string]: Json }, names: readonly string[], depth: number) {
    const full: Record<string, Json> = { ...base }
    for (const name of names.slice(0, 100)) {
      const schemas = membersOf(view, name)
      if (Object.hasOwn(full, name) || schemas.length === 0) continue
      const [value] = this.#sample(schemas, depth + 1)
      if (value !== undefined) define(full, name, value)
    }
    return full
  }

  /** With the members that the presence of others asks for. */
  #closed(view: View, object: { readonly [name: string]: Json }, depth: number): { readonly [name: string]: Json } {
    const closed: Record<string, Json> = { ...object }
    for (const schema of view)
      for (const [name, needed] of dependencies(schema))
        if (Array.isArray(needed) && Object.hasOwn(closed, name))
          for (const each of needed as readonly string[]) {
            if (Object.hasOwn(closed, each)) continue
            const [value] = this.#sample(membersOf(view, each), depth + 1)
            if (value !== undefined) define(closed, each, value)
          }
    return closed
  }

  #grown(view: View, object: { readonly [name: string]: Json }, count: number, depth: number) {
    const grown: Record<string, Json> = { ...object }
    const spare = [
      ...memberNames(view, NO_HINTS),
      ...Array.from({ length: Math.min(count, ITEMS_MAX) }, (_, at) => `k${at}`),
    ]
    for (const name of spare) {
      if (Object.keys(grown).length >= count) break
      if (Object.hasOwn(grown, name)) continue
      const [value] = this.#sample(membersOf(view, name), depth + 1)
      if (value !== undefined) define(grown, name, value)
    }
    return grown
  }

  *#sized(view: View, hints: Hints, base: { readonly [name: string]: Json }, depth: number): Iterable<Json> {
    for (const key of ['minProperties', 'maxProperties'])
      for (const bound of numbersAt(allOf(view, hints), key))
        for (const count of [bound, bound + 1, bound - 1])
          if (count >= 0 && count <= ITEMS_MAX) yield this.#grown(view, base, count, depth)
  }

  *#arrays(view: View, hints: Hints, depth: number): Iterable<Json> {
    const item = (index: number) => ({
      accepting: view.flatMap((schema) => itemSchemas(this.#accepting, schema, index)),
      refusing: hints.refusing.flatMap((schema) => itemSchemas(this.#refusing, schema, index)),
      spoken: hints.spoken.flatMap((schema) => itemSchemas(this.#accepting, schema, index)),
    })
    const least = Math.max(0, ...numbersAt(view, 'minItems'))
    const base = this.#filled(item, this.#contained(view, depth), least, depth)
    yield base
    yield []
    const lengths = ['minItems', 'maxItems', 'minContains', 'maxContains'].flatMap((key) =>
      numbersAt(allOf(view, hints), key),
    )
    for (const length of new Set([1, 2, ...lengths.flatMap((each) => [each, each - 1, each + 1])]))
      if (length >= 0 && length <= ITEMS_MAX) yield this.#filled(item, base.slice(0, length), length, depth)
    for (const index of places(allOf(view, hints))) {
      const start = this.#filled(item, base, index, depth)
      for (const value of this.find(item(index), depth + 1)) {
        yield start.toSpliced(index, 1, value)
        yield [...start.slice(0, index), value]
        yield [...start.slice(0, index), value, value]
      }
    }
    for (const { contains } of [...hints.refusing, ...hints.spoken])
      for (const each of schemasOf(contains)) {
        const { accepting } = item(0)
        const [without] = this.find({ accepting, refusing: [each], spoken: [] }, depth + 1)
        const within = this.find({ accepting: [...accepting, each], refusing: [], spoken: [] }, depth + 1)
        for (const value of [without, ...within]) if (value !== undefined) yield [value]
      }
  }

  /** Items for `contains`, as many as it wants. */
  #contained(view: View, depth: number): readonly Json[] {
    return view.flatMap((schema) =>
      schemasOf(schema.contains).flatMap((each) => {
        const count = typeof schema.minContains === 'number' ? schema.minContains : 1
        return this.#sample([each], depth + 1).slice(0, Math.min(count, ITEMS_MAX))
      }),
    )
  }

  /** Lengthened to `length` by items that differ where there are some. */
  #filled(item: (index: number) => Place, start: readonly Json[], length: number, depth: number): readonly Json[] {
    const filled = [...start]
    for (let index = filled.length; index < Math.min(length, ITEMS_MAX); index++) {
      const values = this.#sample(item(index).accepting, depth + 1)
      const unused = values.find((value) => !filled.some((each) => canonicalJson(each) === canonicalJson(value)))
      const value = unused ?? values[0]
      if (value === undefined) break
      filled.push(value)
    }
    return filled
  }
}

const OF_OBJECTS = [
  'properties',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
  'required',
  'propertyNames',
  'minProperties',
  'maxProperties',
  'dependencies',
  'dependentRequired',
  'dependentSchemas',
]
const OF_ARRAYS = [
  'items',
  'prefixItems',
  'additionalItems',
  'unevaluatedItems',
  'contains',
  'minItems',
  'maxItems',
  'uniqueItems',
]

/** Where nobody says anything about the inside, one inside is as good as another. */
function speaksOf(parts: View, keywords: readonly string[]): boolean {
  return parts.some((schema) => keywords.some((keyword) => schema[keyword] !== undefined))
}

const ALL_TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']

function typesOf(view: View): ReadonlySet<string> {
  let types = new Set(ALL_TYPES)
  for (const { type } of view) {
    if (type === undefined) continue
    const own = new Set((Array.isArray(type) ? type : [type]).map(String))
    if (own.has('number')) own.add('integer')
    types = new Set([...types].filter((each) => own.has(each)))
  }
  return types
}

function membersOf(view: View, name: string): readonly Schema[] {
  return view.flatMap((schema) => memberSchemas(schema, name))
}

/** Names of members that one of the sides speaks of, and one that none does. */
function memberNames(view: View, hints: Hints): readonly string[] {
  const names = allOf(view, hints).flatMap((schema) => [
    ...(isJsonObject(schema.properties) ? Object.keys(schema.properties) : []),
    ...(Array.isArray(schema.required) ? schema.required.map(String) : []),
    ...dependencies(schema).flatMap(([name, needed]) => [
      name,
      ...(Array.isArray(needed) ? (needed as readonly string[]) : []),
    ]),
    ...schemaMembers(schema.patternProperties).flatMap(([pattern]) => patternSamples(pattern, 3).slice(0, 2)),
    ...schemasOf(schema.propertyNames).flatMap((each) => (typeof each === 'boolean' ? [] : texts([each]).slice(0, 12))),
  ])
  return [...new Set([...names, 'other'])].slice(0, NAMES_MAX)
}

/** Indexes at which items may differ: one for each member of a tuple, and one after it. */
function places(parts: View): readonly number[] {
  const lengths = parts.flatMap(({ items, prefixItems }) =>
    [items, prefixItems].flatMap((each) => (Array.isArray(each) ? [each.length] : [])),
  )
  return Array.from({ length: Math.min(Math.max(0, ...lengths) + 1, 20) }, (_, index) => index)
}

/** Sets a member even where its name is `__proto__`. */
function define(object: Record<string, Json>, name: string, value: Json): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
}
