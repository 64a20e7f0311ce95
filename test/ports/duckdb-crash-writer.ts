// The process that `duckdb-crash.test.ts` kills: checks what an earlier one left behind, then commits until it is killed.
import assert from 'node:assert/strict'
import type { LakeBatch } from '../../src/lake/ports.ts'
import { openTestDuckDb } from './duckdb-fixture.ts'

const TABLES = ['left', 'right']
const ROWS = 200

const { engine, lake } = await openTestDuckDb(process.argv[2]!)
await engine.execute(
  'CREATE TABLE IF NOT EXISTS warehouse.main.seen (n BIGINT); CREATE TABLE IF NOT EXISTS warehouse.main.total (n BIGINT)',
)

const positions = await Promise.all(TABLES.map((table) => lake.position(`${table}.validated`, 0)))
assert.equal(positions[0], positions[1], 'both tables belong to one commit')
for (const table of positions[0] === 0 ? [] : TABLES)
  assert.deepEqual(
    await engine.query(
      `SELECT count(*) AS rows, count(DISTINCT _offset) AS offsets, max(_offset) AS last FROM lake.${table}`,
    ),
    [{ rows: positions[0], offsets: positions[0], last: positions[0]! - 1 }],
  )
assert.equal((await lake.snapshots()).length, positions[0]! / ROWS)
const [warehouse] = await engine.query(
  'SELECT (SELECT count(*) FROM warehouse.main.seen) AS seen, (SELECT coalesce(max(n), 0) FROM warehouse.main.total) AS total',
)
assert.equal(warehouse!.seen, warehouse!.total, 'both warehouse tables belong to one transaction')
process.stdout.write(`${JSON.stringify({ position: positions[0], seen: warehouse!.seen })}\n`)

for (let next = positions[0]!; ; next += ROWS) {
  await lake.commit(
    TABLES.map((table) => batch(table, next)),
    next,
  )
  await engine.transaction(async (transaction) => {
    await transaction.execute('INSERT INTO warehouse.main.seen FROM range(50)')
    await transaction.execute('INSERT INTO warehouse.main.total SELECT count(*) FROM warehouse.main.seen')
  })
}

function batch(table: string, from: number): LakeBatch {
  const rows = Array.from({ length: ROWS }, (_, index) => ({
    ...{ partition: 0, offset: from + index, timestamp: from, contractVersion: '1.0.0' },
    json: `{"n":${from + index}}`,
  }))
  return { table, topic: `${table}.validated`, columns: [{ name: 'n', type: 'integer' }], rows }
}
