import type { Instruction } from './linear.ts'

/** What a program can be at, between two characters. */
export interface Closure {
  /** Instructions that take a character or end the program, in order. */
  readonly states: readonly number[]
  /** Instructions that were passed on the way, those included: what the look cost. */
  readonly visited: number
}

/** The instructions that are reached from `from` without a character, in a program that does not look at words. */
export function closure(
  program: readonly Instruction[],
  from: readonly number[],
  atStart: boolean,
  atEnd: boolean,
): Closure {
  const open = [...from]
  const reached = new Set<number>()
  while (open.length > 0) {
    const at = open.pop()!
    if (reached.has(at)) continue
    reached.add(at)
    const instruction = program[at]!
    if (instruction.op === 'jump') open.push(instruction.to)
    else if (instruction.op === 'split') open.push(instruction.first, instruction.second)
    else if (instruction.op === 'assertion' && (instruction.kind === '^' ? atStart : atEnd)) open.push(at + 1)
  }
  const states = [...reached]
    .filter((at) => program[at]!.op === 'character' || program[at]!.op === 'match')
    .sort((a, b) => a - b)
  return { states, visited: reached.size }
}

/** Whether an instruction asks what stands on both sides of a place, which no state knows. */
export function looksAtWords(instruction: Instruction): boolean {
  return instruction.op === 'assertion' && (instruction.kind === 'b' || instruction.kind === 'B')
}
