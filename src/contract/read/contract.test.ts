import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseContract, readContract } from './index.ts'

/** A complete contract in ODCS 3.2, as a team would write it. */
const ORDERS = `apiVersion: v3.2.0
kind: DataContract
id: orders-placed
name: Orders placed
version: 1.4.0
status: active
domain: sales
dataProduct: orders
tenant: shop
tags: [stream, pii]
description:
  purpose: Every order at the moment a customer places it.
  usage: Forecasts, fraud scoring.
  limitations: Orders of the last 90 days only.
servers:
  - server: production
    type: kafka
    host: kafka.example.com:9092
    format: json
team:
  name: checkout
  members:
    - username: ada
      role: Owner
schema:
  - name: orders
    physicalName: orders.placed
    physicalType: topic
    logicalType: object
    description: One row an order.
    customProperties:
      - property: covenant.stream
        value:
          key: [shopId, orderId]
          eventTime: placedAt
    quality:
      - metric: rowCount
        mustBeGreaterThan: 0
        schedule: 0 * * * *
        scheduler: cron
      - id: few-repeats
        metric: duplicateValues
        arguments:
          properties: [shopId, orderId]
        unit: percent
        mustBeLessOrEqualTo: 0.1
        severity: warning
        dimension: uniqueness
      - name: no orders from tomorrow
        type: sql
        query: SELECT count(*) FROM {object} WHERE placedAt > now()
        mustBe: 0
    properties:
      - name: shopId
        logicalType: string
        required: true
        primaryKey: true
        primaryKeyPosition: 1
        logicalTypeOptions:
          pattern: ^[A-Z]{3}$
      - name: orderId
        logicalType: integer
        required: true
        unique: true
        primaryKey: true
        primaryKeyPosition: 2
        logicalTypeOptions:
          minimum: 1
          format: u32
        transformSourceObjects: [shop.orders]
      - name: placedAt
        logicalType: timestamp
        required: true
        description: When the customer pressed the button.
        logicalTypeOptions:
          minimum: 2013-01-01T00:00:00Z
        transformSourceObjects: [shop.orders, shop.sessions]
      - name: deliverOn
        logicalType: date
        logicalTypeOptions:
          minimum: 2013-01-01
          maximum: 2099-12-31
      - name: amount
        logicalType: number
        required: true
        logicalTypeOptions:
          minimum: 0
          multipleOf: 0.01
        quality:
          - type: library
            metric: nullValues
            mustBeBetween: [0, 5]
            unit: percent
          - type: text
            description: Somebody looks at it once a month.
      - name: currency
        logicalType: string
        required: true
        enum:
          - value: EUR
            label: Euro
          - value: USD
      - name: address
        logicalType: object
        logicalTypeOptions:
          required: [city]
        properties:
          - name: city
            logicalType: string
          - name: zip
            logicalType: string
            logicalTypeOptions:
              minLength: 4
              maxLength: 10
      - name: lines
        logicalType: array
        logicalTypeOptions:
          minItems: 1
          maxItems: 100
        items:
          logicalType: object
          required: true
          properties:
            - name: sku
              logicalType: string
              required: true
            - name: count
              logicalType: integer
      - name: labels
        logicalType: map
        map:
          key:
            logicalType: string
          value:
            logicalType: string
            required: true
slaProperties:
  - property: freshness
    value: 3
    unit: h
    element: orders.placed.placedAt
    scheduler: cron
    schedule: 0 */6 * * *
  - property: retention
    value: 2
    unit: years
    element: orders
  - property: availability
    value: 99.9
    unit: percent
`

test('a complete ODCS 3.2 contract is read without problems, but for what cannot be audited', () => {
  const { contract, problems } = parseContract(ORDERS, 'orders.odcs.yaml')
  assert.deepEqual(
    problems.map(({ severity, code, path }) => ({ severity, code, path })),
    [{ severity: 'warning', code: 'CONTRACT_NOT_ENFORCED', path: 'schema[0].properties[4].quality[1]' }],
  )
  assert.ok(contract)
  const { fields, quality, sla, source, hash, ...head } = contract
  assert.equal(source, ORDERS)
  assert.match(hash, /^[0-9a-f]{64}$/)
  assert.deepEqual(head, {
    id: 'orders-placed',
    name: 'Orders placed',
    version: '1.4.0',
    status: 'active',
    topic: 'orders.placed',
    owner: 'checkout',
    domain: 'sales',
    purpose: 'Every order at the moment a customer places it.',
    key: ['shopId', 'orderId'],
    eventTime: 'placedAt',
    cdc: null,
    lineage: { sources: ['shop.orders', 'shop.sessions'] },
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
