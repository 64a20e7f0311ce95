import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { relationOf } from '../../../test/features/relation.ts'
import { openTestDuckDb, temporaryState } from '../../../test/ports/duckdb-fixture.ts'
import type { DuckDb } from '../../adapters/embedded/duckdb.ts'
import {
  batch,
  count,
  defineEntity,
  defineFeatureService,
  defineFeatureView,
  defineOnDemandView,
  hourOfDay,
  mean,
  OfflineFeatures,
  stream,
  sum,
} from '../index.ts'

const state = temporaryState()
let duckdb: DuckDb
let offline: OfflineFeatures

const TOPIC = 'seen'
const COLUMNS = [
  { name: 'k', type: 'string' },
  { name: 'x', type: 'number' },
] as const

async function commit(offset: number, x: number): Promise<number> {
  const rows = [
    { partition: 0, offset, timestamp: offset * 1_000, contractVersion: '1.0.0', json: `{"k":"a","x":${x}}` },
  ]
  return (await duckdb.lake.commit([{ table: TOPIC, topic: TOPIC, columns: COLUMNS, rows }], 0)).id
}

before(async () => {
  duckdb = await openTestDuckDb(state.path)
  offline = new OfflineFeatures({ engine: duckdb.engine })
})
after(async () => {
  await duckdb.close()
  state.remove()
})

const entity = defineEntity({ name: 'thing', keys: ['k'] })
const recent = defineFeatureView({
  name: 'recent',
  entity,
  source: stream(TOPIC),
  features: { sum_1m: sum('x', '1m'), n: count('1m') },
})
const source = batch('things', { eventTime: 'at', schedule: '0 * * * *' })
const past = defineFeatureView({ name: 'past', entity, source, features: { mean_1d: mean('x', '1d') } })
const now = defineOnDemandView({ name: 'now', features: { hour: hourOfDay('at') } })
const service = defineFeatureService({ name: 'all', views: [now, recent, past] })

test('a training set can be pinned to a snapshot of the lake', async () => {
  const first = await commit(1, 10)
  await commit(2, 100)
  const one = defineFeatureService({ name: 'one', views: [recent] })
  const spine = "SELECT 'a' AS k, epoch_ms(10000) AS q"
  const pinned = { spine, topics: { [TOPIC]: duckdb.lake.relationAt(TOPIC, first) } }
  const sums = async (sql: string) => (await duckdb.engine.query(sql)).map((row) => row.recent__sum_1m)
  assert.deepEqual(await sums(await offline.trainingSetSql(one, { spine })), [110])
  assert.deepEqual(await sums(await offline.trainingSetSql(one, pinned)), [10])
})

test('every row of the spine is written once, with what it carries, views without data included', async () => {
  const asked = { k: 'a', at: 0, q: 5_000, label: 1, id: 7 }
  const rows = [asked, asked, { ...asked, label: 0 }, { ...asked, k: null }, { ...asked, q: null }]
  const types = { k: 'VARCHAR', at: 'TIMESTAMP', q: 'TIMESTAMP', label: 'INTEGER', id: 'INTEGER' }
  const path = join(state.path, 'sets', 'train.parquet')
  assert.equal(await offline.writeTrainingSet(service, relationOf(rows, types), path), 5)
  const found = await duckdb.engine.query(
    `SELECT label, id, k, recent__n, past__mean_1d, now__hour FROM '${path}' ORDER BY q NULLS LAST, k NULLS LAST, label`,
  )
  const tuples = found.map((row) => Object.values(row))
  assert.deepEqual(tuples, [
    [0, 7, 'a', 2, null, 0],
    [1, 7, 'a', 2, null, 0],
    [1, 7, 'a', 2, null, 0],
    [1, 7, null, 0, null, 0],
    [1, 7, 'a', 0, null, 0],
  ])
  const types2 = await duckdb.engine.query(
    `SELECT column_type FROM (DESCRIBE FROM '${path}') WHERE column_name LIKE '%\\_\\_%' ESCAPE '\\'`,
  )
  assert.deepEqual(
    types2.map((row) => row.column_type),
    ['DOUBLE', 'DOUBLE', 'DOUBLE', 'DOUBLE'],
  )
})

test('a spine that lacks a column, or has one that will be added, is refused', async () => {
  const refused = (spine: string, message: RegExp) =>
    assert.rejects(offline.trainingSetSql(service, { spine }), { code: 'FEATURES_BAD_SPINE', message })
  await refused("SELECT 'a' AS k, epoch_ms(0) AS at", /lacks q\./)
  await refused("SELECT 'a' AS K, epoch_ms(0) AS q", /lacks at\./)
  await refused("SELECT 'a' AS k, epoch_ms(0) AS at, epoch_ms(0) AS q, 1 AS now__hour", /add now__hour/)
})
