/**
 * A regular expression as a table over ASCII: one look-up a byte, no backtracking.
 * Source: M. O. Rabin, D. Scott, "Finite Automata and Their Decision Problems" (1959), subset construction.
 */
import { closure, looksAtWords } from './closure.ts'
import { type Instruction, linearProgram } from './linear.ts'
import { parsePattern } from './parse.ts'

export interface Automaton {
  /** `next[state × 128 + byte]` is the next state; state 0 begins. */
  readonly next: Uint8Array
  /** 1 for the states in which the text may end. */
  readonly accepts: Uint8Array
}

const STATES_MAX = 255
/** Bounds the time that the construction takes. */
const PROGRAM_MAX = 500

/** The automaton of a pattern (flag `u`, unanchored), or `null` where it needs more states or more than states. */
export function compileAutomaton(source: string): Automaton | null {
  const program = linearProgram(parsePattern(source))
  if (program === null || program.length > PROGRAM_MAX || program.some(looksAtWords)) return null
  return new SubsetConstruction(program).build()
}

class SubsetConstruction {
  readonly #program: readonly Instruction[]
  readonly #ids = new Map<string, number>()
  /** Instructions that take a character, of each state. */
  readonly #states: (readonly number[])[] = []
  readonly #accepts: boolean[] = []

  constructor(program: readonly Instruction[]) {
    this.#program = program
  }

  build(): Automaton | null {
    const rows: Uint8Array[] = []
    this.#state([0], true)
    for (let state = 0; state < this.#states.length; state++) {
      if (this.#states.length > STATES_MAX) return null
      const row = new Uint8Array(128)
      for (let byte = 0; byte < 128; byte++) row[byte] = this.#step(state, byte)
      rows.push(row)
    }
    const next = new Uint8Array(rows.length * 128)
    for (const [state, row] of rows.entries()) next.set(row, state * 128)
    return { next, accepts: Uint8Array.from(this.#accepts, Number) }
  }

  #step(state: number, byte: number): number {
    const after: number[] = []
    for (const at of this.#states[state]!) {
      const instruction = this.#program[at]!
      if (instruction.op === 'match') after.push(at)
      else if (instruction.op === 'character' && instruction.accepts(byte)) after.push(at + 1)
    }
    // A match may begin at any later place too.
    return this.#state([...after, 0], false)
  }

  #state(from: readonly number[], atStart: boolean): number {
    const here = closure(this.#program, from, atStart, false).states
    const accepts = closure(this.#program, from, atStart, true).states.some((at) => this.#program[at]!.op === 'match')
    const id = `${accepts} ${here.join(' ')}`
    const known = this.#ids.get(id)
    if (known !== undefined) return known
    this.#ids.set(id, this.#states.length)
    this.#states.push(here)
    this.#accepts.push(accepts)
    return this.#states.length - 1
  }
}
