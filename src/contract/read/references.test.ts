import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SHOP } from '../../../test/contract/shop.ts'
import { parseContractFiles } from './files.ts'

/** A contract whose table refers to `to`. */
function referring(to: string, type = 'integer'): string {
  return `apiVersion: v3.2.0
kind: DataContract
id: visits
version: 1.0.0
status: active
schema:
  - name: visits
    properties:
      - name: customer
        logicalType: ${type}
        relationships:
          - to: ${to}
`
}

function problemsOf(to: string, type?: string): readonly string[] {
  const files = [
    { file: 'contracts/a/visits.odcs.yaml', text: referring(to, type) },
    { file: 'contracts/shop.odcs.yaml', text: SHOP },
  ]
  const [visits, shop] = parseContractFiles(files)
  assert.deepEqual(shop?.problems, [])
  return visits!.problems.map(({ line, column, severity, code, message }) => {
    assert.equal(`${line}:${column}`, '12:13')
    return `${severity} ${code} ${message}`
  })
}

test('a reference is found by names over all files, and by ids or names in a file', () => {
  for (const to of [
    'customers.id',
    'shop.customers.id',
    '../shop.odcs.yaml#schema/customers/properties/id',
    '../shop.odcs.yaml#/schema/ord/properties/customerId',
  ])
    assert.deepEqual(problemsOf(to), [], to)
})

const SLIPS: readonly (readonly [to: string, expected: string])[] = [
  ['custommers.id', 'No contract of the project has a schema object "custommers". Did you mean "customers"?'],
  ['orders.customerID', '"orders" has no field "customerID". Did you mean "customerId"?'],
  [
    '../shops.odcs.yaml#schema/ord/properties/id',
    'There is no contract file "../shops.odcs.yaml". Did you mean "../shop.odcs.yaml"?',
  ],
  ['../shop.odcs.yaml#schema/order/properties/id', 'There is no schema object "order". Did you mean "orders"?'],
  ['../shop.odcs.yaml#schema/ord', '"../shop.odcs.yaml#schema/ord" names a schema object, not a field of it.'],
]
for (const [to, expected] of SLIPS)
  test(`${to}: ${expected}`, () => {
    assert.deepEqual(problemsOf(to), [`error CONTRACT_REFERENCE_UNKNOWN ${expected}`])
  })

test('the two sides of a relationship have the same type', () => {
  assert.deepEqual(problemsOf('customers.id', 'string'), [
    'error CONTRACT_REFERENCE_MISMATCH "customer" is of type string, and "customers.id" of type integer.',
  ])
})

test('what lies outside of the project is told to be unchecked', () => {
  assert.match(
    problemsOf('https://example.com/x.yaml#schema/a/properties/b')[0] ?? '',
    /^warning CONTRACT_NOT_ENFORCED .*not checked/,
  )
})

test('nothing is said about references that may lead into a file that cannot be read', () => {
  const [visits] = parseContractFiles([
    { file: 'visits.odcs.yaml', text: referring('planes.id') },
    { file: 'planes.odcs.yaml', text: 'a: [' },
  ])
  assert.deepEqual(visits?.problems, [])
})

test('a relationship of an object names as many fields on one side as on the other, all of them there', () => {
  const composite = (from: string, to: string) =>
    SHOP.replace(
      '    customProperties:\n',
      `    relationships:\n      - from: ${from}\n        to: ${to}\n    customProperties:\n`,
    )
  const codes = (from: string, to: string) =>
    parseContractFiles([{ file: 's.yaml', text: composite(from, to) }])[0]!.problems.map(
      ({ code, path }) => `${code} ${path}`,
    )
  assert.deepEqual(codes('[orders.id, orders.customerId]', '[customers.id, customers.id]'), [])
  assert.deepEqual(codes('[orders.id, orders.customerId]', '[customers.id]'), [
    'CONTRACT_REFERENCE_MISMATCH schema[1].relationships[0].to',
  ])
  assert.deepEqual(codes('orders.ident', 'customers.since'), [
    'CONTRACT_REFERENCE_UNKNOWN schema[1].relationships[0].from',
  ])
})

test('two files share neither topic nor id', () => {
  const [first, second] = parseContractFiles([
    { file: 'a.yaml', text: SHOP },
    { file: 'b.yaml', text: SHOP.replaceAll('orders', 'sales').replace('shop.customers', 'shop.clients') },
  ])
  assert.deepEqual(first?.problems, [])
  assert.deepEqual(
    second?.problems.map(({ message, path }) => [message, path]),
    [['The id shop/customers stands in a.yaml already. Give each contract an id of its own.', 'id']],
  )
})
