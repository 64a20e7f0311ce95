import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Row, relationOf } from '../../test/features/relation.ts'
import { openTestDuckDb, temporaryState } from '../../test/ports/duckdb-fixture.ts'
import type { DuckDb } from '../adapters/embedded/duckdb.ts'
import { EmbeddedOnlineStore } from '../adapters/embedded/online-store.ts'
import { EventBus, VirtualClock } from '../kernel/index.ts'
import {
  BatchMaterializer,
  batch,
  defineEntity,
  defineFeatureService,
  defineFeatureView,
  defineOnDemandView,
  type Expression,
  entityKey,
  type FeatureService,
  featurePlan,
  OfflineFeatures,
  OnlineFeatures,
  type OnlineStore,
  stream,
  type WindowFeature,
} from './index.ts'
import { numberOf } from './plan/feature-plan.ts'

type Columns = Readonly<Record<string, string>>

interface Case {
  readonly title: string
  readonly request: Row
  readonly q?: string
  readonly expected: readonly (number | null)[]
}

interface Windowed {
  readonly keys: readonly string[]
  readonly columns: Columns
  readonly features: Readonly<Record<string, WindowFeature>>
  readonly cases: readonly Case[]
}

interface Known {
  readonly time: string
  readonly members: Row
}

type Suite =
  | (Windowed & {
      readonly kind: 'stream'
      readonly events: readonly (Known & { offset: number; partition?: number })[]
    })
  | (Windowed & {
      readonly kind: 'batch'
      readonly materializations: readonly { readonly at: string; readonly rows: readonly Known[] }[]
    })
  | {
      readonly kind: 'on-demand'
      readonly columns: Columns
      readonly features: Readonly<Record<string, Expression>>
      readonly cases: readonly Case[]
    }

const folder = join(import.meta.dirname, '..', '..', 'conformance', 'features')
const state = temporaryState()
const ms = (iso: string) => Date.parse(iso)
let duckdb: DuckDb

before(async () => {
  duckdb = await openTestDuckDb(state.path)
})
after(async () => {
  await duckdb.close()
  state.remove()
})

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const suite = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Suite
  test(`conformance/features/${file}`, async (context) => {
    const store = new EmbeddedOnlineStore(':memory:')
    const { service, topics } = await prepare(suite, store)
    const online = await readOnline(service, suite.cases, store)
    const offline = await readOffline(service, suite, topics)
    for (const [index, { title, expected }] of suite.cases.entries())
      await context.test(title, () => {
        assert.deepEqual(online[index], expected, 'online')
        assert.deepEqual(offline[index], expected, 'offline')
      })
    await store.close()
  })
}

async function prepare(suite: Suite, store: OnlineStore) {
  if (suite.kind === 'stream') return prepareStream(suite, store)
  if (suite.kind === 'batch') return prepareBatch(suite, store)
  const view = defineOnDemandView({ name: 'view', features: suite.features })
  return { service: defineFeatureService({ name: 'all', views: [view] }), topics: {} }
}

async function prepareStream(suite: Extract<Suite, { kind: 'stream' }>, store: OnlineStore) {
  const { keys, features, events, columns } = suite
  const entity = defineEntity({ name: 'entity', keys })
  const view = defineFeatureView({ name: 'view', entity, source: stream('seen'), features })
  const plan = featurePlan(view)
  for (const { members, time, offset, partition = 0 } of events) {
    const key = entityKey(keys, members)
    const values = plan.fields.map((field) => numberOf(members[field]))
    const kept = key === undefined ? [] : [{ key, time: ms(time), partition, offset, values }]
    const position = { topic: 'seen', partition, nextOffset: offset + 1 }
    await store.addEvents(plan.onlineName, kept, position, Number.NEGATIVE_INFINITY)
  }
  const rows = events.map(({ members, time, offset, partition = 0 }) => {
    return { ...members, _timestamp: ms(time), _partition: partition, _offset: offset }
  })
  const origin = { _timestamp: 'TIMESTAMP', _partition: 'INTEGER', _offset: 'BIGINT' }
  const topics = { seen: relationOf(rows, { ...columns, ...origin }) }
  return { service: defineFeatureService({ name: 'all', views: [view] }), topics }
}

async function prepareBatch(suite: Extract<Suite, { kind: 'batch' }>, store: OnlineStore) {
  const { keys, features, columns, materializations } = suite
  const entity = defineEntity({ name: 'entity', keys })
  const source = batch('cases', { eventTime: 'at', schedule: '0 5 * * *' })
  const view = defineFeatureView({ name: 'view', entity, source, features })
  for (const { at, rows } of materializations) {
    const relation = relationOf(
      rows.map(({ time, members }) => ({ ...members, at: ms(time) })),
      { ...columns, at: 'TIMESTAMP' },
    )
    await duckdb.engine.execute(`CREATE OR REPLACE TABLE warehouse.main.cases AS FROM ${relation}`)
    const parts = { engine: duckdb.engine, clock: new VirtualClock(ms(at)), events: new EventBus() }
    await new BatchMaterializer({ ...parts, store, retention: '36500d' }).run(view)
  }
  return { service: defineFeatureService({ name: 'all', views: [view] }), topics: {} }
}

async function readOnline(service: FeatureService, cases: readonly Case[], store: OnlineStore) {
  const moments = cases.map(({ q }) => ms(q ?? '2013-01-01T00:00:00Z'))
  const requests = cases.map(({ request }) => request)
  return (await new OnlineFeatures({ store }).get(service, requests, moments)).map(({ values }) => values)
}

async function readOffline(service: FeatureService, suite: Suite, topics: Readonly<Record<string, string>>) {
  const rows = suite.cases.map(({ request, q }, id) => ({ ...request, q: ms(q ?? '2013-01-01T00:00:00Z'), id }))
  const spine = relationOf(rows, { ...suite.columns, q: 'TIMESTAMP', id: 'INTEGER' })
  const sql = await new OfflineFeatures({ engine: duckdb.engine }).trainingSetSql(service, { spine, topics })
  const found = await duckdb.engine.query(`SELECT * FROM (${sql}) ORDER BY id`)
  return found.map((row) => service.featureNames.map((name) => row[name]))
}
