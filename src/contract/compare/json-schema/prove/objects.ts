import { isJsonObject, type Json, type JsonObject } from '../../../../kernel/index.ts'
import { matches, memberSchemas } from '../accepts.ts'
import type { JsonSchemaDocument, Schema } from '../define.ts'
import { schemaMembers, schemasOf } from '../subschemas.ts'
import type { Gap, PartProver } from './define.ts'
import type { Atom, Formula } from './formula.ts'

/** With more patterns of names, names fall into too many classes. */
const PATTERNS_MAX = 6
const COMBINATIONS_MAX = 200

/** Names of which the schemas say the same: a single one, or all others that match the same patterns. */
interface NameClass {
  readonly name: string | null
  readonly patterns: readonly string[]
  /** Everything the left says about a value at such a name. */
  readonly values: readonly Formula[]
}

/** `null` where no object obeys all of `left` and none of `right`. */
export function objectGap(prover: PartProver, left: readonly Atom[], right: readonly Atom[], path: string): Gap | null {
  return new Objects(prover, left, right, path).gap()
}

/** Where a schema of our own comes from. */
const PLAIN: JsonSchemaDocument = { draft: '2020-12', root: true, text: 'true', resolve: () => true, errors: () => [] }

class Objects {
  readonly #prover: PartProver
  readonly #left: readonly Atom[]
  readonly #right: readonly Atom[]
  readonly #path: string
  readonly #required: ReadonlySet<string>
  readonly #absent: ReadonlySet<string>
  readonly #patterns: readonly string[]
  readonly #names: readonly string[]

  constructor(prover: PartProver, left: readonly Atom[], right: readonly Atom[], path: string) {
    this.#prover = prover
    this.#left = left
    this.#right = right
    this.#path = path
    this.#required = new Set(valuesOf(left, 'required').map(String))
    this.#absent = new Set(valuesOf(right, 'required').map(String))
    const groups = [...left, ...right].filter(({ keyword }) => keyword === 'properties')
    this.#patterns = [...new Set(groups.flatMap(({ owner }) => Object.keys(members(owner.patternProperties))))]
    const listed = left.flatMap(({ keyword, value }) => (keyword === 'propertyNames' ? listedNames(value) : []))
    const declared = groups.flatMap(({ owner }) => Object.keys(members(owner.properties)))
    this.#names = [...new Set([...declared, ...this.#required, ...this.#absent, ...listed])]
  }

  gap(): Gap | null {
    const [failing] = this.#right
    const gap = { path: this.#path, atom: failing ?? null }
    for (const name of this.#required) if (this.#absent.has(name)) return null
    const classes = this.#classes()
    if (classes === null) return gap
    if (this.#isImpossible(classes)) return null
    const right = this.#right.filter(({ keyword }) => keyword === 'properties' || keyword === 'propertyNames')
    const open: (readonly [NameClass, Atom, Gap])[][] = []
    for (const atom of right) {
      const stuck: (readonly [NameClass, Atom, Gap])[] = []
      for (const each of classes) {
        const found = this.#classGap(each, atom)
        if (found !== null) stuck.push([each, atom, found])
        // One goal alone needs no list of all that is open.
        if (found !== null && right.length === 1) return found
      }
      if (stuck.length === 0) return null
      open.push(stuck)
    }
    return open.length > 1 && this.#closesTogether(open) ? null : (open[0]?.[0]?.[2] ?? gap)
  }

  /** Too few or too many members, or one that has to be there and cannot. */
  #isImpossible(classes: readonly NameClass[]): boolean {
    const numbers = (atoms: readonly Atom[], keyword: string) => valuesOf(atoms, keyword).map(Number)
    const least = Math.max(
      this.#required.size,
      ...numbers(this.#left, 'minProperties'),
      ...numbers(this.#right, 'maxProperties').map((each) => each + 1),
    )
    const most = Math.min(
      ...numbers(this.#left, 'maxProperties'),
      ...numbers(this.#right, 'minProperties').map((each) => each - 1),
      classes.some(({ name }) => name === null) ? Infinity : classes.length,
    )
    if (least > most) return true
    for (const name of this.#required) {
      const own = classes.find((each) => each.name === name)
      if (own === undefined || (own.values.length > 0 && this.#prover.gap(own.values, [], this.#at(own)) === null))
        return true
    }
    return false
  }

  /** Names that an object of the left can have; `null` where they are too many to look at. */
  #classes(): readonly NameClass[] | null {
    if (this.#patterns.length > PATTERNS_MAX) return null
    const single = this.#names
      .filter((name) => !this.#absent.has(name) && this.#allowsName(name))
      .map((name): NameClass => {
        const patterns = this.#patterns.filter((pattern) => matches(pattern, name))
        return { name, patterns, values: this.#leftValues((owner) => memberSchemas(owner, name)) }
      })
    const others = subsets(this.#patterns).map((patterns): NameClass => {
      return { name: null, patterns, values: this.#leftValues((owner) => othersOf(owner, patterns)) }
    })
    const possible = (each: NameClass) => !each.values.some(isFalse)
    return [
      ...single.filter(possible),
      ...others.filter((each) => possible(each) && this.#nameGap(each.patterns, []) !== null),
    ]
  }

  #allowsName(name: string): boolean {
    return this.#left.every(
      ({ keyword, value, document }) =>
        keyword !== 'propertyNames' || this.#prover.accepts({ document, schema: value as Schema }, name),
    )
  }

  /** `null` where every other name that matches just these patterns fits one of the schemas sought. */
  #nameGap(patterns: readonly string[], sought: readonly Formula[]): Gap | null {
    const term = (schema: Schema): Formula => ({ kind: 'term', term: { document: PLAIN, schema } })
    const assumed = this.#left.flatMap((atom) =>
      atom.keyword === 'propertyNames' ? [termOf(atom, atom.value as Schema)] : [],
    )
    const rest = this.#patterns.filter((pattern) => !patterns.includes(pattern))
    return this.#prover.gapOfType(
      'string',
      [...assumed, ...patterns.map((pattern) => term({ pattern }))],
      [
        ...sought,
        ...rest.map((pattern) => term({ pattern })),
        ...(this.#names.length > 0 ? [term({ enum: this.#names })] : []),
      ],
      this.#path,
    )
  }

  #leftValues(schemasIn: (owner: JsonObject) => readonly Schema[]): readonly Formula[] {
    return this.#left.flatMap((atom) =>
      atom.keyword === 'properties' ? schemasIn(atom.owner).map((schema) => termOf(atom, schema)) : [],
    )
  }

  #classGap(each: NameClass, atom: Atom): Gap | null {
    if (atom.keyword === 'propertyNames') {
      const schema = termOf(atom, atom.value as Schema)
      if (each.name === null) return this.#nameGap(each.patterns, [schema])
      const fits = this.#prover.accepts({ document: atom.document, schema: atom.value as Schema }, each.name)
      return fits ? null : { path: this.#path, atom }
    }
    for (const sought of soughtAt(each, atom)) {
      const gap = this.#prover.gap(each.values, [sought], this.#at(each))
      if (gap !== null) return gap.atom === null || isFalse(sought) ? { ...gap, atom: gap.atom ?? atom } : gap
    }
    return null
  }

  /** Whether, wherever each of the goals may fail, two of them fail at one member, which then fits one of both. */
  #closesTogether(open: readonly (readonly (readonly [NameClass, Atom, Gap])[])[]): boolean {
    const count = open.reduce((product, each) => product * each.length, 1)
    if (count > COMBINATIONS_MAX) return false
    const combinations = open.reduce<readonly (readonly (readonly [NameClass, Atom, Gap])[])[]>(
      (all, list) => all.flatMap((before) => list.map((each) => [...before, each])),
      [[]],
    )
    return combinations.every((each) => {
      const byName = Map.groupBy(each, ([own]) => own)
      return [...byName].some(([own, group]) => {
        if (group.length < 2 || own.name === null || group.some(([, { keyword }]) => keyword !== 'properties'))
          return false
        const sought = group.map(([, atom]): Formula => ({ kind: 'all', of: soughtAt(own, atom) }))
        return this.#prover.gap(own.values, sought, this.#at(own)) === null
      })
    })
  }

  #at({ name, patterns }: NameClass): string {
    return `${this.#path}/${name === null ? (patterns[0] ?? '*') : name.replaceAll('~', '~0').replaceAll('/', '~1')}`
  }
}

function soughtAt({ name, patterns }: NameClass, atom: Atom): readonly Formula[] {
  const schemas = name === null ? othersOf(atom.owner, patterns) : memberSchemas(atom.owner, name)
  return schemas.map((schema) => termOf(atom, schema))
}

/** The schemas of a name that is not declared and matches just these patterns. */
function othersOf(owner: JsonObject, patterns: readonly string[]): readonly Schema[] {
  const matching = schemaMembers(owner.patternProperties).flatMap(([pattern, each]) =>
    patterns.includes(pattern) ? [each] : [],
  )
  return matching.length > 0 ? matching : schemasOf(owner.additionalProperties)
}

function termOf({ document }: Atom, schema: Schema): Formula {
  return { kind: 'term', term: { document, schema } }
}

function isFalse(formula: Formula): boolean {
  return formula.kind === 'term' && formula.term.schema === false
}

function valuesOf(atoms: readonly Atom[], keyword: string): readonly Json[] {
  return atoms.flatMap((atom) => (atom.keyword === keyword ? [atom.value] : []))
}

function members(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}

function listedNames(schema: Json): readonly string[] {
  if (!isJsonObject(schema)) return []
  const listed = [...(Array.isArray(schema.enum) ? (schema.enum as readonly Json[]) : []), schema.const]
  return listed.filter((each) => typeof each === 'string').slice(0, 200)
}

function subsets(list: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: 2 ** list.length }, (_, bits) => list.filter((_, index) => (bits >> index) % 2 === 1))
}
