/**
 * Matches a regular expression in time proportional to pattern × string, by following all ways at once.
 * Source: K. Thompson, "Regular Expression Search Algorithm" (1968); R. Cox, "Regular Expression Matching: the Virtual
 * Machine Approach" (2009), without captures: only whether it matches is asked.
 */
import type { PatternNode } from './parse.ts'

/** Counted repeats are written out; a pattern that grows beyond this is not matched here. */
const PROGRAM_MAX = 10_000
const NO_CHARACTER = -1

export type Instruction =
  /** `source` is the character or class as written. */
  | { readonly op: 'character'; readonly source: string; readonly accepts: (codePoint: number) => boolean }
  | { readonly op: 'assertion'; readonly kind: '^' | '$' | 'b' | 'B' }
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'match' }

/** A matcher, or `null` where the pattern is not regular or too large. */
export function linearMatcher(pattern: PatternNode): ((text: string) => boolean) | null {
  const program = linearProgram(pattern)
  return program && ((text) => matches(program, text))
}

/** The pattern as instructions, or `null` where it is not regular or too large. */
export function linearProgram(pattern: PatternNode): readonly Instruction[] | null {
  const program: Instruction[] = []
  if (!emit(pattern, program)) return null
  program.push({ op: 'match' })
  return program
}

/** Appends the instructions of a node; false where it cannot be expressed. */
function emit(node: PatternNode, program: Instruction[]): boolean {
  if (program.length > PROGRAM_MAX) return false
  switch (node.type) {
    case 'character':
      program.push({ op: 'character', source: node.source, accepts: characterTest(node.source) })
      return true
    case 'assertion':
      program.push({ op: 'assertion', kind: node.kind })
      return true
    case 'sequence':
      return node.parts.every((part) => emit(part, program))
    case 'choice':
      return emitChoice(node.options, program)
    case 'repeat':
      return emitRepeat(node.part, node.min, node.max, program)
    case 'irregular':
      return false
  }
}

function emitChoice(options: readonly PatternNode[], program: Instruction[]): boolean {
  const ends: { op: 'jump'; to: number }[] = []
  for (const [index, option] of options.entries()) {
    const last = index === options.length - 1
    const split = { op: 'split' as const, first: program.length + 1, second: 0 }
    if (!last) program.push(split)
    if (!emit(option, program)) return false
    if (last) break
    const end = { op: 'jump' as const, to: 0 }
    program.push(end)
    ends.push(end)
    split.second = program.length
  }
  for (const end of ends) end.to = program.length
  return true
}

function emitRepeat(part: PatternNode, min: number, max: number, program: Instruction[]): boolean {
  for (let i = 0; i < min; i++) if (!emit(part, program)) return false
  if (max === Infinity) {
    const start = program.length
    const split = { op: 'split' as const, first: start + 1, second: 0 }
    program.push(split)
    if (!emit(part, program)) return false
    program.push({ op: 'jump', to: start })
    split.second = program.length
    return true
  }
  const splits: { second: number }[] = []
  for (let i = min; i < max; i++) {
    const split = { op: 'split' as const, first: program.length + 1, second: 0 }
    program.push(split)
    splits.push(split)
    if (!emit(part, program)) return false
  }
  for (const split of splits) split.second = program.length
  return true
}

function characterTest(source: string): (codePoint: number) => boolean {
  const expression = new RegExp(`^(?:${source})$`, 'u')
  const ascii = Array.from({ length: 128 }, (_, code) => expression.test(String.fromCharCode(code)))
  return (codePoint) => (codePoint < 128 ? ascii[codePoint]! : expression.test(String.fromCodePoint(codePoint)))
}

function matches(program: readonly Instruction[], text: string): boolean {
  let current: number[] = []
  const reached = new Int32Array(program.length).fill(-1)
  let before = NO_CHARACTER
  for (let at = 0; ; ) {
    const here = at < text.length ? text.codePointAt(at)! : NO_CHARACTER
    const states: number[] = []
    // A match may begin anywhere, so the first instruction is followed at every place.
    for (const state of [...current, 0]) if (follow(program, state, states, reached, at, before, here)) return true
    if (here === NO_CHARACTER) return false
    current = []
    for (const state of states) {
      const instruction = program[state]!
      if (instruction.op === 'character' && instruction.accepts(here)) current.push(state + 1)
    }
    at += here > 0xffff ? 2 : 1
    before = here
  }
}

/** Adds to `states` what can be reached without taking a character; true where that is the end of the program. */
function follow(
  program: readonly Instruction[],
  start: number,
  states: number[],
  reached: Int32Array,
  at: number,
  before: number,
  here: number,
): boolean {
  const open = [start]
  while (open.length > 0) {
    const state = open.pop()!
    if (reached[state] === at) continue
    reached[state] = at
    const instruction = program[state]!
    if (instruction.op === 'match') return true
    if (instruction.op === 'jump') open.push(instruction.to)
    else if (instruction.op === 'split') open.push(instruction.second, instruction.first)
    else if (instruction.op === 'character') states.push(state)
    else if (holds(instruction.kind, before, here)) open.push(state + 1)
  }
  return false
}

function holds(kind: '^' | '$' | 'b' | 'B', before: number, here: number): boolean {
  if (kind === '^') return before === NO_CHARACTER
  if (kind === '$') return here === NO_CHARACTER
  return (isWord(before) !== isWord(here)) === (kind === 'b')
}

function isWord(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122)
}
