import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { contractOf, fieldOf } from '../../../test/ports/contract-fixture.ts'
import { openTestDuckDb, temporaryState } from '../../../test/ports/duckdb-fixture.ts'
import type { DuckDb } from '../../adapters/embedded/duckdb.ts'
import { EmbeddedTopicLog } from '../../adapters/embedded/topic-log.ts'
import { type LevelTables, levelMigrations, SqlLevelStore } from '../../adapters/sql/level-store.ts'
import { type SlaTables, SqlSlaStore, slaMigrations } from '../../adapters/sql/sla-store.ts'
import type { SlaProperty } from '../../contract/index.ts'
import { DAY_MS, EventBus, HOUR_MS, migrateToLatest, openKysely, toIso, VirtualClock } from '../../kernel/index.ts'
import { lakeColumns, tableName } from '../../lake/index.ts'
import { deadLetterTopic, validatedTopic } from '../../topic/index.ts'
import { Auditor, type Incident, ServiceLevels } from '../index.ts'
import { eventTimes } from './event-times.ts'

const START = Date.UTC(2026, 0, 1)
const FIELDS = [fieldOf('n', 'number'), fieldOf('at', 'timestamp')]

describe('service levels', () => {
  const state = temporaryState()
  let duckdb: DuckDb
  before(async () => {
    duckdb = await openTestDuckDb(state.path)
  })
  after(async () => {
    await duckdb.close()
    state.remove()
  })

  let topics = 0
  /** A contract with levels, its topics, lake table and audits, and a clock to move. */
  async function loop(sla: readonly SlaProperty[]) {
    const contract = contractOf(`levels${++topics}`, FIELDS, { eventTime: 'at', sla })
    const clock = new VirtualClock(START)
    const log = new EmbeddedTopicLog(':memory:')
    await log.createTopics([validatedTopic(contract.topic), deadLetterTopic(contract.topic)])
    // One open database for both stages, as in a state folder.
    const database = openKysely<SlaTables & LevelTables>(':memory:')
    await migrateToLatest(database, 'sla_migrations', slaMigrations)
    await migrateToLatest(database, 'level_migrations', levelMigrations)
    const store = new SqlLevelStore(database as never)
    const publications = new SqlSlaStore(database as never)
    const registry = { all: async () => [{ contract }] }
    const told: Incident[] = []
    /** A process: what it listens to dies with it. */
    const start = (fails = false) => {
      const events = new EventBus()
      events.on('sla.incident', ({ incident }) => {
        if (fails) throw new Error('killed before the alert')
        told.push(incident)
      })
      const parts = { engine: duckdb.engine, lake: duckdb.lake, registry, clock, events }
      const levels = new ServiceLevels({ ...parts, log, store, publications })
      return { levels, auditor: new Auditor({ ...parts, store: publications }) }
    }
    let process = start()
    let next = 0
    const arrive = async (...times: readonly number[]) => {
      const table = tableName(contract.topic)
      const lakeRows = times.map((at, index) => ({
        ...{ partition: 0, offset: next + index, timestamp: clock.now(), contractVersion: '1.0.0' },
        json: JSON.stringify({ n: 1, at: toIso(at) }),
      }))
      next += times.length
      const topic = validatedTopic(contract.topic)
      await log.append(
        topic,
        times.map(() => record),
      )
      await duckdb.lake.commit([{ table, topic, columns: lakeColumns(contract), rows: lakeRows }], clock.now())
    }
    const refuse = (count: number) =>
      log.append(
        deadLetterTopic(contract.topic),
        Array.from({ length: count }, () => record),
      )
    const record = { key: null, value: Buffer.from('{}'), headers: {}, timestamp: START }
    /** What an hour's tick does. */
    const tick = async (hours = 1) => {
      clock.advanceTo(clock.now() + hours * HOUR_MS)
      await process.auditor.run()
      return new Map((await process.levels.run()).map((evaluation) => [evaluation.level, evaluation]))
    }
    const restart = (fails = false) => {
      process = start(fails)
    }
    return { contract, clock, store, told, arrive, refuse, tick, restart }
  }

  const of = (property: string, value: number | string, unit: string | null, valueMs: number | null = null) =>
    ({ property, value, unit, valueMs, field: null, schedule: '0 * * * *' }) satisfies SlaProperty

  it('are evaluated when they are due, each record counted once', async () => {
    const { arrive, refuse, tick } = await loop([of('errorRate', 25, '%'), of('throughput', 1, 'records/h')])
    await refuse(1)
    await arrive(START, START + 1, START + 2)
    const first = await tick()
    assert.deepEqual([first.get('errorRate')?.observed, first.get('errorRate')?.status], [25, 'met'])
    assert.equal((await tick(0)).size, 0)
    await refuse(2)
    await arrive(START + 3)
    const second = await tick(2)
    assert.equal(second.get('errorRate')?.message, '2 of 3 records are dead letters, 66.67 %, promised at most 25 %')
    assert.deepEqual(second.get('errorRate')?.budget, {
      ...{ windowMs: 30 * DAY_MS, unit: 'records', allowed: 0.25 * 7, used: 3 },
    })
    assert.equal(second.get('throughput')?.status, 'missed')
    assert.equal((await tick()).get('errorRate')?.status, 'unknown')
  })

  it('keep the watermark over evaluations, and take late rows into account', async () => {
    const { clock, arrive, tick } = await loop([
      of('frequency', 3, 'h', 3 * HOUR_MS),
      of('retention', 2, 'd', 2 * DAY_MS),
    ])
    await arrive(START, START + HOUR_MS)
    clock.advanceTo(START + HOUR_MS)
    assert.equal((await tick()).get('frequency')?.status, 'met')
    clock.advanceTo(START + 5 * HOUR_MS)
    const silent = await tick()
    assert.deepEqual([silent.get('frequency')?.status, silent.get('frequency')?.observed], ['missed', 5 * HOUR_MS])
    await arrive(START + 6 * HOUR_MS, START - 3 * DAY_MS, START + 90 * DAY_MS)
    const late = await tick()
    assert.deepEqual(
      [late.get('frequency')?.observed, late.get('frequency')?.watermark],
      [5 * HOUR_MS, START + 6 * HOUR_MS],
    )
    assert.deepEqual([late.get('retention')?.status, late.get('retention')?.missedSince], ['missed', START - DAY_MS])
    assert.equal((await tick()).get('frequency')?.status, 'met')
  })

  it('an audit that holds is an incident, from the broken promise to the repair, and its times are levels', async () => {
    const { clock, arrive, tick, told, store, contract } = await loop([
      { ...of('latency', 2, 'h', 2 * HOUR_MS) },
      { ...of('timeToDetect', 30, 'min', 30 * 60_000) },
      { ...of('timeToRepair', 3, 'h', 3 * HOUR_MS) },
      { ...of('availability', 50, '%') },
    ])
    clock.advanceTo(START)
    await arrive(START)
    await tick()
    await tick()
    const held = await tick(1.5)
    assert.equal(held.get('latency')?.status, 'missed')
    assert.equal(held.get('timeToDetect')?.observed, 1.5 * HOUR_MS)
    assert.equal(held.get('timeToDetect')?.status, 'missed')
    await arrive(START + 5 * HOUR_MS)
    const repaired = await tick(2)
    assert.equal(repaired.get('timeToRepair')?.observed, 2 * HOUR_MS)
    assert.equal(repaired.get('availability')?.status, 'met')
    const [incident, ...others] = await store.incidents(contract.id)
    assert.deepEqual(others, [])
    assert.deepEqual(
      [incident!.startedAt, incident!.detectedAt, incident!.notifiedAt, incident!.resolvedAt],
      [START + 2 * HOUR_MS, START + 3.5 * HOUR_MS, START + 3.5 * HOUR_MS, START + 5.5 * HOUR_MS],
    )
    assert.deepEqual(told.map(({ resolvedAt }) => resolvedAt).at(-1), START + 5.5 * HOUR_MS)
  })

  it('an incident whose alert was cut short is told after the restart, and recorded once', async () => {
    const { refuse, tick, restart, told, store } = await loop([of('errorRate', 1, '%')])
    await refuse(1)
    restart(true)
    await assert.rejects(tick(), /killed/)
    assert.equal((await store.incidents()).length, 1)
    restart()
    assert.equal((await tick(0)).size, 0)
    const [incident, ...others] = await store.incidents()
    assert.deepEqual(others, [])
    assert.equal(told.length, 1)
    assert.notEqual(incident!.notifiedAt, null)
  })

  it('event times of any batches are those of all rows together', async () => {
    const offsets = fc.array(fc.array(fc.integer({ min: -50, max: 60 }), { maxLength: 5 }), {
      minLength: 1,
      maxLength: 5,
    })
    await fc.assert(
      fc.asyncProperty(offsets, async (batches) => {
        let known = { watermark: null as number | null, oldest: null as number | null }
        const seen: number[] = []
        for (const batch of batches) {
          const values = batch.map((offset) => `(epoch_ms(${START + offset * HOUR_MS}))`).join(', ')
          const rows =
            batch.length === 0 ? '(SELECT NULL::TIMESTAMP AS "at" WHERE false)' : `(VALUES ${values}) t("at")`
          const found = await eventTimes(duckdb.engine, {
            ...{ rows: `(FROM ${rows})`, field: 'at', now: START + 40 * HOUR_MS },
            ...known,
          })
          seen.push(...batch.filter((offset) => offset <= 40))
          const pause = longestPause(batch, known.watermark)
          known = { watermark: found.times?.watermark ?? null, oldest: found.oldest }
          assert.equal(known.watermark, seen.length === 0 ? null : START + Math.max(...seen) * HOUR_MS)
          assert.equal(known.oldest, seen.length === 0 ? null : START + Math.min(...seen) * HOUR_MS)
          if (found.times !== null) assert.equal(found.times.pauseMs, pause)
        }
      }),
      { numRuns: 40 },
    )
  })
})

/** The longest pause between neighbouring events from the known watermark on, by the plain definition. */
function longestPause(batch: readonly number[], watermark: number | null): number {
  const known = watermark === null ? [] : [watermark]
  const times = [...known, ...batch.filter((offset) => offset <= 40).map((offset) => START + offset * HOUR_MS)]
    .filter((time) => watermark === null || time >= watermark)
    .toSorted((a, b) => a - b)
  return Math.max(0, ...times.slice(1).map((time, index) => time - times[index]!))
}
