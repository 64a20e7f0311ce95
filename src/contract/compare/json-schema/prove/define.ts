import type { Json } from '../../../../kernel/index.ts'
import type { Atom, Formula, Term, ValueType } from './formula.ts'

/** The place at which a proof got stuck, and the keyword that it could not show. */
export interface Gap {
  readonly path: string
  readonly atom: Atom | null
}

/** What rules about objects and arrays ask about their parts. */
export interface PartProver {
  /** `null` where every value that fits all that is assumed fits one of what is sought. */
  gap(assumed: readonly Formula[], sought: readonly Formula[], path: string): Gap | null
  /** The same of values of one type. */
  gapOfType(type: ValueType, assumed: readonly Formula[], sought: readonly Formula[], path: string): Gap | null
  accepts(term: Term, value: Json): boolean
}
