import type { Json, JsonObject } from '../../../../kernel/index.ts'
import { itemSchemas } from '../accepts.ts'
import type { JsonSchemaDocument, Schema } from '../define.ts'
import type { Gap, PartProver } from './define.ts'
import type { Atom, Formula } from './formula.ts'

/** Longer tuples are left open. */
const TUPLE_MAX = 100

/** One index, or (the last) all from that index on. */
interface IndexClass {
  readonly index: number
  readonly isRest: boolean
  /** Everything the left says about an item there, and what it says that none is. */
  readonly values: readonly Formula[]
}

/** `null` where no array obeys all of `left` and none of `right`. */
export function arrayGap(prover: PartProver, left: readonly Atom[], right: readonly Atom[], path: string): Gap | null {
  return new Arrays(prover, left, right, path).gap()
}

class Arrays {
  readonly #prover: PartProver
  readonly #left: readonly Atom[]
  readonly #right: readonly Atom[]
  readonly #path: string
  readonly #least: number
  readonly #most: number
  /** Schemas that no item fits: the right would hold if one did. */
  readonly #without: readonly Formula[]

  constructor(prover: PartProver, left: readonly Atom[], right: readonly Atom[], path: string) {
    this.#prover = prover
    this.#left = left
    this.#right = right
    this.#path = path
    const numbers = (atoms: readonly Atom[], keyword: string) =>
      atoms.flatMap((atom) => (atom.keyword === keyword ? [Number(atom.value)] : []))
    this.#least = Math.max(
      ...[0, ...numbers(left, 'minItems'), ...numbers(left, 'minContains')],
      ...numbers(right, 'maxItems').map((each) => each + 1),
      // More than so many items fit what they should not.
      ...numbers(right, 'maxContains').map((each) => each + 1),
      ...(right.some(({ keyword }) => keyword === 'uniqueItems') ? [2] : []),
    )
    this.#most = Math.min(...numbers(left, 'maxItems'), ...numbers(right, 'minItems').map((each) => each - 1))
    this.#without = right.flatMap((atom) =>
      atom.keyword === 'minContains' && atom.value === 1 ? [containedIn(atom)] : [],
    )
  }

  gap(): Gap | null {
    const gap = { path: this.#path, atom: this.#right[0] ?? null }
    if (this.#least > this.#most) return null
    const unique = this.#right.find(({ keyword, value }) => keyword === 'uniqueItems' && value === false)
    if (unique !== undefined) return null
    const classes = this.#classes()
    if (classes === null) return gap
    if (this.#isImpossible(classes)) return null
    let first: Gap | null = null
    const groups = this.#right.filter(({ keyword }) => keyword === 'items')
    const stuck = groups.map((atom) => this.#itemGaps(classes, atom))
    if (stuck.some((each) => each.length === 0)) return null
    first = stuck[0]?.[0] ?? null
    for (const atom of this.#right) {
      if (atom.keyword === 'minContains' && this.#containsEnough(classes, atom)) return null
      if (atom.keyword === 'maxContains' && this.#containsFew(classes, atom)) return null
    }
    return first ?? gap
  }

  /** An item that has to be there and cannot, or a `contains` that no item fits. */
  #isImpossible(classes: readonly IndexClass[]): boolean {
    if (classes.some(({ index, values }) => index < this.#least && this.#isNothing(values))) return true
    return this.#left.some(
      (atom) =>
        atom.keyword === 'minContains' &&
        classes.every(({ values }) => this.#isNothing([...values, containedIn(atom)])),
    )
  }

  #isNothing(values: readonly Formula[]): boolean {
    return values.length > 0 && this.#prover.gap(values, this.#without, `${this.#path}/*`) === null
  }

  #classes(): readonly IndexClass[] | null {
    const groups = [...this.#left, ...this.#right].filter(({ keyword }) => keyword === 'items')
    const tuple = Math.max(0, ...groups.map(({ owner, document }) => tupleLength(document, owner)))
    if (tuple > TUPLE_MAX) return null
    return Array.from({ length: tuple + 1 }, (_, index) => ({
      index,
      isRest: index === tuple,
      values: this.#leftAt(index),
    })).filter(({ index }) => index < this.#most)
  }

  #leftAt(index: number): readonly Formula[] {
    return this.#left.flatMap((atom) => (atom.keyword === 'items' ? soughtAt(atom, index) : []))
  }

  #itemGaps(classes: readonly IndexClass[], atom: Atom): readonly Gap[] {
    for (const { index, isRest, values } of classes)
      for (const sought of soughtAt(atom, index)) {
        const at = `${this.#path}/${isRest ? '*' : index}`
        const gap = this.#prover.gap(values, [sought, ...this.#without], at)
        if (gap !== null) return [gap.atom === null ? { ...gap, atom } : gap]
      }
    return []
  }

  /** At least so many items fit the schema, whatever they are. */
  #containsEnough(classes: readonly IndexClass[], atom: Atom): boolean {
    const sought = containedIn(atom)
    const fits = (values: readonly Formula[]) => this.#prover.gap(values, [sought], `${this.#path}/*`) === null
    const least = this.#leastItems()
    const count = classes.reduce((sum, { index, isRest, values }) => {
      if (index >= least) return sum
      return fits(values) ? sum + (isRest ? least - index : 1) : sum
    }, 0)
    if (count >= Number(atom.value)) return true
    return this.#left.some(
      (own) =>
        own.keyword === 'minContains' &&
        Number(own.value) >= Number(atom.value) &&
        classes.every(({ values }) => fits([...values, containedIn(own)])),
    )
  }

  /** No more than so many items can fit the schema. */
  #containsFew(classes: readonly IndexClass[], atom: Atom): boolean {
    const most = Number(atom.value)
    const sought = containedIn(atom)
    const can = classes.filter(({ values }) => this.#prover.gap([...values, sought], [], `${this.#path}/*`) !== null)
    const count = can.some(({ isRest }) => isRest) ? Infinity : can.length
    if (Math.min(count, this.#mostItems()) <= most) return true
    return this.#left.some(
      (own) =>
        own.keyword === 'maxContains' &&
        Number(own.value) <= most &&
        classes.every(
          ({ values }) => this.#prover.gap([...values, sought], [containedIn(own)], `${this.#path}/*`) === null,
        ),
    )
  }

  /** What the left says about lengths, without what the other keywords of the right add. */
  #leastItems(): number {
    return Math.max(0, ...this.#left.flatMap(({ keyword, value }) => (keyword === 'minItems' ? [Number(value)] : [])))
  }

  #mostItems(): number {
    return Math.min(
      Infinity,
      ...this.#left.flatMap(({ keyword, value }) => (keyword === 'maxItems' ? [Number(value)] : [])),
    )
  }
}

function containedIn({ document, owner }: Atom): Formula {
  return { kind: 'term', term: { document, schema: owner.contains as Schema } }
}

function soughtAt({ document, owner }: Atom, index: number): readonly Formula[] {
  return itemSchemas(document, owner, index).map((schema) => ({ kind: 'term', term: { document, schema } }))
}

function tupleLength(document: JsonSchemaDocument, { items, prefixItems }: JsonObject): number {
  const tuple: Json | undefined = document.draft === '2020-12' ? prefixItems : items
  return Array.isArray(tuple) ? tuple.length : 0
}
