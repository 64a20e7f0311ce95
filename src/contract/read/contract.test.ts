import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ORDERS } from '../../../test/contract/orders.ts'
import { parseContract, readContract } from './index.ts'

test('a complete ODCS 3.2 contract is read without problems, but for what cannot be audited', () => {
  const { contract, problems } = parseContract(ORDERS, 'orders.odcs.yaml')
  assert.deepEqual(
    problems.map(({ severity, code, path }) => ({ severity, code, path })),
    [{ severity: 'warning', code: 'CONTRACT_NOT_ENFORCED', path: 'schema[0].properties[4].quality[1]' }],
  )
  assert.ok(contract)
  const { fields, quality, sla, source, hash, document, ...head } = contract
  assert.equal(document.tenant, 'shop')
  assert.equal(source, ORDERS)
  assert.match(hash, /^[0-9a-f]{64}$/)
  assert.deepEqual(head, {
    id: 'orders-placed',
    name: 'Orders placed',
    version: '1.4.0',
    status: 'active',
    object: 'orders',
    topic: 'orders.placed',
    owner: 'checkout',
    domain: 'sales',
    purpose: 'Every order at the moment a customer places it.',
    key: ['shopId', 'orderId'],
    eventTime: 'placedAt',
    cdc: null,
    lineage: { sources: ['shop.orders', 'shop.sessions'] },
    rules: [],
    team: [{ username: 'ada', name: null, role: 'Owner' }],
    servers: [
      {
        name: 'production',
        type: 'kafka',
        environment: null,
        entry: { server: 'production', type: 'kafka', host: 'kafka.example.com:9092', format: 'json' },
      },
    ],
    relationships: [],
    deadLetters: { blockKey: false, breaker: null },
    migrations: [],
    compatibility: 'FULL_TRANSITIVE',
  })
  assert.deepEqual(
    fields.map(({ name, type, required, primaryKeyPosition, rules }) => [
      name,
      type,
      required,
      primaryKeyPosition,
      rules,
    ]),
    [
      ['shopId', 'string', true, 1, { pattern: '^[A-Z]{3}$' }],
      ['orderId', 'integer', true, 2, { minimum: 1, maximum: 4_294_967_295 }],
      ['placedAt', 'timestamp', true, null, { earliest: '2013-01-01T00:00:00Z' }],
      ['deliverOn', 'date', false, null, { earliest: '2013-01-01', latest: '2099-12-31' }],
      ['amount', 'number', true, null, { minimum: 0, multipleOf: 0.01 }],
      ['currency', 'string', true, null, { enum: ['EUR', 'USD'] }],
      ['address', 'object', false, null, {}],
      ['lines', 'array', false, null, { minItems: 1, maxItems: 100 }],
      ['labels', 'map', false, null, {}],
    ],
  )
  assert.deepEqual(
    fields[6]?.fields?.map(({ name, required }) => [name, required]),
    [
      ['city', true],
      ['zip', false],
    ],
  )
  assert.deepEqual(
    fields[7]?.items?.fields?.map(({ name }) => name),
    ['sku', 'count'],
  )
  assert.equal(fields[8]?.items?.required, true)
  assert.deepEqual(
    quality.map((rule) => [rule.id, rule.severity, rule.field, rule.check.type, rule.expect]),
    [
      ['rowCount', 'error', null, 'library', { op: 'gt', value: 0 }],
      ['few-repeats', 'warning', null, 'library', { op: 'le', value: 0.1 }],
      ['no orders from tomorrow', 'error', null, 'sql', { op: 'eq', value: 0 }],
      ['amount.nullValues', 'error', 'amount', 'library', { op: 'between', low: 0, high: 5 }],
    ],
  )
  assert.deepEqual(
    sla.map(({ property, valueMs, field, schedule }) => [property, valueMs, field, schedule]),
    [
      ['latency', 10_800_000, 'placedAt', '0 */6 * * *'],
      ['retention', 63_072_000_000, null, null],
      ['availability', null, null, null],
    ],
  )
})

test('layout and comments do not change the hash, content does', () => {
  const again = readContract(`# a comment\n${ORDERS.replace('tags: [stream, pii]', 'tags:\n  - stream\n  - pii')}`, 'a')
  assert.equal(again.hash, readContract(ORDERS, 'b').hash)
  assert.notEqual(readContract(ORDERS.replace('Forecasts,', 'Forecast,'), 'c').hash, again.hash)
})
