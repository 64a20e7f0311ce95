import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { openTestDuckDb, temporaryState } from '../../test/ports/duckdb-fixture.ts'
import type { DuckDb } from '../adapters/embedded/duckdb.ts'
import { CovenantError, EventBus, VirtualClock } from '../kernel/index.ts'
import type { SqlEngine } from '../lake/index.ts'
import { parseModel, Warehouse } from './index.ts'

const NOON = Date.UTC(2013, 0, 1, 12)

describe('warehouse', () => {
  let state: ReturnType<typeof temporaryState>
  let duckdb: DuckDb
  let built: string[]
  let published: Map<string, number>
  beforeEach(async () => {
    state = temporaryState()
    duckdb = await openTestDuckDb(state.path)
    built = []
    published = new Map()
  })
  afterEach(async () => {
    await duckdb.close()
    state.remove()
  })

  const warehouseOf = (engine: SqlEngine = duckdb.engine) => {
    const events = new EventBus()
    events.on('warehouse.model-built', ({ model, rows }) => void built.push(`${model} ${rows}`))
    const publications = {
      publications: async () =>
        [...published].map(([table, snapshotId]) => ({
          ...{ contractId: table, table, snapshotId, publishedAt: NOON, heldSince: null },
        })),
    }
    return new Warehouse({ engine, lake: duckdb.lake, publications, clock: new VirtualClock(NOON), events })
  }
  const build = async (...models: ReturnType<typeof parseModel>[]) => {
    const builds = await warehouseOf().build(models)
    return builds.map(({ model, outcome, rows }) => `${model} ${outcome} ${rows}`)
  }
  let nextOffset = 0
  const commit = async (topic: string, ...numbers: readonly number[]) => {
    const columns = [{ name: 'n', type: 'integer' }] as const
    const rows = numbers.map((n) => ({
      ...{ partition: 0, offset: nextOffset++, timestamp: NOON, contractVersion: '1.0.0', json: `{"n":${n}}` },
    }))
    return (await duckdb.lake.commit([{ table: topic, topic: `${topic}.validated`, columns, rows }], NOON)).id
  }
  const publish = async (topic: string, ...numbers: readonly number[]) => {
    published.set(topic, await commit(topic, ...numbers))
  }
  const numbersOf = async (model: string) =>
    (await duckdb.engine.query(`SELECT n FROM warehouse.main.${model} ORDER BY n`)).map(({ n }) => n)

  const all = parseModel('all_numbers', "-- materialized: incremental\nSELECT n FROM increment('numbers')")
  const doubled = parseModel('doubled', "SELECT 2 * n AS n FROM ref('all_numbers')")
  const shown = parseModel('shown', "-- materialized: view\nSELECT n + 1 AS n FROM ref('doubled')")

  it('builds models in the order of their references and tells of each', async () => {
    await publish('numbers', 1, 2)
    assert.deepEqual(await build(shown, doubled, all), ['all_numbers built 2', 'doubled built 2', 'shown built 0'])
    assert.deepEqual(await numbersOf('shown'), [3, 5])
    assert.deepEqual(built, ['all_numbers 2', 'doubled 2', 'shown 0'])
  })

  it('reads published rows only, each of them once', async () => {
    await publish('numbers', 1, 2)
    await build(all)
    await commit('numbers', 3)
    assert.deepEqual(await build(all), ['all_numbers unchanged 2'])
    await publish('numbers', 4)
    assert.deepEqual(await build(all), ['all_numbers built 4'])
    assert.deepEqual(await numbersOf('all_numbers'), [1, 2, 3, 4])
  })

  it('does nothing and tells nothing where nothing is new, but once after a start', async () => {
    await publish('numbers', 1)
    const warehouse = warehouseOf()
    await warehouse.build([all, doubled])
    built = []
    const outcomes = (await warehouse.build([all, doubled])).map(({ outcome }) => outcome)
    assert.deepEqual(outcomes, ['unchanged', 'unchanged'])
    assert.deepEqual(built, [])
    assert.deepEqual(await build(all, doubled), ['all_numbers unchanged 1', 'doubled unchanged 1'])
    assert.deepEqual(built, ['all_numbers 1', 'doubled 1'])
  })

  it('carries news through a view to the tables behind it', async () => {
    const behind = parseModel('behind', "SELECT n FROM ref('shown')")
    await publish('numbers', 1)
    await build(all, doubled, shown, behind)
    await publish('numbers', 2)
    await build(all, doubled, shown, behind)
    assert.deepEqual(await numbersOf('behind'), [3, 5])
  })

  it('lets a model wait for the first publication of its topic, and those that refer to it', async () => {
    const constant = parseModel('constant', 'SELECT 7 AS n')
    assert.deepEqual(await build(all, doubled, constant), [
      'all_numbers waiting 0',
      'constant built 1',
      'doubled waiting 0',
    ])
    await publish('numbers', 1)
    assert.deepEqual(await build(all, doubled, constant), [
      'all_numbers built 1',
      'constant unchanged 1',
      'doubled built 1',
    ])
  })

  it('builds a model whose text changed from scratch, also where it is kept in another way', async () => {
    await publish('numbers', 1)
    await build(all)
    await publish('numbers', 2)
    const negated = parseModel('all_numbers', "-- materialized: incremental\nSELECT -n AS n FROM increment('numbers')")
    await build(negated)
    assert.deepEqual(await numbersOf('all_numbers'), [-2, -1])
    await build(parseModel('all_numbers', "-- materialized: view\nSELECT n FROM source('numbers')"))
    assert.deepEqual(await numbersOf('all_numbers'), [1, 2])
    await build(all)
    assert.deepEqual(await numbersOf('all_numbers'), [1, 2])
  })

  it('sees each row once although builds die at every statement', async () => {
    await publish('numbers', 1, 2)
    await build(all, doubled)
    await publish('numbers', 3)
    for (let survived = 0; ; survived++) {
      const done = await warehouseOf(dyingAfter(duckdb.engine, survived))
        .build([all, doubled])
        .then(
          () => true,
          () => false,
        )
      if (done) break
      assert.deepEqual(await numbersOf('doubled'), [2, 4], 'a build that died left nothing behind')
      assert.ok(survived < 100)
    }
    assert.deepEqual(await numbersOf('all_numbers'), [1, 2, 3])
    assert.deepEqual(await numbersOf('doubled'), [2, 4, 6])
  })

  const hostile: readonly (readonly [string, string])[] = [
    ['names a column that is not there', "SELECT nonsense FROM source('numbers')"],
    ['is no SQL', "SELECT FROM WHERE source('numbers')"],
    ['smuggles a second statement in', "SELECT n FROM source('numbers'); DROP TABLE warehouse.main.kept"],
    ['closes what encloses it', 'SELECT 1 AS n); DROP TABLE warehouse.main.kept; --'],
    ['fails on a row', "SELECT error('broken row') AS n FROM source('numbers')"],
    ['is a statement of another kind', "SELECT 1 AS n; ATTACH ':memory:' AS other"],
  ]
  for (const [what, text] of hostile)
    it(`gives one clear error for a model that ${what}`, async () => {
      await publish('numbers', 1)
      await duckdb.engine.execute('CREATE TABLE warehouse.main.kept AS SELECT 5 AS n')
      await assert.rejects(build(all, parseModel('hostile', text)), (error) => {
        assert.ok(error instanceof CovenantError)
        assert.deepEqual([error.code, error.where], ['WAREHOUSE_MODEL_FAILED', 'models/hostile.sql'])
        assert.match(error.message, /model hostile/)
        assert.doesNotMatch(error.message, /\n/)
        return true
      })
      assert.deepEqual(await numbersOf('kept'), [5])
    })

  it('takes a model that ends in a comment', async () => {
    await publish('numbers', 1)
    assert.deepEqual(await build(parseModel('noted', "SELECT n FROM source('numbers') -- all of them")), [
      'noted built 1',
    ])
  })
})

/** An engine whose process dies at one statement: that statement and all later ones fail. */
function dyingAfter(engine: SqlEngine, statements: number): SqlEngine {
  let left = statements
  const counted = (inner: SqlEngine): SqlEngine => {
    const alive = <T>(send: () => Promise<T>): Promise<T> =>
      left-- > 0 ? send() : Promise.reject(new Error('the process died'))
    return {
      query: (sql, parameters) => alive(() => inner.query(sql, parameters)),
      execute: (sql) => alive(() => inner.execute(sql)),
      transaction: (body) => inner.transaction((transaction) => body(counted(transaction))),
      writeParquet: (sql, path) => alive(() => inner.writeParquet(sql, path)),
    }
  }
  return counted(engine)
}
