import { CovenantError, messageOf } from '../../kernel/index.ts'
import { safeLength } from './cost.ts'
import { linearMatcher } from './linear.ts'
import { parsePattern } from './parse.ts'

/** A contract's pattern, made so that no string can keep the validator busy. */
export interface BoundedPattern {
  /** The engine's own expression, for strings of up to `nativeLengthMax` UTF-16 units. */
  readonly native: RegExp
  readonly nativeLengthMax: number
  /** Whether any string matches. */
  test(text: string): boolean
}

/**
 * Compiles an ECMA-262 pattern (flag `u`, unanchored).
 *
 * A backtracking engine can take exponential time (`(a+)+$`), so it only sees strings that are short enough for this
 * pattern to be matched within about a million steps. Longer ones go to a matcher of linear time that gives the same
 * answers. A pattern with look-around or back-references has no such matcher: longer strings do not match it.
 *
 * @throws `CONTRACT_PATTERN_INVALID` for text that is no regular expression
 */
export function compilePattern(source: string, where: string): BoundedPattern {
  const native = nativeExpression(source, where)
  const pattern = parsePattern(source)
  const matcher = linearMatcher(pattern)
  // V8 finds a place without a word boundary inside of a surrogate pair, where ECMA-262 has no place at all.
  const nativeLengthMax = matcher !== null && source.includes('\\B') ? 0 : safeLength(pattern)
  const linear = matcher ?? (() => false)
  return {
    native,
    nativeLengthMax,
    test: (text) => (text.length <= nativeLengthMax ? native.test(text) : linear(text)),
  }
}

function nativeExpression(source: string, where: string): RegExp {
  try {
    return new RegExp(source, 'u')
  } catch (cause) {
    throw new CovenantError({
      code: 'CONTRACT_PATTERN_INVALID',
      message: `The pattern is no ECMA-262 regular expression: ${messageOf(cause)}.`,
      where,
      remedy: 'Correct `pattern` in the contract.',
      cause,
    })
  }
}
