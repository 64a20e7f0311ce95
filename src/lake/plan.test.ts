import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contractOf, fieldOf } from '../../test/ports/contract-fixture.ts'
import { lakeColumns, tableName } from './plan.ts'

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
