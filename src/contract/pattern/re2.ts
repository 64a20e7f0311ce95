import { type PatternNode, parsePattern } from './parse.ts'
import { codePointRanges } from './ranges.ts'

/**
 * Says an ECMA-262 pattern (`u` flag, unanchored) in the syntax of RE2, DuckDB's engine, such that both match the same
 * texts: every class is written out by code points, since the two have different tables of Unicode and other ideas of
 * `.` and `\s`. `null` where RE2 cannot: look-around, back-references, and what is too large for it.
 *
 * @example re2Pattern('^\\d{3}.$') // '^[0-9]{3}[\\x{0}-\\x{9}\\x{b}\\x{c}\\x{e}-\\x{2027}\\x{202a}-\\x{10ffff}]$'
 */
export function re2Pattern(source: string): string | null {
  const pattern = parsePattern(source)
  return isWithin(pattern, 1, { ranges: RANGES_MAX }) ? write(pattern) : null
}

/** RE2 refuses counted repeats above 1,000, also where they multiply each other. */
const REPEATS_MAX = 1_000
/** Runs of code points, each as often as it is repeated: about two thirds of what RE2's memory holds of letters. */
const RANGES_MAX = 200_000

function isWithin(node: PatternNode, repeats: number, left: { ranges: number }): boolean {
  switch (node.type) {
    case 'character':
      left.ranges -= repeats * scalarRanges(node.source).length
      return left.ranges >= 0
    case 'assertion':
      return true
    case 'sequence':
      return node.parts.every((part) => isWithin(part, repeats, left))
    case 'choice':
      return node.options.every((option) => isWithin(option, repeats, left))
    case 'repeat': {
      const times = repeats * Math.max(1, node.min, node.max === Infinity ? 1 : node.max)
      return times <= REPEATS_MAX && isWithin(node.part, times, left)
    }
    case 'irregular':
      return false
  }
}

function write(node: PatternNode): string {
  switch (node.type) {
    case 'character':
      return characterClass(scalarRanges(node.source))
    case 'assertion':
      return { '^': '^', $: '$', b: '\\b', B: '\\B' }[node.kind]
    case 'sequence':
      return node.parts.map((part) => (part.type === 'choice' ? group(part) : write(part))).join('')
    case 'choice':
      return node.options.map(write).join('|')
    case 'repeat':
      return `${node.part.type === 'character' ? write(node.part) : group(node.part)}${times(node.min, node.max)}`
    case 'irregular':
      return ''
  }
}

function group(node: PatternNode): string {
  return `(?:${write(node)})`
}

function times(min: number, max: number): string {
  if (max === Infinity) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`
  return min === 0 && max === 1 ? '?' : min === max ? `{${min}}` : `{${min},${max}}`
}

type Range = readonly [number, number]

/** Without surrogates: UTF-8, which RE2 reads, has none. */
function scalarRanges(source: string): readonly Range[] {
  return codePointRanges(source).flatMap(([first, last]) => {
    if (first > 0xdfff || last < 0xd800) return [[first, last] as const]
    const parts: readonly Range[] = [
      [first, 0xd7ff],
      [0xe000, last],
    ]
    return parts.filter(([low, high]) => low <= high)
  })
}

function characterClass(ranges: readonly Range[]): string {
  if (ranges.length === 0) return '[^\\x{0}-\\x{10ffff}]'
  const text = ranges.map(([first, last]) => (first === last ? literal(first) : `${literal(first)}-${literal(last)}`))
  return ranges.length === 1 && ranges[0]![0] === ranges[0]![1] ? text[0]! : `[${text.join('')}]`
}

/** Letters and digits stand for themselves; all else as a code point, so that nothing has a second meaning. */
function literal(point: number): string {
  const char = String.fromCodePoint(point)
  return /[A-Za-z0-9]/.test(char) ? char : `\\x{${point.toString(16)}}`
}
