import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { contractOf, documentArbitrary, fieldOf, fieldsArbitrary } from '../../../test/contract/arbitraries.ts'
import type { Field } from '../define.ts'
import { acceptsDocument } from './accepts.ts'
import { compileJsonSchema } from './json-schema.ts'
import { addContractKeywords } from './json-schema-keywords.ts'
import { compileValidationPlan } from './validation-plan.ts'

function judge(fields: readonly Field[]): (document: unknown) => boolean {
  return addContractKeywords(new Ajv2020()).compile(compileJsonSchema(contractOf(fields)))
}

test('the JSON schema and the reference accept the same documents', () => {
  fc.assert(
    fc.property(
      fieldsArbitrary.chain((fields) =>
        fc.tuple(fc.constant(fields), fc.array(documentArbitrary(fields), { minLength: 8, maxLength: 8 })),
      ),
      ([fields, documents]) => {
        const accepts = judge(fields)
        const plan = compileValidationPlan(contractOf(fields))
        for (const document of documents)
          assert.equal(acceptsDocument(plan.fields, document), accepts(document), JSON.stringify(document))
      },
    ),
    { numRuns: 100 },
  )
})

const CASES: readonly (readonly [string, Field, readonly unknown[], readonly unknown[]])[] = [
  ['a required text', fieldOf('v', 'string'), ['', 'x'], [null, undefined, 1, ['x']]],
  ['an optional text', fieldOf('v', 'string', { required: false }), [null, undefined, ''], [0, {}]],
  [
    'lengths in code points',
    fieldOf('v', 'string', { rules: { minLength: 1, maxLength: 2 } }),
    ['\u{1F600}', '\u{1F600}\u{1F600}', 'é'],
    ['', '\u{1F600}\u{1F600}\u{1F600}'],
  ],
  ['a pattern, unanchored', fieldOf('v', 'string', { rules: { pattern: '\\p{Lu}' } }), ['aÉ', 'X'], ['a', '']],
  [
    'whole numbers that JSON holds exactly',
    fieldOf('v', 'integer'),
    [0, -0, 3.0, 1e3, 9_007_199_254_740_991, -9_007_199_254_740_991],
    [0.5, 9_007_199_254_740_992, 1e300, '1', true],
  ],
  ['finite numbers', fieldOf('v', 'number'), [0, -1.5, 1e308], [JSON.parse('1e999'), '1', false]],
  [
    'multiples of a decimal',
    fieldOf('v', 'number', { rules: { multipleOf: 0.1 } }),
    [0, 0.1, 0.3, 0.7, 1.1, -0.3, 4.35e1, 1e21],
    [0.05, 0.30000000000000004, 1e-7],
  ],
  [
    'exclusive bounds',
    fieldOf('v', 'number', { rules: { exclusiveMinimum: 0, exclusiveMaximum: 1 } }),
    [0.5, 1e-300],
    [0, 1],
  ],
  [
    'moments with a zone',
    fieldOf('v', 'timestamp'),
    [
      '2013-01-01T00:00:00Z',
      '2012-02-29T23:59:59.123456789+23:59',
      '0000-01-01T00:00:00-00:00',
      '2000-02-29T00:00:00Z',
    ],
    [
      '2013-02-29T00:00:00Z',
      '1900-02-29T00:00:00Z',
      '2013-01-01T00:00:00',
      '2013-01-01t00:00:00z',
      '2013-01-01 00:00:00Z',
      '2013-01-01T24:00:00Z',
      '2013-01-01T23:59:60Z',
      '2013-01-01T00:00Z',
      '2013-01-01T00:00:00.Z',
      '2013-01-01T00:00:00+24:00',
      '2013-01-01T00:00:00+0100',
      '+12013-01-01T00:00:00Z',
      '2013-01-01T00:00:00Z\n',
      1_356_998_400_000,
    ],
  ],
  [
    'instants within bounds, whatever the zone and the fraction',
    fieldOf('v', 'timestamp', { rules: { earliest: '2013-01-01T00:00:00Z', latest: '2013-01-02T00:00:00.5Z' } }),
    ['2013-01-01T01:00:00+01:00', '2013-01-02T00:00:00.50Z', '2013-01-01T23:00:00-01:00'],
    ['2013-01-01T00:00:00+00:01', '2013-01-02T00:00:00.5000001Z', '2012-12-31T23:59:59.999999999Z'],
  ],
  [
    'real days',
    fieldOf('v', 'date', { rules: { latest: '2013-12-31' } }),
    ['2012-02-29', '2013-12-31'],
    ['2014-01-01', '2013-06-31', '2013-1-1'],
  ],
  [
    'times of day',
    fieldOf('v', 'time', { rules: { earliest: '08:00:00' } }),
    ['08:00:00.0', '23:59:59'],
    ['07:59:59.9', '8:00:00', '09:00:00Z'],
  ],
  ['listed values', fieldOf('v', 'string', { required: false, rules: { enum: ['a', 'b'] } }), ['a', null], ['A', '']],
  [
    'nested objects, unknown members allowed',
    fieldOf('v', 'object', { fields: [fieldOf('a', 'integer')] }),
    [{ a: 1 }, { a: 1, b: 'x' }],
    [{}, { a: null }, { a: '1' }, []],
  ],
  [
    'items that may be null, and are unique',
    fieldOf('v', 'array', {
      rules: { minItems: 1, maxItems: 3, uniqueItems: true },
      items: fieldOf('i', 'object', { required: false, fields: [] }),
    }),
    [
      [null],
      [
        { a: 1, b: 2 },
        { a: 2, b: 1 },
      ],
    ],
    [
      [],
      [null, null],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      [1],
      {},
    ],
  ],
  [
    'maps',
    fieldOf('v', 'map', { items: fieldOf('i', 'number', { rules: { minimum: 0 } }) }),
    [{}, { x: 0, y: 2 }],
    [{ x: -1 }, { x: null }, []],
  ],
]

for (const [what, field, good, bad] of CASES)
  test(`${what}: the JSON schema and the reference draw the line at the same place`, () => {
    const accepts = judge([field])
    const { fields } = compileValidationPlan(contractOf([field]))
    for (const [values, expected] of [
      [good, true],
      [bad, false],
    ] as const)
      for (const value of values) {
        const document = value === undefined ? {} : { v: value }
        assert.equal(acceptsDocument(fields, document), expected, `reference: ${JSON.stringify(value)}`)
        assert.equal(accepts(document), expected, `schema: ${JSON.stringify(value)}`)
      }
  })
