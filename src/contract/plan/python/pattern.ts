import { safeLength } from '../../pattern/cost.ts'
import { type Instruction, linearProgram } from '../../pattern/linear.ts'
import { type PatternNode, parsePattern } from '../../pattern/parse.ts'
import { codePointRanges } from '../../pattern/ranges.ts'
import { pythonText, pythonTuple } from './literal.ts'

/** Python of a pattern, a `_Pattern`; `null` where it has look-around or back-references, or is too large. */
export function pythonPattern(source: string): string | null {
  const pattern = parsePattern(source)
  const program = linearProgram(pattern)
  if (program === null) return null
  const native = pythonText(expression(pattern))
  const steps = program.map(instruction).map((step) => `        ${step},\n`)
  return `_Pattern(\n    ${pythonText(source)},\n    ${native},\n    ${safeLength(pattern)},\n    (\n${steps.join('')}    ),\n)`
}

/** For Python's `re`: every class written out by code points, since the two have different ideas of `\d`, `\s`, `.`. */
function expression(node: PatternNode): string {
  switch (node.type) {
    case 'character':
      return characterClass(node.source)
    case 'assertion':
      return { '^': '\\A', $: '\\Z', b: '\\b', B: NOT_AT_WORD_BOUNDARY }[node.kind]
    case 'sequence':
      return node.parts.map(expression).join('')
    case 'choice':
      return `(?:${node.options.map(expression).join('|')})`
    case 'repeat':
      return `(?:${expression(node.part)}){${node.min},${node.max === Infinity ? '' : node.max}}`
    case 'irregular':
      return ''
  }
}

/** Python's `\B` does not match in an empty text. */
const NOT_AT_WORD_BOUNDARY = '(?!\\b)'

function characterClass(source: string): string {
  const ranges = codePointRanges(source)
  if (ranges.length === 0) return '(?!)'
  const text = ranges.map(([first, last]) => (first === last ? escaped(first) : `${escaped(first)}-${escaped(last)}`))
  return ranges.length === 1 && ranges[0]![0] === ranges[0]![1] ? text[0]! : `[${text.join('')}]`
}

function escaped(point: number): string {
  if (/[0-9A-Za-z_]/.test(String.fromCodePoint(point))) return String.fromCodePoint(point)
  return point > 0xffff ? `\\U${point.toString(16).padStart(8, '0')}` : `\\u${point.toString(16).padStart(4, '0')}`
}

function instruction(step: Instruction): string {
  switch (step.op) {
    case 'character': {
      const bounds = codePointRanges(step.source).flatMap(([first, last]) => [String(first), String(last + 1)])
      return `("character", ${pythonTuple(bounds)})`
    }
    case 'assertion':
      return `("${step.kind}",)`
    case 'split':
      return `("split", ${step.first}, ${step.second})`
    case 'jump':
      return `("jump", ${step.to})`
    case 'match':
      return '("match",)'
  }
}
