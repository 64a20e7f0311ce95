import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { contractOf, fieldOf } from '../../test/ports/contract-fixture.ts'
import { openTestDuckDb, temporaryState } from '../../test/ports/duckdb-fixture.ts'
import type { DuckDb } from '../adapters/embedded/duckdb.ts'
import { EmbeddedTopicLog } from '../adapters/embedded/topic-log.ts'
import { EventBus, VirtualClock } from '../kernel/index.ts'
import type { TopicLog } from '../topic/index.ts'
import { LakeHop, type LakeSnapshot } from './index.ts'

const NOON = Date.UTC(2013, 0, 1, 12)
const ARRIVED = contractOf('flights.arrived', [fieldOf('flight', 'integer'), fieldOf('at', 'timestamp')])
const PLANES = contractOf('planes', [fieldOf('tailnum', 'string')], { cdc: 'debezium' })

describe('lake hop', () => {
  let state: ReturnType<typeof temporaryState>
  let duckdb: DuckDb
  let log: TopicLog
  const clock = new VirtualClock(NOON)
  beforeEach(async () => {
    state = temporaryState()
    duckdb = await openTestDuckDb(state.path)
    log = new EmbeddedTopicLog(':memory:')
    await log.createTopics(['flights.arrived.validated', 'planes.validated'])
  })
  const hopOf = (told: LakeSnapshot[] = [], contracts = [ARRIVED, PLANES]) => {
    const events = new EventBus()
    events.on('lake.snapshot-committed', ({ snapshot }) => void told.push(snapshot))
    const registry = {
      all: async () => contracts.map((contract) => ({ contract })),
      versionsOf: async (topic: string) =>
        contracts.filter((contract) => contract.topic === topic).map((contract) => ({ contract })),
    }
    return new LakeHop({ log, registry, lake: duckdb.lake, clock, events })
  }
  const append = (topic: string, values: readonly (unknown | null)[], version = '1.0.0') =>
    log.append(
      topic,
      values.map((value) => ({
        key: null,
        value: value === null ? null : Buffer.from(JSON.stringify(value)),
        headers: { 'cov.version': version },
        timestamp: NOON,
      })),
    )
  const close = async () => {
    await duckdb.close()
    await log.close()
    state.remove()
  }

  it('brings what all topics hold into one snapshot, typed, with the version of each record', async (t) => {
    t.after(close)
    await append('flights.arrived.validated', [{ flight: 1, at: '2013-01-01T10:00:00Z' }])
    await append('flights.arrived.validated', [{ flight: 2, at: null }], '1.1.0')
    await append('planes.validated', [{ op: 'd', before: { tailnum: 'N1' }, source: { ts_ms: NOON } }, null])
    const told: LakeSnapshot[] = []
    const snapshot = await hopOf(told).run()
    assert.deepEqual(told, [snapshot])
    assert.deepEqual(
      snapshot!.tables.map(({ table, rows, contractVersions }) => [table, rows, contractVersions]),
      [
        ['flights_arrived', 2, ['1.0.0', '1.1.0']],
        ['planes', 2, ['1.0.0']],
      ],
    )
    const flights = await duckdb.engine.query(
      'SELECT * EXCLUDE (_timestamp) FROM lake.flights_arrived ORDER BY _offset',
    )
    const origin = { _topic: 'flights.arrived.validated', _partition: 0 }
    assert.deepEqual(flights, [
      { flight: 1, at: Date.UTC(2013, 0, 1, 10), ...origin, _offset: 0, _contract_version: '1.0.0' },
      { flight: 2, at: null, ...origin, _offset: 1, _contract_version: '1.1.0' },
    ])
    assert.deepEqual(await duckdb.engine.query('SELECT tailnum, _op, _source_ts FROM lake.planes ORDER BY _offset'), [
      { tailnum: 'N1', _op: 'd', _source_ts: NOON },
      { tailnum: null, _op: 't', _source_ts: null },
    ])
  })

  it('has nothing to do twice', async (t) => {
    t.after(close)
    await append('flights.arrived.validated', [{ flight: 1 }])
    const hop = hopOf()
    const first = await hop.run()
    assert.equal(await hop.run(), null)
    await append('flights.arrived.validated', [{ flight: 2 }])
    const second = await hop.run()
    assert.ok(second!.id > first!.id)
    assert.deepEqual(await duckdb.engine.query('SELECT count(*) AS n FROM lake.flights_arrived'), [{ n: 2 }])
  })

  it('passes a long topic in chunks and keeps every record once', async (t) => {
    t.after(close)
    await append(
      'flights.arrived.validated',
      Array.from({ length: 12_345 }, (_, flight) => ({ flight })),
    )
    const snapshot = await hopOf().run()
    assert.equal(snapshot!.tables[0]!.rows, 12_345)
    const [row] = await duckdb.engine.query(
      'SELECT count(*) AS n, count(DISTINCT _offset) AS offsets, bool_and(flight = _offset) AS right FROM lake.flights_arrived',
    )
    assert.deepEqual(row, { n: 12_345, offsets: 12_345, right: true })
  })

  it('keeps the fields of records whose version a newer one has replaced meanwhile', async (t) => {
    t.after(close)
    const cents = contractOf('orders', [fieldOf('id', 'integer'), fieldOf('cents', 'integer')])
    const amount = contractOf('orders', [fieldOf('id', 'number'), fieldOf('amount', 'number')], { version: '2.0.0' })
    const change = contractOf('orders', [fieldOf('id', 'integer'), fieldOf('note', 'string')], {
      ...{ version: '3.0.0', cdc: 'debezium' },
    })
    await log.createTopics(['orders.validated'])
    await append('orders.validated', [{ id: 1, cents: 250 }])
    await append('orders.validated', [{ id: 1.5, amount: 2.5 }], '2.0.0')
    await append('orders.validated', [{ op: 'c', after: { id: 3, note: 'x' } }], '3.0.0')
    await hopOf([], [cents, amount, change]).run()
    await append('orders.validated', [{ id: 4, cents: 1 }])
    await hopOf([], [cents, amount, change]).run()
    assert.deepEqual(
      await duckdb.engine.query(
        'SELECT id, cents, amount, note, _op, _contract_version AS v FROM lake.orders ORDER BY _offset',
      ),
      [
        { id: 1, cents: 250, amount: null, note: null, _op: null, v: '1.0.0' },
        { id: 1.5, cents: null, amount: 2.5, note: null, _op: null, v: '2.0.0' },
        { id: 3, cents: null, amount: null, note: 'x', _op: 'c', v: '3.0.0' },
        { id: 4, cents: 1, amount: null, note: null, _op: null, v: '1.0.0' },
      ],
    )
  })

  it('tells the newest snapshot again after a start', async (t) => {
    t.after(close)
    await append('flights.arrived.validated', [{ flight: 1 }])
    const snapshot = await hopOf().run()
    const told: LakeSnapshot[] = []
    assert.equal(await hopOf(told).run(), null)
    assert.deepEqual(told, [snapshot])
  })

  it('refuses two topics that would be one table', async (t) => {
    t.after(close)
    await assert.rejects(hopOf([], [contractOf('a.b', []), contractOf('a_b', [])]).run(), { code: 'LAKE_TABLE_CLASH' })
  })
})
