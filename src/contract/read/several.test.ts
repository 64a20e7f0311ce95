import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SHOP } from '../../../test/contract/shop.ts'
import { parseContract, parseContracts, readContract } from './index.ts'

test('each schema object of a document is a contract of its own', () => {
  const { contracts, problems } = parseContracts(SHOP, 'shop.odcs.yaml')
  assert.deepEqual(problems, [])
  assert.deepEqual(
    contracts.map(({ id, name, object, topic, version, owner, purpose, key, eventTime }) => [
      id,
      name,
      object,
      topic,
      version,
      owner,
      purpose,
      key,
      eventTime,
    ]),
    [
      [
        'shop/customers',
        'Shop: Customers',
        'customers',
        'shop.customers',
        '2.1.0',
        'checkout',
        'One row a customer.',
        ['id'],
        null,
      ],
      ['shop/ord', 'Shop: orders', 'orders', 'orders', '2.1.0', 'checkout', 'What the shop knows.', ['id'], 'placedAt'],
    ],
  )
  assert.equal(contracts[0]?.hash, contracts[1]?.hash)
  assert.equal(contracts[0]?.source, SHOP)
})

test('a service level belongs to the object that its element names, and to all without one', () => {
  const { contracts } = parseContracts(SHOP, 'shop.odcs.yaml')
  assert.deepEqual(
    contracts.map(({ sla }) => sla.map(({ property, field }) => [property, field])),
    [
      [
        ['retention', 'since'],
        ['availability', null],
      ],
      [
        ['latency', 'placedAt'],
        ['retention', 'placedAt'],
        ['availability', null],
      ],
    ],
  )
})

test('an element without object is refused where there are several objects', () => {
  const { contracts, problems } = parseContracts(SHOP.replace('element: orders.placedAt', 'element: placedAt'), 's')
  assert.deepEqual(contracts, [])
  assert.deepEqual(
    problems.map(({ line, code, message }) => [line, code, message]),
    [
      [
        SHOP.split('\n').findIndex((line) => line.includes('element: orders.placedAt')) + 1,
        'CONTRACT_FIELD_UNKNOWN',
        '"element" must start with one of the schema objects customers, orders, such as customers.placedAt; found "placedAt".',
      ],
    ],
  )
})

test('an object is read again by the id of its contract', () => {
  assert.equal(readContract(SHOP, 's', 'shop/ord').topic, 'orders')
  const { contract, problems } = parseContract(SHOP, 's')
  assert.equal(contract, null)
  assert.match(problems[0]?.message ?? '', /shop\/customers, shop\/ord: say which/)
  assert.throws(() => readContract(SHOP, 's', 'shop/none'), /say which/)
})

test('objects share neither name nor topic, and what all of them share is told once', () => {
  const twins = parseContracts(
    SHOP.replace('physicalName: shop.customers', 'physicalName: orders').replace(/slaProperties:[\s\S]*/, ''),
    's',
  ).problems
  assert.deepEqual(
    twins.map(({ code, path }) => [code, path]),
    [['CONTRACT_NAME_REPEATED', 'schema[1].name']],
  )
  const slip = parseContracts(SHOP.replace('unit: percent', 'unit: percent\n    schedule: x'), 's').problems
  assert.deepEqual(
    slip.map(({ code }) => code),
    ['CONTRACT_CRON_INVALID'],
  )
})
