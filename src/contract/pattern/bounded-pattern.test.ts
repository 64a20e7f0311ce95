import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { CovenantError } from '../../kernel/index.ts'
import { compileAutomaton } from './automaton.ts'
import { compilePattern } from './bounded-pattern.ts'
import { linearMatcher } from './linear.ts'
import { parsePattern } from './parse.ts'

const atoms = fc.constantFrom(
  'a',
  'b',
  '.',
  '[ab]',
  '[^a]',
  '\\d',
  '\\w',
  '[0-9-]',
  '\\.',
  '\\u{61}',
  '\\x62',
  '\\p{L}',
  'é',
  '😀',
  '\\uD83D\\uDE00',
  '[\\]a]',
)
const assertions = fc.constantFrom('^', '$', '\\b', '\\B')
const quantifiers = fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,}', '{0,2}', '*?', '{2,3}?', '{0}')
const { pattern: patterns } = fc.letrec<{ pattern: string; piece: string }>((tie) => ({
  pattern: fc
    .array(
      fc.array(tie('piece'), { maxLength: 4 }).map((pieces) => pieces.join('')),
      { minLength: 1, maxLength: 3 },
    )
    .map((options) => options.join('|')),
  piece: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(atoms, quantifiers).map((parts) => parts.join('')),
    assertions,
    fc
      .tuple(fc.constantFrom('(', '(?:', '(?<n>'), tie('pattern'), quantifiers)
      .map(([open, inner, sign]) => `${open}${inner})${sign}`),
  ),
}))
const texts = fc.string({
  unit: fc.constantFrom('a', 'b', '1', '-', '.', ' ', 'é', '😀', '\n', '\ud800', ']'),
  maxLength: 8,
})

/** The native engine, or `undefined` for a pattern that is none, such as one with two groups of the same name. */
function native(source: string): RegExp | undefined {
  try {
    return new RegExp(source, 'u')
  } catch {
    return undefined
  }
}

describe('bounded patterns', () => {
  test('the linear matcher and the automaton agree with the native engine', () => {
    fc.assert(
      fc.property(patterns, fc.array(texts, { minLength: 1, maxLength: 8 }), (source, samples) => {
        const expression = native(source)
        fc.pre(expression !== undefined)
        const linear = linearMatcher(parsePattern(source))!
        const automaton = compileAutomaton(source)
        for (const text of samples) {
          // V8 finds a place without a boundary inside of a surrogate pair, where ECMA-262 has no place at all.
          if (source.includes('\\B') && text.includes('😀')) continue
          const expected = expression!.test(text)
          assert.equal(linear(text), expected, `/${source}/ on ${JSON.stringify(text)}`)
          if (automaton && /^[\0-\x7f]*$/.test(text)) {
            let state = 0
            for (const byte of Buffer.from(text)) state = automaton.next[state * 128 + byte]!
            assert.equal(automaton.accepts[state] === 1, expected, `/${source}/ on ${JSON.stringify(text)}`)
          }
        }
      }),
      { numRuns: 800 },
    )
  })

  test('a place without a word boundary is never inside of a character', () => {
    const pattern = compilePattern('\\B', 'test')
    assert.deepEqual(['a😀a', 'ab', '😀😀'].map(pattern.test), [false, true, true])
  })

  test('catastrophic patterns are answered at once, whatever the string', () => {
    const text = `${'a'.repeat(50_000)}!`
    for (const source of [
      '^(a+)+$',
      '(a|a)*$',
      '(a|aa)+$',
      '^(a?){40}a{40}$',
      '(.*)(.*)(.*)(.*)[^!]$',
      '(\\w+\\s?)*$',
    ]) {
      // One that hangs is ended, and told, by the runner's own limit.
      const pattern = compilePattern(source, 'test')
      for (const length of [10, 30, 100, 1_000, 50_001])
        assert.equal(typeof pattern.test(text.slice(-length)), 'boolean')
    }
  })

  test('look-around works on short strings, and a string too long for it does not match', () => {
    const pattern = compilePattern('^(?!.*0000)\\d+$', 'test')
    assert.equal(pattern.test('12345'), true)
    assert.equal(pattern.test('10000'), false)
    assert.equal(pattern.test('1'.repeat(2_000_000)), false)
  })

  test('ordinary patterns stay with the native engine up to great lengths', () => {
    assert.ok(compilePattern('^[A-Z]{2}$', 'test').nativeLengthMax >= 100_000)
    assert.ok(compilePattern('^N[0-9A-Z]{1,5}$', 'test').nativeLengthMax >= 100_000)
    assert.ok(compilePattern('(a+)+$', 'test').nativeLengthMax < 32)
  })

  test('text that is no regular expression is refused with its place', () => {
    assert.throws(
      () => compilePattern('(', 'orders 1.0.0, field id'),
      (thrown) =>
        thrown instanceof CovenantError &&
        thrown.code === 'CONTRACT_PATTERN_INVALID' &&
        thrown.where === 'orders 1.0.0, field id',
    )
  })
})
