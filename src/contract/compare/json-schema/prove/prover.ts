import type { Json } from '../../../../kernel/index.ts'
import { acceptsInstance, type Steps, StepsSpent } from '../accepts.ts'
import { arrayGap } from './arrays.ts'
import type { Gap, PartProver } from './define.ts'
import { type Atom, type Formula, FormulaKeys, formulaOf, type Term, VALUE_TYPES, type ValueType } from './formula.ts'
import { objectGap } from './objects.ts'
import { noNumber, textBetween } from './scalars.ts'

/** Everything that holds about a value, and everything of which at least one has to hold. */
interface Sequent {
  readonly type: ValueType
  readonly path: string
  /** All that was assumed, to try a single value on. */
  readonly assumed: readonly Formula[]
  readonly sought: readonly Formula[]
  readonly left: readonly Atom[]
  readonly right: readonly Atom[]
  /** Alternatives on the left, and conjunctions on the right: each doubles the work, so they wait. */
  readonly choices: readonly Formula[]
  readonly goals: readonly Formula[]
  readonly known: ReadonlySet<string>
}

/** Deeper places of an instance are left open. */
const DEPTH_MAX = 60
const HINTS_MAX = 60
/** Rules about members, items and texts look at every keyword several times. */
const LEAF_STEPS = 2

/**
 * Proves that every value that fits all of some schemas fits at least one of others: a sequent calculus, whose rules for
 * single keywords are arithmetic, automata, and proofs about members and items. `null` is a proof; a gap proves nothing.
 *
 * Proofs about parts of a value may lean on what is being proved about the whole: a value is larger than its parts, so
 * no chain of such proofs is endless.
 */
export class Prover implements PartProver {
  readonly steps: Steps
  /** Texts that tell two schemas apart somewhere: worth trying. */
  readonly hints = new Set<string>()
  readonly #keys = new FormulaKeys()
  readonly #running = new Set<string>()
  readonly #proved = new Set<string>()
  readonly #gaps = new Map<string, Gap>()
  #depth = 0

  constructor(steps: Steps) {
    this.steps = steps
  }

  /** Of values of every type. */
  gap(assumed: readonly Formula[], sought: readonly Formula[], path: string): Gap | null {
    this.#step(1)
    const key = this.#keyOf(assumed, sought)
    if (this.#proved.has(key) || this.#running.has(key)) return null
    const before = this.#gaps.get(key)
    if (before !== undefined) return before
    if (this.#depth >= DEPTH_MAX) return { path, atom: null }
    const provedBefore = this.#proved.size
    this.#running.add(key)
    this.#depth++
    try {
      for (const type of VALUE_TYPES) {
        const gap = this.gapOfType(type, assumed, sought, path)
        if (gap === null) continue
        // What was proved meanwhile may have leant on this.
        for (const each of [...this.#proved].slice(provedBefore)) this.#proved.delete(each)
        this.#gaps.set(key, gap)
        return gap
      }
    } finally {
      this.#depth--
      this.#running.delete(key)
    }
    this.#proved.add(key)
    return null
  }

  gapOfType(type: ValueType, assumed: readonly Formula[], sought: readonly Formula[], path: string): Gap | null {
    if (type === 'null' || type === 'boolean') {
      const value = (type === 'null' ? [null] : [true, false]).find((each) => this.#tellsApart(assumed, sought, each))
      return value === undefined ? null : { path, atom: this.#failing(type, sought, value) }
    }
    const empty = {
      type,
      path,
      assumed: [],
      sought: [],
      left: [],
      right: [],
      choices: [],
      goals: [],
      known: new Set<string>(),
    }
    return this.#close(empty, assumed, sought)
  }

  /** Whether a schema accepts a value for certain. */
  accepts({ document, schema }: Term, value: Json): boolean {
    return acceptsInstance(document, schema, value, this.steps)
  }

  #step(count: number): void {
    this.steps.left -= count
    if (this.steps.left < 0) throw new StepsSpent()
  }

  #keyOf(assumed: readonly Formula[], sought: readonly Formula[]): string {
    const names = (list: readonly Formula[]) => [...new Set(list.map((each) => this.#keys.of(each)))].sort().join('&')
    return `${names(assumed)}|-${names(sought)}`
  }

  /** Adds formulas to a sequent until only keywords, choices and goals are left, then looks for a proof. */
  #close(sequent: Sequent, assume: readonly Formula[], seek: readonly Formula[]): Gap | null {
    const opened = this.#opened(sequent, assume, seek)
    if (opened === null) return null
    const listed = opened.left.find(({ keyword }) => keyword === 'enum')
    if (listed !== undefined) return this.#listedGap(opened, listed)
    const gap = this.#leafGap(opened)
    if (gap === null) return null
    if (opened.choices.length > 0) return this.#splitChoice(opened)
    return opened.goals.length > 0 ? this.#splitGoal(opened) : gap
  }

  /** `null` where it is closed already: something is assumed and sought, or cannot be. */
  #opened(sequent: Sequent, assume: readonly Formula[], seek: readonly Formula[]): Sequent | null {
    const { type } = sequent
    // What is carried along is copied.
    this.#step(2 + (sequent.known.size + sequent.left.length + sequent.right.length + sequent.goals.length) / 8)
    const [left, right] = [[...sequent.left], [...sequent.right]]
    const [choices, goals] = [[...sequent.choices], [...sequent.goals]]
    const known = new Set(sequent.known)
    const wanted = new Set<string>()
    const open: [Formula, boolean][] = [
      ...seek.map((each): [Formula, boolean] => [each, false]),
      ...assume.map((each): [Formula, boolean] => [each, true]),
    ]
    while (open.length > 0) {
      this.#step(1)
      const [formula, isAssumed] = open.pop()!
      const key = this.#keys.of(formula)
      const own = isAssumed ? known : wanted
      if (own.has(key)) continue
      own.add(key)
      if (formula.kind === 'term') open.push([formulaOf(formula.term, type), isAssumed])
      else if (formula.kind === 'not') open.push([formula.of, !isAssumed])
      else if (formula.kind === 'atom') {
        if (formula.atom.keyword === 'type' && isAssumed) return null
        ;(isAssumed ? left : right).push(formula.atom)
      } else if ((formula.kind === 'all') === isAssumed) for (const each of formula.of) open.push([each, isAssumed])
      else {
        // An alternative on the left, all of several on the right.
        const of = formula.of.map((each) => simplified(each, type)).filter((each) => !isSettled(each, formula.kind))
        if (of.length === 0) return null
        const [only] = of
        if (isAssumed && of.some(isAlways)) continue
        const never = isAssumed ? undefined : of.find(isNever)
        if (never !== undefined) right.push(...atomsIn(never))
        else if (of.length === 1) open.push([only!, isAssumed])
        else if (isAssumed) choices.push({ ...formula, of })
        else goals.push({ ...formula, of })
      }
    }
    for (const each of wanted) if (known.has(each)) return null
    for (const atom of right) if (known.has(this.#keys.ofAtom(atom))) return null
    const assumed = [...sequent.assumed, ...assume]
    return { ...sequent, assumed, sought: [...sequent.sought, ...seek], left, right, choices, goals, known }
  }

  #splitChoice(sequent: Sequent): Gap | null {
    const choice = sequent.choices.reduce((a, b) => (size(b) < size(a) ? b : a))
    const rest = { ...sequent, choices: sequent.choices.filter((each) => each !== choice) }
    for (const branch of (choice as { of: readonly Formula[] }).of) {
      const gap = this.#close(rest, [branch], [])
      if (gap !== null) return gap
    }
    return null
  }

  /** Each goal alone first: mostly one of the alternatives holds by itself. */
  #splitGoal(sequent: Sequent): Gap | null {
    const { goals } = sequent
    if (goals.length > 1)
      for (const goal of goals) if (this.#splitGoal({ ...sequent, goals: [goal] }) === null) return null
    const [first, ...rest] = goals
    const { of, origin } = first as Extract<Formula, { of: readonly Formula[] }>
    const several = goals.length > 1
    for (const part of of) {
      if (several && this.#close({ ...sequent, goals: [] }, [], [part]) === null) continue
      const gap = this.#close({ ...sequent, goals: rest }, [], [part])
      if (gap !== null) return several && origin !== undefined ? { path: sequent.path, atom: origin } : gap
    }
    return null
  }

  #leafGap(sequent: Sequent): Gap | null {
    const { type, left, right, path } = sequent
    this.#step((type === 'number' ? 1 : LEAF_STEPS) * (1 + left.length + right.length))
    const gap = { path, atom: right.find(({ keyword }) => keyword !== 'type') ?? right[0] ?? null }
    if (type === 'number') return noNumber(left, right, this.steps) ? null : gap
    if (type === 'array') return arrayGap(this, left, right, path)
    if (type === 'object') return objectGap(this, left, right, path)
    const text = textBetween(left, right, this.steps)
    if (typeof text === 'string' && this.hints.size < HINTS_MAX) this.hints.add(text)
    return text === null ? null : gap
  }

  /** Where the values are listed, each is tried. */
  #listedGap({ type, assumed, sought, path, right }: Sequent, listed: Atom): Gap | null {
    const values = (listed.value as readonly Json[]).filter((each) => typeOf(each) === type)
    const value = values.find((each) => this.#tellsApart(assumed, sought, each))
    if (value === undefined) return null
    return { path, atom: this.#failing(type, sought, value) ?? right[0] ?? listed }
  }

  /** Whether a value fits all that is assumed and none that is sought, or may do so. */
  #tellsApart(assumed: readonly Formula[], sought: readonly Formula[], value: Json): boolean {
    return (
      assumed.every((each) => this.#holds(each, value) !== false) &&
      sought.every((each) => this.#holds(each, value) !== true)
    )
  }

  /** `null` where the schema has keywords that only ajv follows. */
  #holds(formula: Formula, value: Json): boolean | null {
    this.#step(1)
    if (formula.kind === 'term') {
      const { document } = formula.term
      const followed = typeof value !== 'object' || value === null || !document.text.includes('"unevaluated')
      return followed ? this.accepts(formula.term, value) : null
    }
    if (formula.kind === 'atom') return this.#holdsAtom(formula.atom, value)
    if (formula.kind === 'not') {
      const inner = this.#holds(formula.of, value)
      return inner === null ? null : !inner
    }
    const each = formula.of.map((inner) => this.#holds(inner, value))
    const decisive = formula.kind === 'any'
    return each.includes(decisive) ? decisive : each.includes(null) ? null : !decisive
  }

  #holdsAtom({ keyword, value: said, document }: Atom, value: Json): boolean | null {
    if (keyword === 'type') return false
    if (keyword === 'required') return this.accepts({ document, schema: { required: [said] } }, value)
    if (keyword === 'enum') return this.accepts({ document, schema: { enum: said } }, value)
    if (keyword === 'integer') return Number.isInteger(value)
    const alone = ALONE.has(keyword) ? { [keyword]: said } : null
    return alone === null ? null : this.accepts({ document, schema: alone }, value)
  }

  /** The keyword that says no to a value, of those sought. */
  #failing(type: ValueType, sought: readonly Formula[], value: Json): Atom | null {
    for (const formula of sought) {
      if (formula.kind === 'atom') return formula.atom
      if (formula.kind === 'not') continue
      if (formula.kind === 'any' && formula.origin !== undefined) return formula.origin
      const parts = formula.kind === 'term' ? [formulaOf(formula.term, type)] : formula.of
      const failing = parts.filter((each) => this.#holds(each, value) !== true)
      const found = this.#failing(type, failing, value)
      if (found !== null) return found
    }
    return null
  }
}

/** Keywords that mean the same without those beside them. */
const ALONE = new Set([
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength', 'pattern'],
  ...['minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties', 'propertyNames'],
])

function size(formula: Formula): number {
  return 'of' in formula && Array.isArray(formula.of) ? formula.of.length : 1
}

/** A schema of another type settles an alternative at once. */
function simplified(formula: Formula, type: ValueType): Formula {
  if (formula.kind !== 'term') return formula
  const opened = formulaOf(formula.term, type)
  if (isNever(opened)) return opened
  const parts = opened.kind === 'all' ? opened.of : []
  const never = parts.find(isNever)
  return never ?? (opened.kind !== 'all' || parts.some((each) => !isAlways(each)) ? formula : opened)
}

function isNever(formula: Formula): boolean {
  if (formula.kind === 'any') return formula.of.every(isNever)
  return formula.kind === 'atom' && formula.atom.keyword === 'type'
}

function atomsIn(formula: Formula): readonly Atom[] {
  if (formula.kind === 'atom') return [formula.atom]
  return formula.kind === 'any' ? formula.of.flatMap(atomsIn) : []
}

function isAlways(formula: Formula): boolean {
  return formula.kind === 'all' && formula.of.every(isAlways)
}

/** Of alternatives those that never hold, of conjunctions those that always do. */
function isSettled(formula: Formula, kind: 'all' | 'any'): boolean {
  return kind === 'any' ? isNever(formula) : isAlways(formula)
}

function typeOf(value: Json): ValueType {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value as ValueType
}
