import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { type DataEngine, openDataEngine } from '../../../adapters/embedded/duckdb-data.ts'
import { quoteText } from '../../../kernel/index.ts'
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
]
const atom = fc.constantFrom(...ATOMS)
const quantified = fc
  .tuple(atom, fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '{0,}', '+?'))
  .map(([part, sign]) => (/^(?:\\[bB]|[\^$])$/.test(part) ? part : part + sign))
const pattern = fc
  .tuple(fc.array(quantified, { maxLength: 4 }), fc.array(quantified, { maxLength: 2 }), fc.boolean())
  .map(([left, right, either]) => left.join('') + (either ? `|${right.join('')}` : ''))
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
        if (translated === null) return
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

  it('is none where the engines differ', () => {
    for (const source of ['(?=a)b', '(?<!a)b', '(a)\\1', '\\p{L}', '[\\D]', 'a{2000}', '(a{100}){100}', '[^]'])
      assert.equal(re2Pattern(source), null, source)
  })
})
