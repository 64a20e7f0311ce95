import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ORDERS } from '../../../test/contract/orders.ts'
import { contentHash } from '../../kernel/index.ts'
import { readContract } from '../read/index.ts'
import { compileColumns } from './columns.ts'
import { compileValidationPlan } from './validation-plan.ts'

const contract = readContract(ORDERS, 'orders.odcs.yaml')

test('the plan holds what validation needs, and survives JSON', () => {
  const plan = compileValidationPlan(contract)
  assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan)
  assert.deepEqual(plan.fields[8], {
    name: 'labels',
    type: 'map',
    required: false,
    rules: {},
    items: { name: 'value', type: 'string', required: true, rules: {} },
  })
  const { hash, ...rest } = plan
  assert.equal(hash, contentHash(rest))
})

test('words do not change the hash of the plan; rules and the version do', () => {
  const { hash } = compileValidationPlan(contract)
  const hashOf = (before: string, after: string) =>
    compileValidationPlan(readContract(ORDERS.replace(before, after), 'x')).hash
  assert.equal(hashOf('When the customer', 'At which moment the customer'), hash)
  assert.notEqual(hashOf('maxLength: 10', 'maxLength: 11'), hash)
  assert.notEqual(hashOf('version: 1.4.0', 'version: 1.4.1'), hash)
})

test('columns are the fields, in order', () => {
  assert.deepEqual(compileColumns(contract).slice(0, 4), [
    { name: 'shopId', type: 'string' },
    { name: 'orderId', type: 'integer' },
    { name: 'placedAt', type: 'timestamp' },
    { name: 'deliverOn', type: 'date' },
  ])
})
