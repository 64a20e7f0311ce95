import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openTestDuckDb, temporaryState } from '../../../test/ports/duckdb-fixture.ts'
import { EmbeddedOnlineStore } from '../../adapters/embedded/online-store.ts'
import { EmbeddedTopicLog } from '../../adapters/embedded/topic-log.ts'
import { DAY_MS, HOUR_MS, type Json, VirtualClock } from '../../kernel/index.ts'
import { changeEvent, type NewRecord, type TopicLog, validatedTopic } from '../../topic/index.ts'
import {
  count,
  defineEntity,
  defineFeatureService,
  defineFeatureView,
  last,
  mean,
  OfflineFeatures,
  OnlineFeatures,
  type OnlineStore,
  StreamFeatures,
  stream,
} from '../index.ts'
import type { ContractLookup } from '../ports.ts'

const START = Date.UTC(2013, 0, 1)
const topic = validatedTopic('flights.arrived')
const origin = defineEntity({ name: 'origin', keys: ['origin'] })
const delays = defineFeatureView({
  name: 'delays',
  entity: origin,
  source: stream('flights.arrived'),
  features: { mean_1h: mean('dep_delay', '1h'), arrivals_3h: count('3h'), last_3h: last('dep_delay', '3h') },
})
const service = defineFeatureService({ name: 'all', views: [delays] })
const plain: ContractLookup = { latest: async () => ({ contract: { cdc: null } }) }
const changes: ContractLookup = { latest: async () => ({ contract: { cdc: 'debezium' } }) }

function record(value: Json | null, timestamp: number): NewRecord {
  const bytes = value === null ? null : new TextEncoder().encode(JSON.stringify(value))
  return { key: null, value: bytes, headers: {}, timestamp }
}

async function withState(body: (log: TopicLog, store: OnlineStore) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-stream-features-'))
  const log = new EmbeddedTopicLog(join(folder, 'topics.db'))
  const store = new EmbeddedOnlineStore(join(folder, 'online.db'))
  try {
    await body(log, store)
  } finally {
    await log.close()
    await store.close()
    rmSync(folder, { recursive: true })
  }
}

async function valuesAt(store: OnlineStore, q: number) {
  const [vector] = await new OnlineFeatures({ store }).get(service, [{ origin: 'JFK' }], q)
  return vector!.values
}

test('a view is fed from the validated topic, batch by batch, each record once', () =>
  withState(async (log, store) => {
    const clock = new VirtualClock(START + DAY_MS)
    const subject = () => new StreamFeatures({ log, store, registry: plain, clock, batchSize: 2 })
    assert.equal(await subject().run(delays), 0, 'no topic yet')
    await log.createTopics([topic])
    const event = (dep_delay: number | null, minute: number) =>
      record({ origin: 'JFK', dep_delay, dest: 'BQN' }, START + minute * 60_000)
    await log.append(topic, [event(10, 0), event(null, 30), event(20, 30), event(60, 31), record(null, START)])
    assert.equal(await subject().run(delays), 5)
    assert.equal(await subject().run(delays), 0)
    await log.append(topic, [event(2, 59), record({ origin: null, dep_delay: 1000 }, START)])
    assert.equal(await subject().run(delays), 2)
    assert.deepEqual(await valuesAt(store, START + HOUR_MS), [23, 5, 2])
    assert.deepEqual(await valuesAt(store, START + 31 * 60_000), [15, 3, 20])
    const [vector] = await new OnlineFeatures({ store }).get(service, [{ origin: 'JFK' }], START + HOUR_MS)
    assert.deepEqual(vector!.sources, [
      {
        type: 'stream',
        view: 'delays',
        hash: delays.hash,
        topic,
        events: 5,
        offsets: [{ partition: 0, fromOffset: 0, toOffset: 5 }],
        eventTime: START + 59 * 60_000,
      },
    ])
  }))

test('only the members that the view needs are kept', () =>
  withState(async (log, store) => {
    const clock = new VirtualClock(START + DAY_MS)
    await log.createTopics([topic])
    await log.append(topic, [record({ origin: 'JFK', dep_delay: 7, tailnum: 'N1' }, START)])
    await new StreamFeatures({ log, store, registry: plain, clock }).run(delays)
    const [events] = await store.getEvents(`delays@${delays.hash.slice(0, 12)}`, ['JFK'], 0, START + 1)
    assert.deepEqual(events, [{ key: 'JFK', time: START, partition: 0, offset: 0, values: [7] }])
  }))

test('reads are exact a day back, also when a wrong clock sent a record from the future', () =>
  withState(async (log, store) => {
    const clock = new VirtualClock(START)
    await log.createTopics([topic])
    const subject = new StreamFeatures({ log, store, registry: plain, clock, batchSize: 7 })
    const day = 24
    for (let hour = 0; hour < 10 * day; hour++) {
      const at = START + hour * HOUR_MS
      clock.advanceTo(at)
      const future = record({ origin: 'JFK', dep_delay: 999 }, at + 1000 * DAY_MS)
      await log.append(topic, [record({ origin: 'JFK', dep_delay: hour }, at), ...(hour % 50 === 0 ? [future] : [])])
      await subject.run(delays)
      for (const back of [0, 12, Math.min(day, hour)])
        assert.deepEqual(await valuesAt(store, at - back * HOUR_MS), expectedHour(hour - back), `${hour} - ${back}`)
    }
    const [kept] = await store.getEvents(`delays@${delays.hash.slice(0, 12)}`, ['JFK'], 0, clock.now() + 1)
    assert.ok(kept!.length < 3 * day, 'older events are removed')
  }))

/** One event an hour, whose delay is the number of the hour; as of the moment of event `hour`. */
function expectedHour(hour: number): (number | null)[] {
  if (hour <= 0) return [null, 0, null]
  return [hour - 1, Math.min(hour, 3), hour - 1]
}

test('change events count with their row, and give the same features offline', () =>
  withState(async (log, store) => {
    const source = { name: 'fleet', db: 'fleet', table: 'flights' }
    const row = (dep_delay: number) => ({ origin: 'JFK', dep_delay })
    const values = [
      changeEvent({ op: 'r', after: row(10), timestamp: START, source }),
      changeEvent({ op: 'u', before: row(10), after: row(20), timestamp: START, source }),
      { payload: changeEvent({ op: 'd', before: row(60), timestamp: START, source }) },
      null,
    ].map((value, index) => record(value as Json, START + index * 1_000))
    await log.createTopics([topic])
    await log.append(topic, values)
    const clock = new VirtualClock(START + HOUR_MS)
    await new StreamFeatures({ log, store, registry: changes, clock }).run(delays)
    const expected = [30, 3, 60]
    assert.deepEqual(await valuesAt(store, START + HOUR_MS), expected)
    assert.deepEqual(await offlineValues(START + HOUR_MS), expected)
  }))

/** The rows of the test above as `LakeHop` writes them. */
async function offlineValues(q: number) {
  const state = temporaryState()
  const duckdb = await openTestDuckDb(state.path)
  try {
    const rows = ['"r","dep_delay":10', '"u","dep_delay":20', '"d","dep_delay":60', '"t"'].map((text, offset) => ({
      partition: 0,
      offset,
      timestamp: START + offset * 1_000,
      contractVersion: '1.0.0',
      json: `{"_op":${text}${offset === 3 ? '' : ',"origin":"JFK"'}}`,
    }))
    const columns = [
      { name: 'origin', type: 'string' },
      { name: 'dep_delay', type: 'integer' },
      { name: '_op', type: 'string' },
    ] as const
    await duckdb.lake.commit([{ table: 'flights_arrived', topic, columns, rows }], q)
    const sql = await new OfflineFeatures({ engine: duckdb.engine }).trainingSetSql(service, {
      spine: `SELECT 'JFK' AS origin, epoch_ms(${q}) AS q -- one row`,
    })
    const [found] = await duckdb.engine.query(sql)
    return service.featureNames.map((name) => found![name])
  } finally {
    await duckdb.close()
    state.remove()
  }
}
