import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type Happening, windowsByDefinition } from '../../../test/features/oracle.ts'
import { type Row, relationOf } from '../../../test/features/relation.ts'
import { openTestDuckDb, temporaryState } from '../../../test/ports/duckdb-fixture.ts'
import type { DuckDb } from '../../adapters/embedded/duckdb.ts'
import { EmbeddedOnlineStore } from '../../adapters/embedded/online-store.ts'
import {
  count,
  defineEntity,
  defineFeatureService,
  defineFeatureView,
  entityKey,
  featurePlan,
  OfflineFeatures,
  OnlineFeatures,
  type StreamFeatureView,
  stream,
  type WindowFeature,
} from '../index.ts'
import { numberOf } from '../plan/feature-plan.ts'

const state = temporaryState()
let duckdb: DuckDb

before(async () => {
  duckdb = await openTestDuckDb(state.path)
})
after(async () => {
  await duckdb.close()
  state.remove()
})

interface Event {
  readonly partition: number
  readonly time: number
  readonly members: Row
}

/** Times are few and on a grid, so that ties, and events exactly at `q` and at `q - window`, are common. */
const time = fc.integer({ min: 0, max: 30 }).map((second) => 1_357_000_000_000 + second * 1_000)
const key = { k: fc.constantFrom('a', 'b', 'ü', null), n: fc.constantFrom(1, 2, null) }
const event: fc.Arbitrary<Event> = fc.record({
  partition: fc.integer({ min: 0, max: 1 }),
  time,
  members: fc.record(
    {
      ...key,
      i: fc.option(fc.integer({ min: -9, max: 9 })),
      d: fc.option(fc.integer({ min: -99, max: 99 }).map((quarters) => quarters / 4)),
      b: fc.option(fc.boolean()),
      t: fc.constantFrom('7', 'x', null),
    },
    { requiredKeys: [] },
  ),
})
const feature: fc.Arbitrary<WindowFeature> = fc.oneof(
  fc.record({
    aggregate: fc.constantFrom('mean', 'sum', 'count', 'min', 'max', 'last'),
    field: fc.constantFrom('i', 'd', 'b', 't'),
    window: fc.constantFrom('1ms', '1s', '3s', '5s', '10s', '17s', '40s', '36500d'),
  }),
  fc.constantFrom('1s', '4s', '10s').map((window) => count(window)),
)
const view = fc
  .record({
    keys: fc.constantFrom(['k'], ['k', 'n'], ['n'], []),
    features: fc.array(feature, { minLength: 1, maxLength: 6 }),
  })
  .map(({ keys, features }) =>
    defineFeatureView({
      name: 'recent',
      entity: defineEntity({ name: 'thing', keys }),
      source: stream('things.seen'),
      features: Object.fromEntries(features.map((one, index) => [`f${index}`, one])),
    }),
  )
const request = fc.record({
  ...key,
  q: fc.oneof(
    time,
    time.map((ms) => ms + 1),
    time.map((ms) => ms - 500),
  ),
})

test('online, offline and definition agree for any events, windows and moments', async () => {
  await fc.assert(
    fc.asyncProperty(
      view,
      fc.array(event, { maxLength: 60, size: 'max' }),
      fc.array(request, { maxLength: 15, size: 'max' }),
      agree,
    ),
    { numRuns: 120 },
  )
})

async function agree(streamView: StreamFeatureView, events: readonly Event[], requests: readonly Row[]) {
  const asked = [...requests, ...requests.slice(0, 3)]
  const expected = asked.map((one) => windowsByDefinition(streamView, events.map(happening), one, Number(one.q)))
  assert.deepEqual(await readOnline(streamView, events, asked), expected, 'online')
  assert.deepEqual(await readOffline(streamView, events, asked), expected, 'offline')
}

/** The position in the list is the offset in both partitions: offsets then have gaps, as they may. */
function happening({ partition, time, members }: Event, offset: number): Happening {
  return { time, order: [partition, offset], members }
}

async function readOnline(streamView: StreamFeatureView, events: readonly Event[], requests: readonly Row[]) {
  const plan = featurePlan(streamView)
  const store = new EmbeddedOnlineStore(':memory:')
  try {
    for (const partition of [1, 0]) {
      const kept = events.flatMap(({ time, members, partition: own }, offset) => {
        const of = entityKey(plan.keys, members)
        if (own !== partition || of === undefined) return []
        return [{ key: of, time, partition, offset, values: plan.fields.map((field) => numberOf(members[field])) }]
      })
      const position = { topic: 't', partition, nextOffset: events.length }
      await store.addEvents(plan.onlineName, kept, position, Number.NEGATIVE_INFINITY)
    }
    const service = defineFeatureService({ name: 'all', views: [streamView] })
    const vectors = await new OnlineFeatures({ store }).get(
      service,
      requests,
      requests.map(({ q }) => Number(q)),
    )
    return vectors.map(({ values }) => values)
  } finally {
    await store.close()
  }
}

const ORIGIN = { _timestamp: 'TIMESTAMP', _partition: 'INTEGER', _offset: 'BIGINT' }
const MEMBERS = { k: 'VARCHAR', n: 'BIGINT', i: 'BIGINT', d: 'DOUBLE', b: 'BOOLEAN', t: 'VARCHAR' }

async function readOffline(streamView: StreamFeatureView, events: readonly Event[], requests: readonly Row[]) {
  const rows = events.map(({ members, time, partition }, offset) => {
    return { ...members, _timestamp: time, _partition: partition, _offset: offset }
  })
  const spine: readonly Row[] = requests.map((one, id) => ({ ...one, id }))
  const service = defineFeatureService({ name: 'all', views: [streamView] })
  const sql = await new OfflineFeatures({ engine: duckdb.engine }).trainingSetSql(service, {
    spine: relationOf(spine, { id: 'INTEGER', k: 'VARCHAR', n: 'BIGINT', q: 'TIMESTAMP' }),
    topics: { 'things.seen': relationOf(rows, { ...MEMBERS, ...ORIGIN }) },
  })
  const found = await duckdb.engine.query(`SELECT * FROM (${sql}) ORDER BY id`)
  assert.deepEqual(
    found.map(({ id, q }) => [id, q]),
    spine.map(({ id, q }) => [id, q]),
    'each row of the spine once',
  )
  return found.map((row) => service.featureNames.map((name) => row[name]))
}
