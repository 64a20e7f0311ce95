import { linearProgram } from '../../pattern/linear.ts'
import { type PatternNode, parsePattern } from '../../pattern/parse.ts'
import { codePointRanges } from '../../pattern/ranges.ts'

/** PostgreSQL refuses expressions that grow too large, and only when they are first used. */
const PROGRAM_MAX = 1_000
/** DUPMAX of PostgreSQL's regular expressions. */
const REPEAT_MAX = 255

/**
 * An ECMA-262 pattern (flag `u`, unanchored) as an advanced regular expression of PostgreSQL that matches the same
 * texts; `null` where it has look-around, back-references or a repeated assertion, or is too large. Classes are written out by code points,
 * because the two differ about `.`, `\s`, `\w` and `\b`.
 */
export function postgresPattern(source: string): string | null {
  const pattern = parsePattern(source)
  const program = linearProgram(pattern)
  if (program === null || program.length > PROGRAM_MAX || repeatsAssertion(pattern, false)) return null
  return expression(pattern)
}

/** Whether `^`, `$`, `\b` or `\B` stands within a repetition, where PostgreSQL's automata explode. */
function repeatsAssertion(node: PatternNode, isRepeated: boolean): boolean {
  switch (node.type) {
    case 'assertion':
      return isRepeated
    case 'sequence':
      return node.parts.some((part) => repeatsAssertion(part, isRepeated))
    case 'choice':
      return node.options.some((option) => repeatsAssertion(option, isRepeated))
    case 'repeat':
      return repeatsAssertion(node.part, isRepeated || (node.max > 1 && !isEmptyWidth(node.part)))
    default:
      return false
  }
}

const WORD = '[0-9A-Za-z_]'
const ASSERTIONS = {
  '^': '^',
  $: '$',
  b: `(?:(?<!${WORD})(?=${WORD})|(?<=${WORD})(?!${WORD}))`,
  B: `(?:(?<!${WORD})(?!${WORD})|(?<=${WORD})(?=${WORD}))`,
}

function expression(node: PatternNode): string {
  switch (node.type) {
    case 'character':
      return characterClass(node.source)
    case 'assertion':
      return ASSERTIONS[node.kind]
    case 'sequence':
      return node.parts.map(expression).join('')
    case 'choice':
      return node.options.length === 1 ? expression(node.options[0]!) : `(?:${node.options.map(expression).join('|')})`
    case 'repeat':
      return repeated(node)
    case 'irregular':
      return ''
  }
}

function repeated({ part, min, max }: Extract<PatternNode, { type: 'repeat' }>): string {
  // An assertion may not be repeated, and need not: once is as good as often.
  if (isEmptyWidth(part)) return min === 0 ? '' : expression(part)
  const atom = part.type === 'character' ? expression(part) : `(?:${expression(part)})`
  let text = ''
  for (let left = min; left > 0; left -= REPEAT_MAX) text += counted(atom, Math.min(left, REPEAT_MAX))
  if (max === Infinity) return `${text}${atom}*`
  for (let left = max - min; left > 0; left -= REPEAT_MAX) text += `${atom}{0,${Math.min(left, REPEAT_MAX)}}`
  return text
}

function counted(atom: string, times: number): string {
  return times === 1 ? atom : `${atom}{${times}}`
}

/** Whether it can only match the empty text. */
function isEmptyWidth(node: PatternNode): boolean {
  if (node.type === 'assertion') return true
  if (node.type === 'sequence') return node.parts.every(isEmptyWidth)
  if (node.type === 'choice') return node.options.every(isEmptyWidth)
  return node.type === 'repeat' && (node.max === 0 || isEmptyWidth(node.part))
}

/** What no character is: every one that a text of PostgreSQL can hold, excluded. */
const NOTHING = '[^\\u0001-\\U0010FFFF]'

function characterClass(source: string): string {
  if (source === '.') return '[^\\n\\r\\u2028\\u2029]'
  const ranges = codePointRanges(source).flatMap(storable)
  if (ranges.length === 0) return NOTHING
  const [first, last] = ranges[0]!
  if (ranges.length === 1 && first === last) return escaped(first)
  return `[${ranges.map(([low, high]) => (low === high ? escaped(low) : `${escaped(low)}-${escaped(high)}`)).join('')}]`
}

/** Texts of PostgreSQL hold neither the character 0 nor halves of surrogate pairs. */
function storable([first, last]: readonly [number, number]): readonly (readonly [number, number])[] {
  const parts: (readonly [number, number])[] = [
    [Math.max(first, 1), Math.min(last, 0xd7ff)],
    [Math.max(first, 0xe000), last],
  ]
  return parts.filter(([low, high]) => low <= high)
}

function escaped(point: number): string {
  const character = String.fromCodePoint(point)
  if (/[0-9A-Za-z_]/.test(character)) return character
  return point > 0xffff
    ? `\\U${point.toString(16).toUpperCase().padStart(8, '0')}`
    : `\\u${point.toString(16).toUpperCase().padStart(4, '0')}`
}
