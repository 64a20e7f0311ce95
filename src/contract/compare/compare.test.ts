import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { changed, contractOf, documentArbitrary, fieldOf, fieldsArbitrary } from '../../../test/contract/arbitraries.ts'
import type { Contract, Field, Incompatibility, SlaProperty } from '../define.ts'
import { compileJsonSchema } from '../plan/json-schema.ts'
import { addContractKeywords } from '../plan/json-schema-keywords.ts'
import { compatibility } from './index.ts'

/** Independent of the comparison: ajv and the published JSON schema. */
function judge(contract: Contract): (document: unknown) => boolean {
  return addContractKeywords(new Ajv2020()).compile(compileJsonSchema(contract))
}

const pairs = fc.oneof(
  fieldsArbitrary.chain((fields) => fc.tuple(fc.constant(fields), changed(fields))),
  fieldsArbitrary.chain((fields) => fc.tuple(fc.constant(fields), changed(fields).chain(changed))),
)

test('what the comparison does not report, no document shows; and each witness shows what it reports', () => {
  const cases = pairs.chain(([older, newer]) =>
    fc.tuple(
      fc.constant([older, newer] as const),
      fc.array(documentArbitrary(older), { minLength: 15, maxLength: 15 }),
      fc.array(documentArbitrary(newer), { minLength: 15, maxLength: 15 }),
    ),
  )
  fc.assert(
    fc.property(cases, ([[older, newer], oldDocuments, newDocuments]) => {
      const [before, after] = [contractOf(older), contractOf(newer, { version: '1.1.0' })]
      const found = compatibility(before, after)
      const [acceptsBefore, acceptsAfter] = [judge(before), judge(after)]
      if (!found.some(({ breaks }) => breaks === 'writers'))
        for (const document of oldDocuments.filter(acceptsBefore))
          assert.ok(acceptsAfter(document), JSON.stringify(document))
      if (!found.some(({ breaks }) => breaks === 'readers'))
        for (const document of newDocuments.filter(acceptsAfter))
          assert.ok(acceptsBefore(document), JSON.stringify(document))
      for (const { witness, breaks, message } of found) {
        if (witness === null) continue
        assert.equal(acceptsBefore(witness), breaks === 'writers', message)
        assert.equal(acceptsAfter(witness), breaks === 'readers', message)
      }
    }),
    { numRuns: 200 },
  )
})

const patterns = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('a', 'b', '[ab]', '[^a]', '.', '\\d', '^', '$'),
    fc.tuple(tie('any'), tie('any')).map((parts) => parts.join('')),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `(?:${a}|${b})`),
    fc.tuple(tie('any'), fc.constantFrom('*', '+', '?', '{2}')).map(([part, sign]) => `(?:${part})${sign}`),
  ),
})).any

test('a changed pattern is reported with a text that shows it, and where it is not, no text shows a difference', () => {
  const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '1', '\n'), maxLength: 5 }), {
    minLength: 30,
    maxLength: 30,
  })
  fc.assert(
    fc.property(patterns, patterns, texts, (was, is, tried) => {
      const field = (pattern: string) => [fieldOf('n', 'string', { rules: { pattern } })]
      const found = compare(field(was), field(is))
      const [old, candidate] = [new RegExp(was, 'u'), new RegExp(is, 'u')]
      for (const { witness, breaks } of found) {
        const text = (witness as { n: string }).n
        assert.deepEqual([old.test(text), candidate.test(text)], [breaks === 'writers', breaks === 'readers'])
      }
      const broken = new Set(found.map(({ breaks }) => breaks))
      for (const text of tried) {
        if (!broken.has('writers')) assert.ok(!old.test(text) || candidate.test(text), JSON.stringify(text))
        if (!broken.has('readers')) assert.ok(!candidate.test(text) || old.test(text), JSON.stringify(text))
      }
    }),
    { numRuns: 1_000 },
  )
})

test('a contract is compatible with itself', () => {
  fc.assert(
    fc.property(fieldsArbitrary, (fields) => {
      assert.deepEqual(compatibility(contractOf(fields), contractOf(fields, { version: '1.0.1' })), [])
    }),
    { numRuns: 200 },
  )
})

function compare(older: readonly Field[], newer: readonly Field[]): readonly Incompatibility[] {
  return compatibility(contractOf(older), contractOf(newer, { version: '1.1.0' }))
}

function summary(found: readonly Incompatibility[]): readonly string[] {
  return found.map(({ path, rule, breaks, witness }) => `${breaks} ${path} ${rule} ${JSON.stringify(witness)}`)
}

suite('changes of fields', () => {
  const id = fieldOf('id', 'integer', { rules: { minimum: 1 } })
  const cases: readonly (readonly [string, readonly Field[], readonly Field[], readonly string[]])[] = [
    [
      'an optional field added or removed is compatible',
      [id],
      [id, fieldOf('note', 'string', { required: false })],
      [],
    ],
    ['a required field added breaks writers', [id], [id, fieldOf('n', 'string')], ['writers n field-added {"id":1}']],
    [
      'a required field removed breaks readers',
      [id, fieldOf('n', 'string')],
      [id],
      ['readers n field-removed {"id":1}'],
    ],
    [
      'a field that becomes required breaks writers',
      [id, fieldOf('n', 'string', { required: false })],
      [id, fieldOf('n', 'string')],
      ['writers n required {"id":1,"n":null}'],
    ],
    [
      'a field that becomes optional breaks readers',
      [fieldOf('n', 'string')],
      [fieldOf('n', 'string', { required: false })],
      ['readers n required {"n":null}'],
    ],
    [
      'a tighter minimum breaks writers, and only them',
      [fieldOf('n', 'integer', { rules: { minimum: 0 } })],
      [fieldOf('n', 'integer', { rules: { minimum: 5 } })],
      ['writers n minimum {"n":0}'],
    ],
    [
      'a lower bound that says the same in another way is compatible',
      [fieldOf('n', 'integer', { rules: { minimum: 1 } })],
      [fieldOf('n', 'integer', { rules: { exclusiveMinimum: 0.5 } })],
      [],
    ],
    [
      'bounds that only exclude what was not a multiple anyway are compatible',
      [fieldOf('n', 'integer', { rules: { multipleOf: 5, minimum: 1, maximum: 29 } })],
      [fieldOf('n', 'integer', { rules: { multipleOf: 5, minimum: 5, maximum: 25 } })],
      [],
    ],
    [
      'a removed enum value breaks writers',
      [fieldOf('n', 'string', { rules: { enum: ['a', 'b'] } })],
      [fieldOf('n', 'string', { rules: { enum: ['a'] } })],
      ['writers n enum {"n":"b"}'],
    ],
    [
      'a new enum value breaks readers',
      [fieldOf('n', 'string', { rules: { enum: ['a'] } })],
      [fieldOf('n', 'string', { rules: { enum: ['b', 'a'] } })],
      ['readers n enum {"n":"b"}'],
    ],
    [
      'an enum that covers the whole range is no restriction',
      [fieldOf('n', 'integer', { rules: { minimum: 1, maximum: 3 } })],
      [fieldOf('n', 'integer', { rules: { enum: [3, 2, 1] } })],
      [],
    ],
    [
      'a whole number widened to a number breaks readers only',
      [fieldOf('n', 'integer')],
      [fieldOf('n', 'number')],
      ['readers n type {"n":-0.5}'],
    ],
    [
      'a new pattern breaks writers',
      [fieldOf('n', 'string')],
      [fieldOf('n', 'string', { rules: { pattern: '^[A-Z]{2}$' } })],
      ['writers n pattern {"n":""}'],
    ],
    [
      'a loosened pattern breaks readers, by a text that the new one allows, and no writers',
      [fieldOf('n', 'string', { rules: { pattern: '^[A-Z]{2}$' } })],
      [fieldOf('n', 'string', { rules: { pattern: '^[A-Z]{2,3}$' } })],
      ['readers n pattern {"n":"BCD"}'],
    ],
    [
      'a pattern written in another way breaks nobody',
      [fieldOf('n', 'string', { rules: { pattern: '^[0-9]{2}(,[0-9]{2})*$' } })],
      [fieldOf('n', 'string', { rules: { pattern: '^(?:\\d\\d,)*\\d{2}$' } })],
      [],
    ],
    [
      'a length that follows from the pattern breaks nobody',
      [fieldOf('n', 'string', { rules: { pattern: '^[A-Z]{2}$' } })],
      [fieldOf('n', 'string', { rules: { pattern: '^[A-Z]{2}$', maxLength: 2 } })],
      [],
    ],
    [
      'a pattern with look-around cannot be decided, and is reported without a text',
      [fieldOf('n', 'string', { rules: { pattern: '^(?=[A-Z])' } })],
      [fieldOf('n', 'string', { rules: { pattern: '^(?=[A-Z]).*$' } })],
      ['readers n pattern null', 'writers n pattern null'],
    ],
    [
      'later moments allowed breaks readers',
      [fieldOf('n', 'timestamp', { rules: { latest: '2013-12-31T00:00:00Z' } })],
      [fieldOf('n', 'timestamp')],
      ['readers n latest {"n":"2013-12-31T00:00:01.000Z"}'],
    ],
    [
      'changes deep inside are found with a whole document',
      [
        id,
        fieldOf('lines', 'array', {
          rules: { minItems: 2 },
          items: fieldOf('item', 'object', { fields: [fieldOf('sku', 'string')] }),
        }),
      ],
      [
        id,
        fieldOf('lines', 'array', {
          rules: { minItems: 2 },
          items: fieldOf('item', 'object', { fields: [fieldOf('sku', 'string', { rules: { minLength: 1 } })] }),
        }),
      ],
      ['writers lines[].sku minLength {"id":1,"lines":[{"sku":""},{"sku":""}]}'],
    ],
    [
      'values of maps count',
      [fieldOf('m', 'map', { items: fieldOf('value', 'integer') })],
      [fieldOf('m', 'map', { items: fieldOf('value', 'string') })],
      ['readers m{} type {"m":{"key":""}}', 'writers m{} type {"m":{"key":-2}}'],
    ],
  ]
  for (const [name, older, newer, expected] of cases)
    test(name, () => {
      assert.deepEqual(summary(compare(older, newer)), expected)
    })
})

test('messages name the change and its victim', () => {
  const [found] = compare(
    [fieldOf('n', 'integer', { rules: { minimum: 0 } })],
    [fieldOf('n', 'integer', { rules: { minimum: 5 } })],
  )
  assert.equal(found?.message, 'The minimum of "n" changed from 0 to 5: 1.1.0 refuses records that conform to 1.0.0.')
})

suite('changes beyond single documents', () => {
  const fields = [fieldOf('id', 'integer'), fieldOf('at', 'timestamp')]
  const older = contractOf(fields, { key: ['id'], eventTime: 'at', sla: [latency(1)] })
  const cases: readonly (readonly [string, Partial<Contract>, readonly string[]])[] = [
    ['nothing', {}, []],
    ['the topic', { topic: 'other' }, ['topic']],
    ['the key', { key: [] }, ['key']],
    ['the event time', { eventTime: null }, ['event-time']],
    ['change data capture', { cdc: 'debezium' }, ['cdc']],
    ['a latency that promises less', { sla: [latency(3)] }, ['sla-latency']],
    ['a latency that promises nothing', { sla: [] }, ['sla-latency']],
    ['a latency that promises more', { sla: [latency(0.5)] }, []],
  ]
  for (const [name, change, rules] of cases)
    test(name, () => {
      const found = compatibility(older, { ...older, version: '1.1.0', ...change })
      assert.deepEqual(
        found.map(({ rule }) => rule),
        rules,
      )
      assert.ok(found.every(({ breaks, witness }) => breaks === 'readers' && witness === null))
    })

  test('an event time where there was none is compatible', () => {
    assert.deepEqual(compatibility({ ...older, eventTime: null }, older), [])
  })
})

function latency(hours: number): SlaProperty {
  return { property: 'latency', value: hours, unit: 'h', valueMs: hours * 3_600_000, field: 'at', schedule: null }
}
