import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { CovenantError } from '../../kernel/index.ts'
import { readContract } from '../read/index.ts'
import { importDbt } from './dbt.ts'
import { writeDraft } from './draft.ts'

const SCHEMA = `version: 2
models:
  - name: orders
    description: Every order.
    constraints:
      - type: primary_key
        columns: [shop, id]
    columns:
      - name: shop
        data_type: varchar(3)
      - name: id
        data_type: bigint
        data_tests: [not_null]
      - name: state
        data_type: text
        description: Where it stands.
        data_tests:
          - accepted_values: { values: [open, paid] }
          - dbt_utils.not_empty_string
      - name: customer
        data_type: int
        tests:
          - relationships: { arguments: { to: ref('customers'), field: id } }
      - name: price
        data_type: numeric(10, 2)
        constraints: [{ type: not_null }, { type: check, expression: price > 0 }]
      - name: odd
    tests:
      - dbt_utils.unique_combination_of_columns: { combination_of_columns: [customer, state] }
  - name: bare
sources:
  - name: raw
    tables:
      - name: customers
        columns: [{ name: id, data_type: int, tests: [unique] }]
`

const MANIFEST = {
  nodes: {
    'model.shop.orders': {
      resource_type: 'model',
      name: 'orders',
      description: 'Every order.',
      columns: { id: { name: 'id', data_type: 'bigint' }, state: { name: 'state', data_type: 'text' } },
    },
    'test.shop.a': {
      resource_type: 'test',
      attached_node: 'model.shop.orders',
      column_name: 'id',
      test_metadata: { name: 'not_null', kwargs: { column_name: 'id', model: 'x' } },
    },
    'test.shop.b': {
      resource_type: 'test',
      attached_node: 'model.shop.orders',
      column_name: 'state',
      test_metadata: { name: 'accepted_values', kwargs: { values: ['open'], column_name: 'state' } },
    },
  },
  sources: {},
}

function read(text: string, model?: string) {
  return importDbt(text, 'schema.yml', model).map((draft) => ({
    contract: readContract(writeDraft(draft), 'draft.odcs.yaml'),
    notes: draft.notes.map(({ path, message }) => `${path}: ${message}`),
  }))
}

describe('import of a dbt project', () => {
  it('reads models and sources of schema.yml with their tests and constraints', () => {
    const [orders, customers, ...others] = read(SCHEMA)
    assert.deepEqual(others, [])
    const { contract, notes } = orders!
    assert.deepEqual(
      contract.fields.map(({ name, type, required, primaryKeyPosition, rules }) => [
        ...[name, type, required, primaryKeyPosition],
        rules,
      ]),
      [
        ['shop', 'string', true, 1, { maxLength: 3 }],
        ['id', 'integer', true, 2, {}],
        ['state', 'string', false, null, { enum: ['open', 'paid'] }],
        ['customer', 'integer', false, null, { minimum: -(2 ** 31), maximum: 2 ** 31 - 1 }],
        ['price', 'number', true, null, { multipleOf: 0.01 }],
        ['odd', 'string', false, null, {}],
      ],
    )
    assert.deepEqual(contract.relationships, [{ from: ['customer'], to: ['customers.id'] }])
    assert.deepEqual(contract.quality[0]?.check.type === 'library' && contract.quality[0].check.arguments, {
      properties: ['customer', 'state'],
    })
    assert.deepEqual(notes, [
      'state: The test dbt_utils.not_empty_string is not carried over.',
      'price: The constraint check is not carried over.',
      'odd: It has no data_type; the draft says string.',
    ])
    assert.equal(customers!.contract.fields[0]?.unique, true)
  })

  it('reads a manifest', () => {
    const [{ contract, notes } = assert.fail()] = read(JSON.stringify(MANIFEST))
    assert.deepEqual(notes, [])
    assert.deepEqual(
      contract.fields.map(({ name, required, rules }) => [name, required, rules]),
      [
        ['id', true, {}],
        ['state', false, { enum: ['open'] }],
      ],
    )
  })

  it('takes one model where it is named, and knows near names', () => {
    assert.equal(read(SCHEMA, 'customers').length, 1)
    assert.throws(() => read(SCHEMA, 'oders'), /no model oders\. Did you mean "orders"\?/)
  })

  it('answers any text with drafts or one clear error', () => {
    const key = fc.constantFrom(
      'models',
      'columns',
      'name',
      'tests',
      'nodes',
      'constraints',
      'resource_type',
      'data_type',
    )
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<unknown>('model', 'a', null, 3, 'int'),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      ),
    }))
    fc.assert(
      fc.property(
        fc.oneof(
          value.map((any) => JSON.stringify(any)),
          fc.string(),
        ),
        (text) => {
          try {
            importDbt(text, 'f.yml').map((draft) => writeDraft(draft))
          } catch (thrown) {
            assert.ok(thrown instanceof CovenantError && thrown.code === 'CONTRACT_IMPORT_FAILED', String(thrown))
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
