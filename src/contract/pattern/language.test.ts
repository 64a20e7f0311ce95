import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { findText, type TextSet } from './language.ts'
import { lettersOf } from './letters.ts'
import { linearProgram } from './linear.ts'
import { parsePattern } from './parse.ts'
import { codePointRanges } from './ranges.ts'

const find = (set: Partial<TextSet>) => findText({ matching: [], unlike: [], ...set }, { left: 200_000 })

suite('the texts of two patterns', () => {
  const cases: readonly (readonly [string, Partial<TextSet>, string | null | undefined])[] = [
    ['a wider pattern holds all', { matching: ['^[A-Z]{2}$'], unlike: ['^[A-Z]{2,3}$'] }, null],
    ['a narrower one does not', { matching: ['^[A-Z]{2,3}$'], unlike: ['^[A-Z]{2}$'] }, 'AAA'],
    ['another way to write it', { matching: ['^(?:ab|ac)+$'], unlike: ['^(a[bc])(a[bc])*$'] }, null],
    ['digits are letters of words', { matching: ['^\\d+$'], unlike: ['^\\w+$'] }, null],
    ['words are not digits', { matching: ['^\\w+$'], unlike: ['^\\d+$'] }, 'x'],
    ['anchors narrow', { matching: ['abc'], unlike: ['^abc$'] }, 'xabc'],
    ['a length follows from a pattern', { matching: ['^\\d{4}-\\d{2}$'], lengthMin: 8 }, null],
    ['a pattern follows from a length', { unlike: ['^.{0,3}$', '\\n'], lengthMax: 3 }, '\r'],
    ['a list holds all', { matching: ['^[ab]$'], except: ['a', 'b'] }, null],
    ['a list leaves one', { matching: ['^[ab]$'], except: ['b'] }, 'a'],
    ['letters of any script', { matching: ['^\\p{Lu}$'], unlike: ['^\\p{L}$'] }, null],
    [
      'what lies beyond 16 bits',
      { matching: ['^[\\u{1F600}-\\u{1F64F}]$'], unlike: ['^[\\u{1F600}-\\u{1F64E}]$'] },
      '\u{1F64F}',
    ],
    ['an assertion that cannot hold', { matching: ['a^b'] }, null],
    ['look-around is left open', { matching: ['^a(?=b)'], unlike: ['^a'] }, undefined],
    ['what is larger than a look-around and still empty', { matching: ['^a(?=b)', '^c'], unlike: ['^c'] }, null],
  ]
  for (const [name, set, expected] of cases)
    test(name, () => {
      assert.equal(find(set), expected)
    })
})

const patterns = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      'a',
      'b',
      '[ab]',
      '[^a]',
      '.',
      '\\d',
      '\\w',
      '\\s',
      '^',
      '$',
      '\\u0062',
      '\\x61',
      '\u{1F600}',
      '[a-c\\-]',
    ),
    fc.tuple(tie('any'), tie('any')).map((parts) => parts.join('')),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `(?:${a}|${b})`),
    fc.tuple(tie('any'), fc.constantFrom('*', '+', '?', '{2}', '{1,2}')).map(([part, sign]) => `(?:${part})${sign}`),
  ),
})).any
const texts = fc.string({
  unit: fc.constantFrom('a', 'b', 'c', '1', '_', ' ', '\n', '-', '\u{1F600}', 'é'),
  maxLength: 6,
})
const bounds = fc.record({ lengthMin: fc.integer({ min: 0, max: 2 }), lengthMax: fc.integer({ min: 2, max: 5 }) })

test('a text found is in the set, by the engine; where none is said to be, none of many is', () => {
  fc.assert(
    fc.property(
      patterns,
      patterns,
      bounds,
      fc.array(texts, { minLength: 40, maxLength: 40 }),
      (own, other, lengths, tried) => {
        const [matching, unlike] = [new RegExp(own, 'u'), new RegExp(other, 'u')]
        const isIn = (text: string) => {
          const { length } = [...text]
          return matching.test(text) && !unlike.test(text) && length >= lengths.lengthMin && length <= lengths.lengthMax
        }
        const found = find({ matching: [own], unlike: [other], ...lengths })
        if (typeof found === 'string') assert.ok(isIn(found), JSON.stringify(found))
        if (found === null) for (const text of tried) assert.ok(!isIn(text), JSON.stringify(text))
      },
    ),
    { numRuns: 1_000 },
  )
})

test('letters stand for all of Unicode: each class has one for itself and one for the rest', () => {
  for (const source of [
    '\\d',
    '\\w',
    '\\s',
    '\\S',
    '.',
    '[^\\W_]',
    '[a-f0-9]',
    '\\u{1F600}',
    '\\ud83d\\ude00',
    '\\cJ',
    '\\p{Nd}',
  ]) {
    const ranges = codePointRanges(source)
    const letters = lettersOf(linearProgram(parsePattern(source))!, [], { left: 1e6 })
    const isIn = (point: number) => ranges.some(([first, last]) => first <= point && point <= last)
    assert.deepEqual(letters.map(isIn).toSorted(), [false, true], source)
  }
})

test('patterns made to keep it busy are left open', () => {
  for (const own of ['(a|b)*a(a|b){40}', '^(a{1,200}){1,200}$', '(?:a?){300}a{300}'])
    assert.equal(findText({ matching: [own], unlike: ['c'], lengthMin: 900 }, { left: 50_000 }), undefined)
})
