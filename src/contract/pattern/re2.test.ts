import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { type DataEngine, openDataEngine } from '../../adapters/embedded/duckdb-data.ts'
import { quoteText } from '../../kernel/index.ts'
import { codePointRanges, triedRanges } from './ranges.ts'
import { re2Pattern } from './re2.ts'

const ATOMS = [
  'a',
  'B',
  '0',
  '-',
  ' ',
  'é',
  '😀',
  '.',
  '\\d',
  '\\D',
  '\\w',
  '\\W',
  '\\s',
  '\\S',
  '\\.',
  '\\/',
  '\\u00e9',
  '\\u{1F600}',
  '\\ud83d\\ude00',
  '\\x61',
  '\\n',
  '[a-c]',
  '[^a-c]',
  '[\\d_]',
  '[-a]',
  '[a-]',
  '[\\s\\]]',
  '[^\\n]',
  '(?:ab|a)',
  '(a)',
  '(?<n>b)',
  '\\b',
  '\\B',
  '^',
  '$',
  '[&[]',
  '[😀-😂]',
  '\\p{Lu}',
  '[\\D]',
  '[\\P{L}_]',
  '[^]',
  '[]',
  '[^\\ud83d]',
  '[\\ud83d\\ude00-\\u{1F601}]',
  '(?:a|)',
]
const atom = fc.constantFrom(...ATOMS)
const quantified = fc
  .tuple(atom, fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '{0,}', '+?'))
  .map(([part, sign]) => (/^(?:\\[bB]|[\^$])$/.test(part) ? part : part + sign))
const pattern = fc
  .tuple(fc.array(quantified, { maxLength: 4 }), fc.array(quantified, { maxLength: 2 }), fc.boolean())
  .map(([left, right, either]) => left.join('') + (either ? `|${right.join('')}` : ''))
  .filter(isPattern)
const text = fc
  .array(
    fc.constantFrom(
      'a',
      'b',
      'B',
      'c',
      '0',
      '_',
      '-',
      ' ',
      '\u00a0',
      '\ufeff',
      '\n',
      '\r',
      '\u2028',
      '\v',
      'é',
      '😀',
      '😁',
      '&',
      '[',
      ']',
      '.',
      '/',
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.join(''))

describe('a pattern said for RE2', () => {
  let data: DataEngine
  before(async () => {
    data = await openDataEngine({ extensionDirs: [] })
  })
  after(() => data.close())

  it('matches in DuckDB what it matches in ECMAScript', async () => {
    await fc.assert(
      fc.asyncProperty(pattern, fc.array(text, { minLength: 1, maxLength: 8 }), async (source, texts) => {
        const translated = re2Pattern(source)
        assert.ok(translated !== null, source)
        const rows = texts.map((value) => `(${quoteText(value)})`).join(', ')
        const found = await data.engine.query(
          `SELECT regexp_matches(t, ${quoteText(translated)}) AS m FROM (VALUES ${rows}) AS v(t)`,
        )
        assert.deepEqual(
          found.map(({ m }) => m),
          texts.map((value) => new RegExp(source, 'u').test(value)),
          translated,
        )
      }),
      { numRuns: 400 },
    )
  })

  it('is none where RE2 cannot', () => {
    for (const source of ['(?=a)b', '(?<!a)b', '(a)\\1', 'a{2000}', '(a{100}){100}', '\\p{L}{300}', '(\\p{L}{9}){99}'])
      assert.equal(re2Pattern(source), null, source)
  })

  it('fits into the memory of RE2, whatever the class', async () => {
    // Every third character beyond the basic plane: nothing of its UTF-8 is shared.
    const apart = Array.from({ length: 300 }, (_, i) => String.fromCodePoint(0x20000 + 97 * i)).join('')
    for (const source of [
      '^\\p{L}{1,292}$',
      '\\P{Lu}{300}',
      `^[${apart}]{666}$`,
      '^.{1,1000}$',
      '(\\p{L}|\\p{N}){240}',
    ]) {
      const translated = re2Pattern(source)
      assert.ok(translated !== null, source.slice(0, 20))
      const matches = `SELECT regexp_matches(t, ${quoteText(translated)}) AS m FROM (VALUES ('a')) AS v(t)`
      assert.deepEqual(await data.engine.query(matches), [{ m: new RegExp(source, 'u').test('a') }])
    }
  })

  it('has the code points of each class that the engine itself tells', () => {
    const part = fc.constantFrom(
      ...['a', 'Z', '0', '9', '_', '-', '^', '.', '{', '😀', 'é', '\\d', '\\W', '\\s', '\\S', '\\n', '\\0', '\\x7f'],
      ...[
        '\\u00e9',
        '\\ud83d',
        '\\ude00',
        '\\u{1F600}',
        '\\-',
        '\\]',
        '\\^',
        '\\p{Lu}',
        '\\cA',
        '\\b',
        'a-f',
        '\\x30-é',
      ],
    )
    const source = fc
      .tuple(fc.boolean(), fc.array(part, { maxLength: 5 }))
      .map(([negated, parts]) => `[${negated ? '^' : ''}${parts.join('')}]`)
      .filter(isPattern)
    fc.assert(
      fc.property(source, (text) => assert.deepEqual(codePointRanges(text), triedRanges(text), text)),
      { numRuns: 60 },
    )
    for (const text of [
      '.',
      'a',
      '\\d',
      '\\D',
      '\\w',
      '\\s',
      '\\S',
      '\\.',
      '\\u00e9',
      '\\u{1F600}',
      '\\cA',
      '\\p{N}',
      '😀',
    ])
      assert.deepEqual(codePointRanges(text), triedRanges(text), text)
  })
})

/** A group may be named but once. */
function isPattern(source: string): boolean {
  try {
    return new RegExp(source, 'u') !== null
  } catch {
    return false
  }
}
