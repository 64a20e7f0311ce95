/**
 * Questions about the texts that patterns match, answered over whole languages instead of samples: the product of the
 * patterns' automata, built as far as it is reached. Source: M. O. Rabin, D. Scott, "Finite Automata and Their Decision
 * Problems" (1959).
 */

import { closure, looksAtWords } from './closure.ts'
import { lettersOf } from './letters.ts'
import { type Instruction, linearProgram } from './linear.ts'
import { parsePattern } from './parse.ts'

/** A set of texts: those that match all of `matching`, none of `unlike`, and have a length in bounds, in code points. */
export interface TextSet {
  readonly matching: readonly string[]
  readonly unlike: readonly string[]
  readonly lengthMin?: number
  readonly lengthMax?: number
  /** Texts that are not in the set. */
  readonly except?: readonly string[]
}

/** A text of a set, `null` where the set is empty, `undefined` where neither was found within the steps. */
export type FoundText = string | null | undefined

const STATES_MAX = 4_000
const PROGRAM_MAX = 1_000
/** Length bounds multiply the states; beyond this they are looked at only where the rest is small. */
const LENGTH_MAX = 1_000

/**
 * A shortest text of a set. Patterns with look-around, back-references or `\b` are no automata: in `matching` they are
 * left out, which only makes the set larger, so that `null` still holds; a text found is then no answer.
 *
 * @example findText({ matching: ['^[ab]+$'], unlike: ['^a+$'] }, { left: 10_000 }) // 'b'
 */
export function findText(set: TextSet, steps: { left: number }): FoundText {
  if ((set.lengthMin ?? 0) > (set.lengthMax ?? Infinity)) return null
  const matching = set.matching.map(programOf)
  // The text that a pattern no automaton knows leaves out may be the only one of the others.
  const unlike = set.unlike.map(programOf)
  const exact = ![...matching, ...unlike].includes(null)
  const known = (list: readonly (readonly Instruction[] | null)[]) => list.filter((each) => each !== null)
  const bounded = [set.lengthMin, set.lengthMax].every((each = 0) => each <= LENGTH_MAX || each === Infinity)
  const question = new Product(
    known(matching),
    known(unlike),
    bounded ? set : { ...set, lengthMin: 0, lengthMax: Infinity },
    steps,
  )
  const found = question.find()
  return found === null || (exact && bounded) ? found : undefined
}

const programs = new Map<string, readonly Instruction[] | null>()
const PROGRAMS_MAX = 500

function programOf(source: string): readonly Instruction[] | null {
  const known = programs.get(source)
  if (known !== undefined) return known
  const program = linearProgram(parsePattern(source))
  const usable = program !== null && program.length <= PROGRAM_MAX && !program.some(looksAtWords) ? program : null
  if (programs.size >= PROGRAMS_MAX) programs.clear()
  programs.set(source, usable)
  return usable
}

/** Deterministic, with states numbered as they are reached. */
interface Machine {
  readonly start: number
  next(state: number, letter: number): number
  accepts(state: number): boolean
  /** Whether every continuation is accepted, or none: then nothing has to be looked at any more. */
  always(state: number): boolean | null
}

interface Reached {
  readonly states: readonly number[]
  readonly before: Reached | null
  readonly letter: number
  readonly length: number
}

class Product {
  readonly #matching: readonly Machine[]
  readonly #unlike: readonly Machine[]
  readonly #letters: readonly number[]
  readonly #least: number
  readonly #most: number
  readonly #steps: { left: number }

  constructor(
    matching: readonly (readonly Instruction[])[],
    unlike: readonly (readonly Instruction[])[],
    { lengthMin = 0, lengthMax = Infinity, except = [] }: TextSet,
    steps: { left: number },
  ) {
    this.#letters = lettersOf([...matching, ...unlike].flat(), except, steps)
    this.#matching = matching.map((each) => new PatternMachine(each, steps))
    this.#unlike = [
      ...unlike.map((each) => new PatternMachine(each, steps)),
      ...(except.length > 0 ? [new ListMachine(except)] : []),
    ]
    this.#least = lengthMin
    this.#most = lengthMax
    this.#steps = steps
  }

  find(): FoundText {
    const machines = [...this.#matching, ...this.#unlike]
    const start: Reached = { states: machines.map((each) => each.start), before: null, letter: 0, length: 0 }
    const open = [start]
    const seen = new Set([this.#key(start)])
    for (let at = 0; at < open.length; at++) {
      const here = open[at]!
      if (this.#contains(here)) return textOf(here)
      if (here.length >= this.#most) continue
      for (const letter of this.#letters) {
        this.#steps.left -= machines.length
        if (this.#steps.left < 0 || seen.size > STATES_MAX) return undefined
        const states = machines.map((each, index) => each.next(here.states[index]!, letter))
        if (this.#isHopeless(states)) continue
        const reached = { states, before: here, letter, length: here.length + 1 }
        const key = this.#key(reached)
        if (seen.has(key)) continue
        seen.add(key)
        open.push(reached)
      }
    }
    return null
  }

  #contains({ states, length }: Reached): boolean {
    const count = this.#matching.length
    return (
      length >= this.#least &&
      this.#matching.every((each, index) => each.accepts(states[index]!)) &&
      !this.#unlike.some((each, index) => each.accepts(states[count + index]!))
    )
  }

  #isHopeless(states: readonly number[]): boolean {
    const count = this.#matching.length
    return (
      this.#matching.some((each, index) => each.always(states[index]!) === false) ||
      this.#unlike.some((each, index) => each.always(states[count + index]!) === true)
    )
  }

  /** Lengths count up to where they make no difference any more. */
  #key({ states, length }: Reached): string {
    const matters = this.#most === Infinity ? Math.min(length, this.#least) : length
    return `${matters} ${states.join(' ')}`
  }
}

function textOf(reached: Reached): string {
  const letters: string[] = []
  for (let at: Reached = reached; at.before !== null; at = at.before) letters.push(String.fromCodePoint(at.letter))
  return letters.reverse().join('')
}

/** The texts in which a pattern matches somewhere. */
class PatternMachine implements Machine {
  readonly start: number
  readonly #program: readonly Instruction[]
  readonly #steps: { left: number }
  readonly #ids = new Map<string, number>()
  readonly #states: { readonly at: readonly number[]; readonly accepts: boolean; readonly always: boolean | null }[] =
    []
  readonly #next: Map<number, number>[] = []

  constructor(program: readonly Instruction[], steps: { left: number }) {
    this.#program = program
    this.#steps = steps
    this.start = this.#state([0], true)
  }

  accepts(state: number): boolean {
    return this.#states[state]!.accepts
  }

  always(state: number): boolean | null {
    return this.#states[state]!.always
  }

  next(state: number, letter: number): number {
    const known = this.#next[state]!.get(letter)
    if (known !== undefined) return known
    const { at, always } = this.#states[state]!
    // A match may begin at any later place too.
    const after = at.filter((each) => this.#takes(each, letter)).map((each) => each + 1)
    const next = always === true ? state : this.#state([...after, 0], false)
    this.#next[state]!.set(letter, next)
    return next
  }

  #takes(at: number, letter: number): boolean {
    const instruction = this.#program[at]!
    return instruction.op === 'character' && instruction.accepts(letter)
  }

  #state(from: readonly number[], atStart: boolean): number {
    const here = this.#closure(from, atStart, false)
    const isMatch = (at: number) => this.#program[at]!.op === 'match'
    const always = here.some(isMatch)
    const accepts = always || this.#closure(from, atStart, true).some(isMatch)
    const id = always ? 'all' : `${accepts} ${here.join(' ')}`
    const known = this.#ids.get(id)
    if (known !== undefined) return known
    this.#ids.set(id, this.#states.length)
    // From nowhere, only a program that begins anew can match: the first instruction was followed already.
    this.#states.push({ at: here, accepts, always: always ? true : this.#isStuck(here, accepts) ? false : null })
    this.#next.push(new Map())
    return this.#states.length - 1
  }

  /** Nothing to take here, and nothing where a match could begin later. */
  #isStuck(here: readonly number[], accepts: boolean): boolean {
    if (accepts || here.length > 0) return false
    const later = [...this.#closure([0], false, false), ...this.#closure([0], false, true)]
    return later.length === 0
  }

  /** What the look cost counts as steps. */
  #closure(from: readonly number[], atStart: boolean, atEnd: boolean): readonly number[] {
    const { states, visited } = closure(this.#program, from, atStart, atEnd)
    this.#steps.left -= visited / 8
    return states
  }
}

/** The texts of a list. */
class ListMachine implements Machine {
  readonly start = 0
  readonly #next: Map<number, number>[] = [new Map()]
  readonly #accepts = new Set<number>()

  constructor(list: readonly string[]) {
    for (const text of list) this.#add(text)
  }

  accepts(state: number): boolean {
    return this.#accepts.has(state)
  }

  always(state: number): boolean | null {
    return state === -1 ? false : null
  }

  next(state: number, letter: number): number {
    return state === -1 ? -1 : (this.#next[state]!.get(letter) ?? -1)
  }

  #add(text: string): void {
    let state = 0
    for (const character of text) {
      const letter = character.codePointAt(0)!
      let next = this.#next[state]!.get(letter)
      if (next === undefined) {
        next = this.#next.length
        this.#next.push(new Map())
        this.#next[state]!.set(letter, next)
      }
      state = next
    }
    this.#accepts.add(state)
  }
}
