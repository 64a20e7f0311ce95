import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { contractOf, documentArbitrary, fieldsArbitrary } from '../../../test/contract/arbitraries.ts'
import { CovenantError } from '../../kernel/index.ts'
import { acceptsDocument } from '../plan/accepts.ts'
import { compileJsonSchema } from '../plan/json-schema.ts'
import { compileValidationPlan } from '../plan/validation-plan.ts'
import { parseContract, readContract } from '../read/index.ts'
import { writeDraft } from './draft.ts'
import { importJsonSchema } from './json-schema.ts'

function read(schema: unknown) {
  const draft = importJsonSchema(JSON.stringify(schema), 'orders.schema.json')
  const contract = readContract(writeDraft(draft, { topic: 'orders' }), 'draft.odcs.yaml')
  return { draft, contract, notes: draft.notes.map(({ path, message }) => `${path}: ${message}`) }
}

describe('import of a JSON schema', () => {
  it('gives back the contract that a schema was compiled from: both accept the same documents', () => {
    fc.assert(
      fc.property(
        fieldsArbitrary.chain((fields) =>
          fc.tuple(fc.constant(fields), fc.array(documentArbitrary(fields), { minLength: 8, maxLength: 8 })),
        ),
        ([fields, documents]) => {
          fc.pre(fields.length > 0)
          const draft = importJsonSchema(JSON.stringify(compileJsonSchema(contractOf(fields))), 'f.json')
          const { contract } = parseContract(writeDraft(draft), 'draft.odcs.yaml')
          // Contracts that contradict themselves, as with an enum value out of bounds, are refused by the reader.
          fc.pre(contract !== null)
          const imported = compileValidationPlan(contract).fields
          const original = compileValidationPlan(contractOf(fields)).fields
          for (const document of documents)
            assert.equal(
              acceptsDocument(imported, document),
              acceptsDocument(original, document),
              JSON.stringify(document),
            )
        },
      ),
      { numRuns: 100 },
    )
  })

  it('follows references, merges allOf, reads null, const, formats and exclusive bounds of draft 4', () => {
    const { contract, notes } = read({
      $schema: 'http://json-schema.org/draft-04/schema#',
      title: 'Order',
      description: 'An order.',
      definitions: { money: { type: 'number', minimum: 0, exclusiveMinimum: true } },
      properties: {
        id: { type: 'string', pattern: '^[A-Z]+$' },
        amount: { $ref: '#/definitions/money' },
        note: { type: ['string', 'null'], maxLength: 9 },
        at: { type: 'string', format: 'date-time' },
        kind: { const: 'order' },
        tags: { type: 'object', additionalProperties: { type: 'integer' } },
        lines: { type: 'array', items: { allOf: [{ properties: { a: { type: 'boolean' } } }, { required: ['a'] }] } },
      },
      required: ['id', 'amount', 'note', 'at', 'kind'],
    })
    assert.deepEqual(notes, [])
    assert.equal(contract.purpose, 'An order.')
    assert.deepEqual(
      contract.fields.map(({ name, type, required, rules }) => [name, type, required, rules]),
      [
        ['id', 'string', true, { pattern: '^[A-Z]+$' }],
        ['amount', 'number', true, { exclusiveMinimum: 0 }],
        ['note', 'string', false, { maxLength: 9 }],
        ['at', 'timestamp', true, {}],
        ['kind', 'string', true, { enum: ['order'] }],
        ['tags', 'map', false, {}],
        ['lines', 'array', false, {}],
      ],
    )
    assert.deepEqual(
      contract.fields[6]?.items?.fields?.map(({ name, required }) => [name, required]),
      [['a', true]],
    )
  })

  it('says what it does not carry over', () => {
    const { notes } = read({
      type: 'object',
      additionalProperties: false,
      required: ['ghost'],
      properties: {
        a: { type: ['string', 'integer'] },
        b: { oneOf: [{ type: 'string' }, { type: 'object', properties: { x: {} } }] },
        c: { type: 'string', format: 'email', contentEncoding: 'base64' },
        d: { type: 'object' },
        e: { $ref: 'other.json#/x' },
        f: { type: 'array', items: [{ type: 'string' }] },
      },
    })
    assert.deepEqual(notes, [
      'ghost: It is required, but has no schema, so the draft leaves it out.',
      'a: It may be string or integer; the draft has string.',
      'b: It is one of 2 alternatives; the draft has the first one.',
      'c: Not carried over: contentEncoding.',
      'c: The format "email" is not enforced: express it as a pattern.',
      'd: It is an object without properties: say what is inside.',
      'e: The reference other.json#/x leads out of the file and was not followed.',
      'e: It has no type; the draft says string.',
      'f[]: What the items are is not said by one schema; the draft says string.',
    ])
  })

  it('ends where a schema refers to itself, at once and on every way', () => {
    const node = { $ref: '#/$defs/node' }
    const { contract, notes } = read({
      type: 'object',
      properties: { tree: node, maybe: { oneOf: [node, { type: 'null' }] }, whole: { $ref: '#' } },
      $defs: {
        base: { type: 'object', properties: { id: { type: 'integer' } } },
        node: {
          allOf: [{ $ref: '#/$defs/base' }, { allOf: [{ $ref: '#/$defs/base' }] }],
          properties: { left: node, right: node, all: { type: 'array', items: node } },
        },
      },
    })
    const end = 'It refers to itself, which a contract cannot: say how deep it goes.'
    const ends = ['tree', 'maybe'].flatMap((at) => [`${at}.left: ${end}`, `${at}.right: ${end}`, `${at}.all[]: ${end}`])
    assert.deepEqual(notes, [...ends, `whole: ${end}`])
    assert.deepEqual(
      contract.fields[0]!.fields?.map(({ name, type }) => [name, type]),
      [
        ['id', 'integer'],
        ['left', 'object'],
        ['right', 'object'],
        ['all', 'array'],
      ],
    )
  })

  it('refuses a short text that stands for very many fields', () => {
    const levels = Array.from({ length: 30 }, (_, level) => {
      const next = level === 29 ? { type: 'string' } : { $ref: `#/$defs/l${level + 1}` }
      return [`l${level}`, { type: 'object', properties: { a: next, b: next } }]
    })
    const schema = { type: 'object', properties: { x: { $ref: '#/$defs/l0' } }, $defs: Object.fromEntries(levels) }
    assert.throws(() => read(schema), /follows more than 10000 references/)
  })

  it('answers any schema with a draft or one clear error', () => {
    const keyword = fc.constantFrom(
      'type',
      'properties',
      'items',
      'allOf',
      'anyOf',
      '$ref',
      'required',
      'enum',
      'const',
    )
    const value = fc.letrec((tie) => ({
      schema: fc.dictionary(keyword, tie('value'), { maxKeys: 4 }),
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('object', 'string', '#', '#/properties', null, true, 3, []),
        tie('schema'),
        fc.array(tie('schema'), { maxLength: 3 }),
        fc.dictionary(fc.string({ maxLength: 3 }), tie('schema'), { maxKeys: 3 }),
      ),
    }))
    fc.assert(
      fc.property(fc.oneof(value.schema, fc.json()), (schema) => {
        const text = typeof schema === 'string' ? schema : JSON.stringify(schema)
        try {
          writeDraft(importJsonSchema(text, 'f.json'))
        } catch (thrown) {
          assert.ok(thrown instanceof CovenantError && thrown.code === 'CONTRACT_IMPORT_FAILED', String(thrown))
        }
      }),
      { numRuns: 500 },
    )
  })
})
