import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type Happening, windowsByDefinition } from '../../../test/features/oracle.ts'
import { type Row, relationOf } from '../../../test/features/relation.ts'
import { openTestDuckDb, temporaryState } from '../../../test/ports/duckdb-fixture.ts'
import type { DuckDb } from '../../adapters/embedded/duckdb.ts'
import { EmbeddedOnlineStore } from '../../adapters/embedded/online-store.ts'
import { EventBus, VirtualClock } from '../../kernel/index.ts'
import type { SqlEngine } from '../../lake/index.ts'
import {
  type BatchFeatureView,
  BatchMaterializer,
  batch,
  count,
  defineEntity,
  defineFeatureService,
  defineFeatureView,
  last,
  max,
  mean,
  min,
  OfflineFeatures,
  OnlineFeatures,
  type OnlineStore,
  sum,
} from '../index.ts'
import { historyTable } from '../plan/materialization.ts'

const state = temporaryState()
let duckdb: DuckDb

before(async () => {
  duckdb = await openTestDuckDb(state.path)
})
after(async () => {
  await duckdb.close()
  state.remove()
})

const START = 1_357_000_000_000
const second = (count: number) => START + count * 1_000
const TYPES = { k: 'VARCHAR', n: 'BIGINT', i: 'BIGINT', d: 'DOUBLE', b: 'BOOLEAN', at: 'TIMESTAMP' }
const service = (view: BatchFeatureView) => defineFeatureService({ name: 'all', views: [view] })

let views = 0
/** A view of its own for each run: histories are never emptied. */
function newView(keys: readonly string[]): BatchFeatureView {
  return defineFeatureView({
    name: `past${++views}`,
    entity: defineEntity({ name: 'thing', keys }),
    source: batch('things', { eventTime: 'at', schedule: '0 * * * *' }),
    features: {
      mean_i: mean('i', '10s'),
      sum_d: sum('d', '4s'),
      count_b: count('b', '10s'),
      rows: count('7s'),
      min_d: min('d', '10s'),
      max_i: max('i', '3s'),
      last_b: last('b', '10s'),
      last_d: last('d', '5s'),
    },
  })
}

const time = fc.integer({ min: 0, max: 60 }).map(second)
/** Few moments, so that rows at one moment are common. */
const rowTime = fc.integer({ min: 0, max: 30 }).map((n) => second(n * 2))
const key = { k: fc.constantFrom('a', 'b', null), n: fc.constantFrom(1, 2, null) }
const row = fc.record({
  ...key,
  at: rowTime,
  i: fc.option(fc.integer({ min: -9, max: 9 })),
  d: fc.option(fc.integer({ min: -99, max: 99 }).map((quarters) => quarters / 4)),
  b: fc.option(fc.boolean()),
})
/** Rows that the model got since the step before, and how the materialisation at the end of the step goes. */
const step = fc.record({
  rows: fc.array(row, { maxLength: 12, size: 'max' }),
  fate: fc.constantFrom('done', 'done', 'killed-before-commit', 'killed-before-online', 'lost-before-online', 'twice'),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

test('online, offline and definition agree over materialisations that are killed and repeated', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(['k'], ['k', 'n'], []),
      fc.array(step, { minLength: 1, maxLength: 6, size: 'max' }),
      fc.array(
        fc.record({
          ...key,
          q: fc.oneof(
            time,
            fc.integer({ min: 0, max: 6 }).map((n) => second(n * 10)),
          ),
        }),
        {
          size: 'max',
          maxLength: 20,
        },
      ),
      agree,
    ),
    { numRuns: 25 },
  )
})

async function agree(keys: readonly string[], steps: readonly Step[], asked: readonly Row[]) {
  const view = newView(keys)
  const store = new EmbeddedOnlineStore(':memory:')
  try {
    const known = await materializeSteps(view, store, steps)
    // A moment that was lost on its way to the online store is caught up with by the next.
    const complete = steps.at(-1)!.fate === 'lost-before-online' ? steps.length - 1 : steps.length
    const expected = asked.map((one) => expectedValues(view, known, one, Number(one.q)))
    assert.deepEqual(await readOffline(view, asked), expected, 'offline')
    const soon = asked.filter(({ q }) => Number(q) <= second(complete * 10))
    const online = await new OnlineFeatures({ store }).get(
      service(view),
      soon,
      soon.map(({ q }) => Number(q)),
    )
    assert.deepEqual(
      online.map(({ values }) => values),
      soon.map((one) => expectedValues(view, known, one, Number(one.q))),
      'online',
    )
    await assertOnlyChanges(view)
  } finally {
    await store.close()
  }
}

/** The model's rows at each materialised moment. */
type Known = readonly { readonly moment: number; readonly rows: readonly Row[] }[]

async function materializeSteps(view: BatchFeatureView, store: OnlineStore, steps: readonly Step[]): Promise<Known> {
  const known: { moment: number; rows: readonly Row[] }[] = []
  let rows: readonly Row[] = []
  for (const [index, { rows: added, fate }] of steps.entries()) {
    const moment = second((index + 1) * 10)
    rows = [...rows, ...added]
    await duckdb.engine.execute(`CREATE OR REPLACE TABLE warehouse.main.things AS FROM ${relationOf(rows, TYPES)}`)
    const run = (engine: SqlEngine, into: OnlineStore) => materializer(engine, into, moment).run(view)
    if (fate === 'killed-before-commit') await assert.rejects(run(killedBeforeCommit(duckdb.engine), store), /killed/)
    if (fate.endsWith('before-online')) await assert.rejects(run(duckdb.engine, killedBeforePut(store)), /killed/)
    if (fate !== 'lost-before-online') await run(duckdb.engine, store)
    if (fate === 'twice') await run(duckdb.engine, store)
    known.push({ moment, rows })
  }
  return known
}

function materializer(engine: SqlEngine, store: OnlineStore, now: number): BatchMaterializer {
  const clock = new VirtualClock(now)
  return new BatchMaterializer({ engine, store, clock, events: new EventBus(), retention: '36500d' })
}

function killedBeforeCommit(engine: SqlEngine): SqlEngine {
  return {
    query: (sql, parameters) => engine.query(sql, parameters),
    execute: (sql) => engine.execute(sql),
    writeParquet: (sql, path) => engine.writeParquet(sql, path),
    transaction: (body) =>
      engine.transaction(async (inside) => {
        await body(inside)
        throw new Error('killed')
      }),
  }
}

function killedBeforePut(store: OnlineStore): OnlineStore {
  return new Proxy(store, {
    get: (target, name: keyof OnlineStore) =>
      name === 'putRows' ? async () => Promise.reject(new Error('killed')) : target[name].bind(target),
  })
}

/** The newest materialisation before `q`; an entity is there from the first one that found it in the widest window. */
function expectedValues(view: BatchFeatureView, known: Known, request: Row, q: number): (number | null)[] {
  const before = known.filter(({ moment }) => moment < q)
  const rowsOf = ({ rows }: Known[number]) => rows.map((one, index) => happening(one, index))
  const everFound = before.some(({ moment, rows }) => {
    const wide = defineFeatureView({ ...view, name: 'wide', description: '', features: { rows: count('10s') } })
    return windowsByDefinition(wide, rowsOf({ moment, rows }), request, moment)[0] !== 0
  })
  const newest = before.at(-1)
  if (!everFound || newest === undefined) return Object.keys(view.features).map(() => null)
  const values = Object.keys(view.features).map((feature) => {
    // Of rows at one moment the greatest value is the newest, and null the oldest: a model's rows have no other order.
    const field = view.features[feature]!.field
    const one = defineFeatureView({ ...view, name: 'one', description: '', features: { one: view.features[feature]! } })
    const ordered = newest.rows.map((row) => ({ ...happening(row, 0), order: [rank(field === null ? 0 : row[field])] }))
    return windowsByDefinition(one, ordered, request, newest.moment)[0]!
  })
  return values
}

function happening(row: Row, order: number): Happening {
  return { time: Number(row.at), order: [order], members: row }
}

function rank(value: Row[string] | undefined): number {
  return value === null || value === undefined ? Number.NEGATIVE_INFINITY : Number(value)
}

async function readOffline(view: BatchFeatureView, asked: readonly Row[]) {
  const spine = relationOf(
    asked.map((one, id) => ({ ...one, id })),
    { id: 'INTEGER', k: 'VARCHAR', n: 'BIGINT', q: 'TIMESTAMP' },
  )
  const sql = await new OfflineFeatures({ engine: duckdb.engine }).trainingSetSql(service(view), { spine })
  const rows = await duckdb.engine.query(`SELECT * FROM (${sql}) ORDER BY id`)
  assert.equal(rows.length, asked.length)
  return rows.map((one) => service(view).featureNames.map((name) => one[name]))
}

/** Each entity at most once a moment, and never the same values twice in a row. */
async function assertOnlyChanges(view: BatchFeatureView) {
  const names = Object.keys(view.features).join(', ')
  const keys = view.entity.keys.length === 0 ? "''" : view.entity.keys.join(', ')
  const repeated = await duckdb.engine.query(`
    SELECT * FROM (
      SELECT ({${names.replace(/\w+/g, "'$&': $&")}}) AS here, created_time,
        lag(here) OVER entity AS before, lag(created_time) OVER entity AS created_before
      FROM ${historyTable(view.name)} WINDOW entity AS (PARTITION BY ${keys} ORDER BY created_time)
    ) WHERE created_time = created_before OR here = before`)
  assert.deepEqual(repeated, [])
}

test('an entity that fell out of all windows gets a row of nulls, once', async () => {
  const view = newView(['k'])
  const store = new EmbeddedOnlineStore(':memory:')
  const rows = [{ k: 'a', n: 1, i: 5, d: 1, b: true, at: second(9) }]
  await duckdb.engine.execute(`CREATE OR REPLACE TABLE warehouse.main.things AS FROM ${relationOf(rows, TYPES)}`)
  const changed: number[] = []
  for (const moment of [10, 20, 30]) changed.push(await materializer(duckdb.engine, store, second(moment)).run(view))
  assert.deepEqual(changed, [1, 1, 0])
  const [vector] = await new OnlineFeatures({ store }).get(service(view), [{ k: 'a' }], second(31))
  assert.deepEqual(vector!.values, [null, null, 0, 0, null, null, null, null])
  const source = vector!.sources[0]!
  assert.deepEqual(source.type === 'batch' && source.createdTime, second(20))
  await store.close()
})

test('an online store that was lost is filled again from the history', async () => {
  const view = newView(['k'])
  const rows = [1, 11, 21].map((at) => ({ k: 'a', n: 1, i: at, d: 1, b: true, at: second(at) }))
  await duckdb.engine.execute(`CREATE OR REPLACE TABLE warehouse.main.things AS FROM ${relationOf(rows, TYPES)}`)
  const lost = new EmbeddedOnlineStore(':memory:')
  for (const moment of [10, 20, 30]) await materializer(duckdb.engine, lost, second(moment)).run(view)
  const store = new EmbeddedOnlineStore(':memory:')
  await materializer(duckdb.engine, store, second(30)).run(view)
  const moments = [11, 21, 31].map(second)
  const read = async (from: OnlineStore) =>
    new OnlineFeatures({ store: from }).get(service(view), [{ k: 'a' }, { k: 'a' }, { k: 'a' }], moments)
  assert.deepEqual(await read(store), await read(lost))
  await lost.close()
  await store.close()
})

test('a changed view begins anew, beside the history of the old one', async () => {
  const old = newView(['k'])
  const changed = defineFeatureView({
    ...old,
    description: '',
    features: { mean_i: mean('i', '5s'), top: max('i', '9s') },
  })
  const store = new EmbeddedOnlineStore(':memory:')
  const rows = [{ k: 'a', n: 1, i: 5, d: 1, b: true, at: second(9) }]
  await duckdb.engine.execute(`CREATE OR REPLACE TABLE warehouse.main.things AS FROM ${relationOf(rows, TYPES)}`)
  await materializer(duckdb.engine, store, second(10)).run(old)
  await materializer(duckdb.engine, store, second(12)).run(changed)
  const values = async (view: BatchFeatureView, at: number) => {
    const [vector] = await new OnlineFeatures({ store }).get(service(view), [{ k: 'a' }], second(at))
    assert.deepEqual(await readOffline(view, [{ k: 'a', n: 1, q: second(at) }]), [vector!.values])
    return vector!.values
  }
  assert.deepEqual(await values(old, 13), [5, 1, 1, 1, 1, 5, 1, 1])
  assert.deepEqual(await values(changed, 12), [null, null])
  assert.deepEqual(await values(changed, 13), [5, 5])
  await store.close()
})

test('events tell what was materialised, each time', async () => {
  const view = newView(['k'])
  const store = new EmbeddedOnlineStore(':memory:')
  const rows = [{ k: 'a', n: 1, i: 5, d: 1, b: true, at: second(9) }]
  await duckdb.engine.execute(`CREATE OR REPLACE TABLE warehouse.main.things AS FROM ${relationOf(rows, TYPES)}`)
  const events = new EventBus()
  const told: unknown[] = []
  events.on('features.materialized', (event) => void told.push(event))
  const clock = new VirtualClock(second(10))
  for (let time = 0; time < 2; time++)
    await new BatchMaterializer({ engine: duckdb.engine, store, clock, events }).run(view)
  const event = { view: view.name, hash: view.hash, rows: 1, model: 'things', at: second(10) }
  assert.deepEqual(told, [event, event])
  await store.close()
})

test('a model that was not built yet has no rows, and one that lacks a column is refused', async () => {
  const store = new EmbeddedOnlineStore(':memory:')
  const entity = defineEntity({ name: 'thing', keys: ['k'] })
  const view = (model: string, field: string) =>
    defineFeatureView({
      name: 'lacking',
      entity,
      source: batch(model, { eventTime: 'at', schedule: '0 * * * *' }),
      features: { one: mean(field, '1d') },
    })
  await duckdb.engine.execute(`CREATE OR REPLACE TABLE warehouse.main.things AS FROM ${relationOf([], TYPES)}`)
  const subject = materializer(duckdb.engine, store, second(10))
  assert.equal(await subject.run(view('not_built', 'i')), 0)
  await assert.rejects(subject.run(view('things', 'delay')), { code: 'FEATURES_UNKNOWN_COLUMN', where: /lacking/ })
  await store.close()
})
