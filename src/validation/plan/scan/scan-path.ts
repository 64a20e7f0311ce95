import type { FieldPlan, ValidationPlan } from '../../../contract/index.ts'
import type { Patterns } from '../patterns.ts'
import { type ExpectedMember, keepsOrder, shapeOf } from './shape.ts'
import { compileScanner, type Scanner } from './write-scanner.ts'

/** A scanner is written after so many events that had to be parsed; so often at most. */
const LEARN_AFTER = 16
const LESSONS_MAX = 12
/** Producers that write the members in different orders get a scanner each. */
const SCANNERS_MAX = 4
/** Looked at after so many events: where less than half were recognised, scanning costs more than it saves. */
const REVIEW_AFTER = 512

/**
 * Says yes to conforming events without parsing them: producers write the members of an event in the same order every
 * time, so a scanner made for that order reads the bytes once. It learns the order from events that were parsed. What it
 * does not recognise it leaves to the parser: it changes how fast a verdict comes, never the verdict.
 */
export class ScanPath {
  readonly #fields: readonly FieldPlan[]
  readonly #patterns: Patterns
  readonly #learnAfter: number
  #shapes: { readonly members: readonly ExpectedMember[]; readonly scan: Scanner }[] = []
  #lessonsLeft = LESSONS_MAX
  #parsed = 0
  #scanned = 0

  constructor(plan: ValidationPlan, patterns: Patterns, learnAfter = LEARN_AFTER) {
    this.#fields = plan.cdc === 'debezium' ? upsertFields(plan) : plan.fields
    this.#patterns = patterns
    this.#learnAfter = learnAfter
  }

  /** True where the bytes conform; false where they have to be parsed. */
  conforms(bytes: Uint8Array): boolean {
    for (let i = 0; i < this.#shapes.length; i++)
      if (this.#shapes[i]!.scan(bytes)) {
        this.#scanned++
        return true
      }
    return false
  }

  /** Tells of a conforming event that had to be parsed. */
  learn(value: object): void {
    this.#parsed++
    if (this.#lessonsLeft > 0 && this.#parsed % this.#learnAfter === 0) {
      this.#lessonsLeft--
      this.#addShapeOf(value)
    }
    if (this.#parsed + this.#scanned < REVIEW_AFTER) return
    if (this.#lessonsLeft === 0 && this.#scanned < this.#parsed) this.#shapes = []
    this.#parsed = 0
    this.#scanned = 0
  }

  /** Widens a shape that the event fits into, or begins another one. */
  #addShapeOf(value: object): void {
    for (const [index, { members }] of this.#shapes.entries()) {
      const wider = shapeOf(this.#fields, value, members)
      if (keepsOrder(wider, members)) {
        this.#put(index, wider)
        return
      }
    }
    if (this.#shapes.length < SCANNERS_MAX) this.#put(this.#shapes.length, shapeOf(this.#fields, value, []))
  }

  #put(index: number, members: readonly ExpectedMember[]): void {
    const scan = compileScanner(members, this.#patterns)
    if (scan === null) this.#lessonsLeft = 0
    else this.#shapes[index] = { members, scan }
  }
}

/** Of a change event: a row after it, and an operation that leaves one. Deletes are parsed. */
function upsertFields(plan: ValidationPlan): readonly FieldPlan[] {
  return [
    { name: 'after', type: 'object', required: true, rules: {}, fields: plan.fields },
    { name: 'op', type: 'string', required: true, rules: { enum: ['c', 'u', 'r'] } },
  ]
}
