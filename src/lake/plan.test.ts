import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contractOf, fieldOf } from '../../test/ports/contract-fixture.ts'
import { lakeColumns, lakeMisfit, tableColumns, tableName } from './plan.ts'

test('a table is named like its topic, as SQL takes it', () => {
  assert.equal(tableName('flights.arrived'), 'flights_arrived')
  assert.equal(tableName('a-b c.d_1'), 'a_b_c_d_1')
})

test('nested fields become JSON, all others keep their type', () => {
  const fields = [
    fieldOf('id', 'integer'),
    fieldOf('at', 'timestamp'),
    fieldOf('tags', 'array'),
    fieldOf('o', 'object'),
  ]
  assert.deepEqual(lakeColumns(contractOf('a', fields)), [
    { name: 'id', type: 'integer' },
    { name: 'at', type: 'timestamp' },
    { name: 'tags', type: 'json' },
    { name: 'o', type: 'json' },
  ])
})

test('change events add the operation and the time of the change', () => {
  const columns = lakeColumns(contractOf('planes', [fieldOf('tailnum', 'string')], { cdc: 'debezium' }))
  assert.deepEqual(
    columns.map((column) => column.name),
    ['tailnum', '_op', '_source_ts'],
  )
})

test('fields that would be one column are refused by both names', () => {
  const contract = contractOf('a', [fieldOf('Id', 'string'), fieldOf('id', 'string')])
  assert.throws(() => lakeColumns(contract), { code: 'LAKE_COLUMN_CLASH', message: /fields Id and id/ })
  assert.throws(() => lakeColumns(contractOf('a', [fieldOf('_offset', 'integer')])), { code: 'LAKE_COLUMN_CLASH' })
})

const before = contractOf('orders', [fieldOf('id', 'string'), fieldOf('cents', 'integer'), fieldOf('lines', 'array')])
const later = (...fields: Parameters<typeof contractOf>[1]) => contractOf('orders', fields, { version: '2.0.0' })

test('a table has the columns of all versions: the newest ones first, integers as numbers where one says so', () => {
  assert.deepEqual(tableColumns([before, later(fieldOf('note', 'string'), fieldOf('cents', 'number'))]), [
    { name: 'note', type: 'string' },
    { name: 'cents', type: 'number' },
    { name: 'id', type: 'string' },
    { name: 'lines', type: 'json' },
  ])
})

test('what one table cannot hold beside earlier versions and other topics is told with the way out', () => {
  const misfit = (contract: typeof before, topics: readonly string[] = ['orders']) =>
    lakeMisfit(contract, { versions: [before], topics })
  assert.equal(misfit(later(fieldOf('cents', 'number'), fieldOf('lines', 'map'), fieldOf('new', 'date'))), null)
  assert.match(
    misfit(later(fieldOf('cents', 'string')))!,
    /"cents" is integer in version 1\.0\.0 and would be string\. Give the field a new name/,
  )
  assert.match(misfit(later(fieldOf('Id', 'string')))!, /"Id" and "id" of version 1\.0\.0 would be one column/)
  assert.match(misfit(later(fieldOf('_offset', 'string')))!, /names differ by more than case/)
  assert.match(misfit(before, ['Orders'])!, /topics Orders and orders would be one lake table/)
})
