import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { contractOf, documentArbitrary, fieldsArbitrary } from '../../../../test/contract/arbitraries.ts'
import { ruleArbitrary } from '../../../../test/contract/rule-arbitraries.ts'
import { compileRule } from './compile.ts'
import { evaluateRule } from './evaluate.ts'
import { sqlOfExpression } from './sql.ts'
import { jsonRow } from './sql-row.ts'

let instance: DuckDBInstance
let connection: DuckDBConnection

before(async () => {
  instance = await DuckDBInstance.create(':memory:')
  connection = await instance.connect()
})
after(() => {
  connection.closeSync()
  instance.closeSync()
})

test('DuckDB and the reference give the same value for every record', async () => {
  const cases = fieldsArbitrary.chain((fields) =>
    fc.tuple(
      fc.constant(fields),
      fc.array(ruleArbitrary(fields), { minLength: 6, maxLength: 6 }),
      fc.array(documentArbitrary(fields), { minLength: 10, maxLength: 10 }),
    ),
  )
  await fc.assert(
    fc.asyncProperty(cases, async ([fields, rules, records]) => {
      const compiled = rules.map((text) => {
        const rule = compileRule(text, contractOf(fields).fields, null)
        assert.ok('expression' in rule, `${text}: ${'fault' in rule && rule.fault.message}`)
        return rule.expression
      })
      const columns = compiled.map((expression, i) => `${sqlOfExpression(expression, jsonRow('record'))} AS r${i}`)
      const values = records.map((_, i) => `(${i}, CAST($r${i} AS JSON))`).join(', ')
      const parameters = Object.fromEntries(records.map((record, i) => [`r${i}`, JSON.stringify(record)]))
      const reader = await connection.runAndReadAll(
        `SELECT ${columns.join(', ')} FROM (VALUES ${values}) AS records(i, record) ORDER BY i`,
        parameters,
      )
      const expected = records.map((record) => compiled.map((expression) => evaluateRule(expression, record) ?? null))
      for (const [i, row] of reader.getRows().entries())
        for (const [j, value] of row.entries())
          assert.equal(value, expected[i]![j], `${rules[j]} of ${JSON.stringify(records[i])}`)
    }),
    { numRuns: 80 },
  )
})
