import { isJsonObject, type Json } from '../../kernel/index.ts'
import type { LogicalType } from '../define.ts'
import { isMoment, type MomentType } from '../moment.ts'
import type { FieldEvidence, Scalar } from './evidence.ts'

/** More different values than this are no set. */
const VALUES_MAX = 20
/** Values that are remembered to find out whether they repeat. */
const DISTINCT_MAX = 1_000_000
/** An object with more different members than this is a map. */
const MEMBERS_MAX = 200
/** Deeper documents are not looked into. */
const DEPTH_MAX = 16

const MOMENTS: readonly MomentType[] = ['timestamp', 'date', 'time']
type Kind = 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array'
const WORDS: Readonly<Record<Kind, string>> = {
  ...{ string: 'texts', integer: 'whole numbers', number: 'numbers', boolean: 'booleans' },
  ...{ object: 'objects', array: 'lists' },
}

/**
 * Learns the shape of JSON documents, one after the other, in memory that is bounded however many there are.
 *
 * @example
 * const observer = new DocumentObserver()
 * for (const document of documents) observer.see(document)
 * draftOfEvidence('orders', observer.fields(), observer.records)
 */
export class DocumentObserver {
  readonly #root = new Place()
  #records = 0
  #others = 0

  /** Documents that were objects. */
  get records(): number {
    return this.#records
  }

  /** Values that were no objects, and so no records. */
  get others(): number {
    return this.#others
  }

  see(document: Json): void {
    if (!isJsonObject(document)) this.#others++
    else {
      this.#records++
      this.#root.see(document, 0)
    }
  }

  fields(): readonly FieldEvidence[] {
    return this.#root.members(this.#records)
  }
}

/** What was seen at one place of the documents. */
class Place {
  readonly #kinds = new Map<Kind, number>()
  readonly #moments = new Set<MomentType>(MOMENTS)
  readonly #members = new Map<string, Place>()
  #items: Place | null = null
  #itemCount = 0
  #isMap = false
  #values: Set<Scalar> | null = new Set()
  #distinct: Set<Scalar> | null = new Set()
  #repeats = false
  #present = 0
  #low: Scalar | null = null
  #high: Scalar | null = null

  see(value: Json, depth: number): void {
    if (value === null) return
    this.#present++
    const kind = kindOf(value)
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1)
    if (depth >= DEPTH_MAX) return
    if (Array.isArray(value)) for (const item of value as readonly Json[]) this.#item(item, depth)
    else if (isJsonObject(value)) this.#object(value, depth)
    else this.#scalar(value as Scalar)
  }

  members(looked: number): readonly FieldEvidence[] {
    return [...this.#members].map(([name, place]) => place.evidence(name, looked))
  }

  evidence(name: string, looked: number): FieldEvidence {
    const type = this.#type()
    const isScalar = type !== 'object' && type !== 'array' && type !== 'map'
    const isText = type === 'string'
    return {
      ...{ name, type, physicalType: null, looked, present: this.#present, conflict: this.#conflict() },
      values: isScalar && this.#values !== null && this.#values.size > 0 ? [...this.#values] : null,
      unique: !isScalar || this.#present === 0 ? null : this.#repeats ? false : this.#distinct === null ? null : true,
      low: isScalar ? (isText ? this.#lengths.low : this.#low) : null,
      high: isScalar ? (isText ? this.#lengths.high : this.#high) : null,
      ...(type === 'object' ? { fields: this.members(this.#kinds.get('object') ?? 0) } : {}),
      ...(this.#items === null || isScalar || type === 'object'
        ? {}
        : { items: this.#items.evidence('items', this.#itemCount) }),
    }
  }

  readonly #lengths = { low: null as number | null, high: null as number | null }

  #scalar(value: Scalar): void {
    if (typeof value === 'string') {
      for (const moment of this.#moments) if (!isMoment(moment, value)) this.#moments.delete(moment)
      let length = 0
      for (const _ of value) length++
      this.#lengths.low = Math.min(this.#lengths.low ?? length, length)
      this.#lengths.high = Math.max(this.#lengths.high ?? length, length)
    }
    if (this.#low === null || value < this.#low) this.#low = value
    if (this.#high === null || value > this.#high) this.#high = value
    this.#values?.add(value)
    if ((this.#values?.size ?? 0) > VALUES_MAX) this.#values = null
    if (this.#distinct?.has(value)) {
      this.#repeats = true
      this.#distinct = null
    } else if (!this.#repeats) this.#distinct?.add(value)
    if ((this.#distinct?.size ?? 0) > DISTINCT_MAX) this.#distinct = null
  }

  #item(item: Json, depth: number): void {
    this.#items ??= new Place()
    this.#itemCount++
    this.#items.see(item, depth + 1)
  }

  #object(value: { readonly [key: string]: Json }, depth: number): void {
    for (const [name, member] of Object.entries(value)) {
      if (this.#isMap) {
        this.#item(member, depth)
        continue
      }
      let place = this.#members.get(name)
      if (place === undefined) {
        place = new Place()
        this.#members.set(name, place)
      }
      place.see(member, depth + 1)
      // The root of a record stays a record, however wide it is.
      if (this.#members.size > MEMBERS_MAX && depth > 0) this.#becomeMap()
    }
  }

  /** So many different names are keys: what was learnt of the members is learnt anew from here on. */
  #becomeMap(): void {
    this.#isMap = true
    this.#members.clear()
  }

  #type(): LogicalType {
    const kinds = new Map(this.#kinds)
    // Every whole number is a number.
    if (kinds.has('number') && kinds.has('integer')) {
      kinds.set('number', kinds.get('number')! + kinds.get('integer')!)
      kinds.delete('integer')
    }
    const [kind = 'string'] = [...kinds].toSorted((a, b) => b[1] - a[1])[0] ?? []
    if (kind === 'object') return this.#isMap ? 'map' : 'object'
    const [moment] = this.#moments
    return kind === 'string' && moment !== undefined && kinds.has('string') ? moment : kind
  }

  #conflict(): string | null {
    const numbers = (this.#kinds.get('integer') ?? 0) + (this.#kinds.get('number') ?? 0)
    const groups = new Map<string, number>()
    for (const [kind, count] of this.#kinds)
      if (kind === 'integer' || kind === 'number')
        groups.set(this.#kinds.has('number') ? 'numbers' : WORDS.integer, numbers)
      else groups.set(WORDS[kind], count)
    if (groups.size < 2) return null
    const words = [...groups].toSorted((a, b) => b[1] - a[1]).map(([word, count]) => `${count} ${word}`)
    return `Its values are of several types: ${words.join(', ')}; the draft has the most frequent one.`
  }
}

function kindOf(value: Json): Kind {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number'
  return typeof value as 'string' | 'boolean' | 'object'
}
