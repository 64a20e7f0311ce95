import type { Instruction } from './linear.ts'
import { codePointRanges } from './ranges.ts'

const LAST_CODE_POINT = 0x10ffff
/** A walk over all of Unicode, for classes such as `\p{L}`. */
const WALK_STEPS = 20_000

/**
 * One code point for each kind of character that the instructions, and the texts, tell apart: code points of one kind
 * lead every automaton to the same state. Every character that a text spells stands for itself.
 */
export function lettersOf(
  program: readonly Instruction[],
  texts: readonly string[],
  steps: { left: number },
): readonly number[] {
  const characters = new Map<string, (codePoint: number) => boolean>()
  for (const instruction of program)
    if (instruction.op === 'character') characters.set(instruction.source, instruction.accepts)
  const spelled = new Set(texts.flatMap((text) => [...text].map((each) => each.codePointAt(0)!)))
  const cuts = new Set([0, ...PREFERRED, ...FIXED_CUTS])
  for (const point of spelled) cuts.add(point).add(point + 1)
  for (const source of characters.keys()) for (const cut of cutsOf(source, steps)) cuts.add(cut)
  const tests = [...characters.values()]
  steps.left -= cuts.size / 8
  const kinds = new Map<string, number>()
  for (const point of [...PREFERRED, ...cuts]) {
    if (point > LAST_CODE_POINT) continue
    steps.left -= tests.length / 4
    const kind = spelled.has(point) ? `=${point}` : tests.map((accepts) => Number(accepts(point))).join('')
    if (!kinds.has(kind)) kinds.set(kind, point)
  }
  return [...kinds.values()]
}

/** Characters that make readable witnesses, looked at first; none of another character lies between two of a run. */
const PREFERRED = [...'xaA0 -_.'].map((character) => character.codePointAt(0)!)

/** Where the runs of `\d`, `\w`, `\s`, `.` and of surrogates begin, or have ended. */
const FIXED_CUTS = [
  ...[0x9, 0xa, 0xb, 0xd, 0xe, 0x20, 0x21, 0x30, 0x3a, 0x41, 0x5b, 0x5f, 0x60, 0x61, 0x7b, 0xa0, 0xa1],
  ...[0x1680, 0x1681, 0x2000, 0x200b, 0x2028, 0x2029, 0x202a, 0x202f, 0x2030, 0x205f, 0x2060, 0x3000, 0x3001],
  ...[0xd800, 0xe000, 0xfeff, 0xff00, 0x10000],
]

/** Code points at which the answer of a character or class may change; more of them do no harm. */
function cutsOf(source: string, steps: { left: number }): readonly number[] {
  if (/\\[pP]/.test(source)) {
    steps.left -= WALK_STEPS
    if (steps.left < 0) return []
    return codePointRanges(source).flatMap(([first, last]) => [first, last + 1])
  }
  const points = [...source].map((character) => character.codePointAt(0)!)
  for (const [, hex, braced] of source.matchAll(/\\(?:x|u)([0-9a-fA-F]{2,4})|\\u\{([0-9a-fA-F]+)\}/g)) {
    const digits = (hex ?? braced)!
    points.push(Number.parseInt(digits, 16), Number.parseInt(digits.slice(0, 2), 16))
  }
  for (const [, high, low] of source.matchAll(/\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})/g))
    points.push(String.fromCharCode(Number.parseInt(high!, 16), Number.parseInt(low!, 16)).codePointAt(0)!)
  for (const [, letter] of source.matchAll(/\\c([A-Za-z])/g)) points.push(letter!.charCodeAt(0) % 32)
  // \0 \b \t \n \v \f \r
  points.push(0, 8, 9, 10, 11, 12, 13)
  return points.flatMap((point) => [point, point + 1])
}
