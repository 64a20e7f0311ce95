import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { columnUse } from './columns.ts'

const CASES: readonly (readonly [
  sql: string,
  columns: readonly string[],
  named: readonly string[],
  outputs: readonly string[] | null,
])[] = [
  ["SELECT a, b > 1 AS big FROM source('t')", ['b'], ['b'], ['big']],
  ["SELECT a, b FROM source('t')", ['c'], [], []],
  ["SELECT * FROM source('t')", ['c'], [], ['c']],
  ["SELECT t.* FROM source('t') t", ['c'], [], ['c']],
  ["SELECT count(*) AS n FROM source('t')", ['c'], [], []],
  ["FROM source('t')", ['c'], [], ['c']],
  ["SELECT a FROM source('t') WHERE c > 0", ['c'], ['c'], null],
  ["SELECT a FROM source('t') JOIN ref('m') USING (c)", ['c'], ['c'], null],
  ["SELECT a FROM source('t') ORDER BY c", ['c'], [], []],
  ["SELECT a, max(c) AS m FROM source('t') GROUP BY a", ['c'], ['c'], ['m']],
  ["WITH x AS (SELECT a, c * 2 AS d FROM source('t')) SELECT a, d + 1 AS e FROM x", ['c'], ['c'], ['e']],
  ["SELECT a, (SELECT max(c) FROM source('t')) AS top FROM ref('m')", ['c'], ['c'], ['top']],
  ["SELECT 'c' AS a, \"c\" AS b, -- c\n 1 AS d /* c */ FROM source('c')", ['c'], ['c'], ['b']],
  ["SELECT a, C AS d FROM source('t')", ['c'], ['c'], ['d']],
  ["SELECT a, c FROM source('t') UNION SELECT b, a FROM ref('m')", ['c'], ['c'], ['c']],
]

for (const [sql, columns, named, outputs] of CASES)
  test(`${columns.join()} in ${sql.replaceAll('\n', ' ')}`, () => {
    assert.deepEqual(columnUse(sql, columns), { named, outputs })
  })

test('a column that is selected under chains of other names is followed to the end', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(7), (depth, unrelated) => {
      let sql = "source('t')"
      for (let level = 0; level < depth; level++)
        sql = `(SELECT c${level} + 1 AS c${level + 1}, other${unrelated} AS o FROM ${sql})`
      const whole = `SELECT c${depth} AS result, o FROM ${sql}`
      assert.deepEqual(columnUse(whole, ['c0']).outputs, ['result'])
    }),
  )
})
