import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ORDERS } from '../../test/contract/orders.ts'
import { contractOf, fieldOf, ruleOf } from '../../test/ports/contract-fixture.ts'
import { readContract } from '../contract/index.ts'
import { auditPlan, expectationText, meets } from './plan.ts'

const level = (property: string, valueMs: number | null, schedule: string | null = null) => ({
  ...{ property, value: valueMs, unit: 'ms', valueMs, field: null, schedule },
})

test('a plan holds the latency, the quality rules and the keys of a contract', () => {
  const fields = [
    fieldOf('carrier', 'string', { primaryKeyPosition: 2 }),
    fieldOf('flight', 'integer', { primaryKeyPosition: 1 }),
    fieldOf('code', 'string', { unique: true }),
    fieldOf('at', 'timestamp'),
  ]
  const rule = ruleOf(
    'given',
    { type: 'library', metric: 'nullValues', arguments: { properties: ['code', 'at'] }, unit: 'percent' },
    { op: 'lt', value: 5 },
  )
  const sla = [level('latency', 1_000, '0 2 * * *'), level('retention', 9, '0 2 * * *')]
  const plan = auditPlan(
    contractOf('flights.arrived', fields, { eventTime: 'at', quality: [{ ...rule, schedule: '30 * * * *' }], sla }),
  )
  assert.deepEqual(plan.schedules, ['0 2 * * *', '30 * * * *'])
  assert.deepEqual(plan.checks, [
    { id: 'latency', dimension: 'timeliness', severity: 'error', kind: 'latency', field: 'at', maxAgeMs: 1_000 },
    {
      ...{ id: 'given', dimension: 'conformity', severity: 'error', kind: 'metric', unit: 'percent' },
      ...{ metric: { metric: 'nullValues', fields: ['code', 'at'] }, expect: { op: 'lt', value: 5 } },
    },
    {
      ...{ id: 'unique(flight,carrier)', dimension: 'uniqueness', severity: 'error', kind: 'key' },
      fields: ['flight', 'carrier'],
    },
    { id: 'unique(code)', dimension: 'uniqueness', severity: 'error', kind: 'key', fields: ['code'] },
  ])
  assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan, 'a plan is JSON')
})

test('the plan of a contract as teams write it', () => {
  const plan = auditPlan(readContract(ORDERS, 'orders.odcs.yaml'))
  assert.deepEqual(
    { ...plan, checks: plan.checks.map(({ id, kind, severity, dimension }) => [id, kind, severity, dimension]) },
    {
      ...{ contractId: 'orders-placed', contractVersion: '1.4.0', topic: 'orders.placed', eventTime: 'placedAt' },
      schedules: ['0 */6 * * *', '0 * * * *'],
      checks: [
        ['latency', 'latency', 'error', 'timeliness'],
        ['rowCount', 'metric', 'error', 'conformity'],
        ['few-repeats', 'metric', 'warning', 'uniqueness'],
        ['no orders from tomorrow', 'sql', 'error', 'conformity'],
        ['amount.nullValues', 'metric', 'error', 'conformity'],
        ['unique(shopId,orderId)', 'key', 'error', 'uniqueness'],
        ['unique(orderId)', 'key', 'error', 'uniqueness'],
      ],
    },
  )
})

test('change events have no key to check: each change repeats it', () => {
  const fields = [fieldOf('tailnum', 'string', { primaryKeyPosition: 1, unique: true })]
  assert.deepEqual(auditPlan(contractOf('planes', fields, { cdc: 'debezium' })).checks, [])
})

test('a latency without a field to measure it on is no check', () => {
  assert.deepEqual(auditPlan(contractOf('a', [], { sla: [level('latency', 1_000)] })).checks, [])
})

test('between is inclusive, and every expectation is the opposite of its opposite', () => {
  assert.equal(meets(0, { op: 'between', low: 0, high: 100 }), true)
  assert.equal(meets(100, { op: 'between', low: 0, high: 100 }), true)
  assert.equal(meets(100, { op: 'notBetween', low: 0, high: 100 }), false)
  const opposites = [['eq', 'ne'] as const, ['gt', 'le'] as const, ['lt', 'ge'] as const]
  fc.assert(
    fc.property(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 }), (observed, value) => {
      for (const [one, other] of opposites)
        assert.notEqual(meets(observed, { op: one, value }), meets(observed, { op: other, value }))
      const range = { low: value, high: value + 2 }
      assert.notEqual(meets(observed, { op: 'between', ...range }), meets(observed, { op: 'notBetween', ...range }))
    }),
  )
})

test('expectations are said in words', () => {
  assert.equal(expectationText({ op: 'le', value: 5 }, 'percent'), '≤ 5 percent')
  assert.equal(expectationText({ op: 'between', low: 1, high: 2 }, 'rows'), 'between 1 and 2 rows')
  assert.equal(expectationText({ op: 'notBetween', low: 1, high: 2 }, ''), 'not between 1 and 2')
})
