import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import avro from 'avsc'
import fc from 'fast-check'
import { CovenantError } from '../../kernel/index.ts'
import { acceptsDocument } from '../plan/accepts.ts'
import { compileValidationPlan } from '../plan/validation-plan.ts'
import { readContract } from '../read/index.ts'
import { importAvro } from './avro.ts'
import { writeDraft } from './draft.ts'

function read(schema: unknown) {
  const draft = importAvro(JSON.stringify(schema), 'orders.avsc')
  const contract = readContract(writeDraft(draft), 'draft.odcs.yaml')
  return { contract, notes: draft.notes.map(({ path, message }) => `${path}: ${message}`) }
}

const ORDER = {
  type: 'record',
  name: 'Order',
  namespace: 'shop',
  doc: 'An order.',
  fields: [
    { name: 'id', type: 'long', doc: 'Its number.' },
    { name: 'state', type: { type: 'enum', name: 'State', symbols: ['OPEN', 'PAID'] }, aliases: ['status'] },
    { name: 'before', type: ['null', 'State'], default: null },
    { name: 'amount', type: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 } },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    {
      name: 'lines',
      type: { type: 'array', items: { type: 'record', name: 'Line', fields: [{ name: 'n', type: 'int' }] } },
    },
    { name: 'first', type: ['null', 'Line'] },
    { name: 'labels', type: { type: 'map', values: ['null', 'string'] } },
  ],
}

describe('import of an Avro schema', () => {
  it('reads records, named types, unions with null and logical types', () => {
    const { contract, notes } = read(ORDER)
    assert.deepEqual(notes, ['amount: Bytes are a string here: say how they are written in JSON.'])
    assert.deepEqual([contract.name, contract.purpose, contract.status], ['Order', 'An order.', 'draft'])
    assert.deepEqual(
      contract.fields.map(({ name, type, required, rules }) => [name, type, required, rules]),
      [
        ['id', 'integer', true, {}],
        ['state', 'string', true, { enum: ['OPEN', 'PAID'] }],
        ['before', 'string', false, { enum: ['OPEN', 'PAID'] }],
        ['amount', 'number', true, { multipleOf: 0.01 }],
        ['at', 'timestamp', true, {}],
        ['lines', 'array', true, {}],
        ['first', 'object', false, {}],
        ['labels', 'map', true, {}],
      ],
    )
    assert.deepEqual(contract.fields[1]?.semantics?.synonyms, ['status'])
    assert.deepEqual(
      contract.fields[5]?.items?.fields?.map(({ name, rules }) => [name, rules.maximum]),
      [['n', 2 ** 31 - 1]],
    )
    assert.equal(contract.fields[7]?.items?.required, false)
  })

  it('says what it does not carry over, and ends where a type refers to itself', () => {
    const { notes } = read({
      type: 'record',
      name: 'Node',
      fields: [
        { name: 'next', type: ['null', 'Node'] },
        { name: 'either', type: ['string', 'int'] },
        { name: 'raw', type: { type: 'fixed', name: 'Raw', size: 4 } },
        { name: 'odd', type: { type: 'string', logicalType: 'colour' } },
      ],
    })
    assert.deepEqual(notes, [
      'next: It refers to itself, which a contract cannot: say how deep it goes.',
      'either: It is a union of 2 types; the draft has the first one.',
      'raw: Bytes are a string here: say how they are written in JSON.',
      'odd: The logical type colour is not carried over.',
    ])
  })

  it('makes contracts that accept what the library writes by the schema', () => {
    const names = ['a', 'b', 'c']
    let types = 0
    const { type } = fc.letrec((tie) => ({
      type: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<unknown>('boolean', 'int', 'long', 'double', 'string'),
        fc.constantFrom<unknown>('int', 'string').map((inner) => ['null', inner]),
        fc.constantFrom('A', 'B').map((symbol) => ({ type: 'enum', name: `T${types++}`, symbols: [symbol, 'C'] })),
        tie('type').map((items) => ({ type: 'array', items })),
        tie('type').map((values) => ({ type: 'map', values })),
        fc.array(tie('type'), { minLength: 1, maxLength: 3 }).map((members) => ({
          ...{ type: 'record', name: `T${types++}` },
          fields: members.map((member, index) => ({ name: names[index], type: member })),
        })),
      ),
    }))
    const record = fc.array(type, { minLength: 1, maxLength: 3 }).map((members) => ({
      ...{ type: 'record', name: 'Top' },
      fields: members.map((member, index) => ({ name: names[index], type: member })),
    }))
    fc.assert(
      fc.property(record, (schema) => {
        const plan = compileValidationPlan(read(schema).contract)
        const library = avro.Type.forSchema(schema as avro.Schema)
        for (let time = 0; time < 5; time++) {
          const document = JSON.parse(JSON.stringify(library.random()))
          assert.ok(acceptsDocument(plan.fields, document), JSON.stringify({ schema, document }))
        }
      }),
      { numRuns: 60 },
    )
  })

  it('answers any text with a draft or one clear error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), fc.constantFrom('"string"', '{"type":"record"}')), (text) => {
        assert.throws(
          () => importAvro(text, 'f.avsc'),
          (thrown) => thrown instanceof CovenantError && thrown.code === 'CONTRACT_IMPORT_FAILED',
        )
      }),
    )
  })
})
