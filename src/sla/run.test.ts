import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { contractOf, fieldOf, ruleOf } from '../../test/ports/contract-fixture.ts'
import { openTestDuckDb, temporaryState } from '../../test/ports/duckdb-fixture.ts'
import type { DuckDb } from '../adapters/embedded/duckdb.ts'
import { type SlaTables, SqlSlaStore, slaMigrations } from '../adapters/sql/sla-store.ts'
import type { Contract, QualityRule } from '../contract/index.ts'
import {
  type CovenantError,
  DAY_MS,
  EventBus,
  HOUR_MS,
  migrateToLatest,
  openKysely,
  toIso,
  VirtualClock,
} from '../kernel/index.ts'
import { lakeColumns, tableName } from '../lake/index.ts'
import { Auditor, type SlaStore } from './index.ts'

const START = Date.UTC(2013, 0, 1)
const FIELDS = [fieldOf('id', 'integer'), fieldOf('n', 'number'), fieldOf('word', 'string'), fieldOf('at', 'timestamp')]
type Row = { id?: number | null; n?: number | null; word?: string | null; at?: string | null }

describe('auditor', () => {
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
  /** A loop over one contract of its own. */
  async function loop(more: Partial<Contract>, fields = FIELDS) {
    let contract = contractOf(`t${++topics}`, fields, { eventTime: 'at', ...more })
    const database = openKysely<SlaTables>(':memory:')
    await migrateToLatest(database, 'sla_migrations', slaMigrations)
    const store: SlaStore = new SqlSlaStore(database)
    const clock = new VirtualClock(START)
    const told: string[] = []
    let next = 0
    const start = () => {
      const events = new EventBus()
      events.on('sla.breached', ({ audit }) => void told.push(`breached ${toIso(audit.auditedAt)}`))
      events.on('sla.recovered', ({ heldSince }) => void told.push(`recovered from ${toIso(heldSince)}`))
      const registry = { all: async () => [{ contract }] }
      return new Auditor({ engine: duckdb.engine, lake: duckdb.lake, store, registry, clock, events })
    }
    const auditor = start()
    const commit = (rows: readonly Row[]) => {
      const from = next
      next += rows.length
      const table = tableName(contract.topic)
      const lakeRows = rows.map((row, index) => ({
        ...{ partition: 0, offset: from + index, timestamp: clock.now(), contractVersion: '1.0.0' },
        json: JSON.stringify(row),
      }))
      const topic = `${contract.topic}.validated`
      return duckdb.lake.commit([{ table, topic, columns: lakeColumns(contract), rows: lakeRows }], clock.now())
    }
    const upgrade = (changed: Partial<Contract>) => {
      contract = { ...contract, ...changed }
    }
    return { contract, upgrade, store, clock, told, start, commit, audit: async () => (await auditor.run())[0] }
  }

  /** What each rule observes over the rows, and whether it passed. */
  async function observed(quality: readonly QualityRule[], rows: readonly Row[]) {
    const { commit, audit } = await loop({ quality })
    await commit(rows)
    return (await audit())!.checks.map((check) => [check.checkId, check.observed, check.passed])
  }
  const metric = (
    id: string,
    name: 'rowCount' | 'nullValues' | 'missingValues' | 'invalidValues' | 'duplicateValues',
    args: Record<string, string | readonly (string | number | null)[]>,
    expect: QualityRule['expect'],
    more: { unit?: 'rows' | 'percent'; field?: string } = {},
  ): QualityRule => ({
    ...ruleOf(id, { type: 'library', metric: name, arguments: args, unit: more.unit ?? 'rows' }, expect),
    field: more.field ?? null,
  })

  it('measures every library metric in rows and in percent', async () => {
    const rows: Row[] = [
      { id: 1, n: 1, word: 'a' },
      { id: 1, n: 2, word: 'n/a' },
      { id: 2, n: 3, word: 'b7' },
      { id: null, n: null, word: null },
    ]
    const zero = { op: 'eq', value: 0 } as const
    const rules = [
      metric('count', 'rowCount', {}, { op: 'between', low: 4, high: 4 }),
      metric('nulls', 'nullValues', {}, { op: 'le', value: 25 }, { unit: 'percent', field: 'n' }),
      metric('any-null', 'nullValues', { properties: ['n', 'word'] }, { op: 'le', value: 1 }),
      metric('missing', 'missingValues', { missingValues: [null, 'n/a'] }, zero, { field: 'word' }),
      metric('invalid', 'invalidValues', { validValues: ['a', 'b7'] }, zero, { field: 'word' }),
      metric('numbers', 'invalidValues', { validValues: [1, 2] }, zero, { field: 'n' }),
      metric('pattern', 'invalidValues', { pattern: '^[a-z]+$' }, zero, { field: 'word' }),
      metric('repeated', 'duplicateValues', { properties: ['id'] }, { op: 'lt', value: 50 }, { unit: 'percent' }),
      metric('pairs', 'duplicateValues', { properties: ['id', 'n'] }, zero),
    ]
    assert.deepEqual(await observed(rules, rows), [
      ['count', 4, true],
      ['nulls', 25, true],
      ['any-null', 1, true],
      ['missing', 2, false],
      ['invalid', 1, false],
      ['numbers', 1, false],
      ['pattern', 2, false],
      ['repeated', 25, true],
      ['pairs', 0, true],
    ])
  })

  it('measures SQL rules over the audited rows', async () => {
    const sql = (id: string, query: string, field: string | null): QualityRule => ({
      ...ruleOf(id, { type: 'sql', query }, { op: 'ge', value: 2 }),
      field,
    })
    const rules = [
      sql('object', 'SELECT max(n) FROM {object};', null),
      sql('property', 'SELECT count({property}) FROM {object}', 'word'),
      sql('nothing', 'SELECT max(n) FROM {object} WHERE false -- none', null),
    ]
    assert.deepEqual(await observed(rules, [{ n: 7, word: 'a' }, { n: 1 }]), [
      ['object', 7, true],
      ['property', 1, false],
      ['nothing', null, true],
    ])
  })

  it('says which rule cannot be evaluated, and why', async () => {
    const wrong = [
      ['SELECT nonsense FROM {object}', /Referenced column "nonsense" not found/],
      ['SELECT word FROM {object}', /gives the text "a", not a number/],
      ['SELECT n FROM {object}', /More than one row/],
      ['SELECT n, id FROM {object}', /2 columns/],
    ] as const
    for (const [query, reason] of wrong) {
      const fine = ruleOf('fine', { type: 'sql', query: 'SELECT 0' }, { op: 'eq', value: 0 })
      const broken = ruleOf('broken', { type: 'sql', query }, { op: 'eq', value: 0 })
      const { commit, audit, contract, store } = await loop({ quality: [fine, broken] })
      const rows: Row[] = query.includes('word') ? [{ word: 'a' }] : [{ n: 1 }, { n: 2 }]
      await commit(rows)
      await assert.rejects(audit(), (thrown: CovenantError) => {
        assert.deepEqual([thrown.code, thrown.where], ['SLA_RULE_FAILED', `contract ${contract.id}`])
        assert.match(thrown.message, /^The check broken of t\d+ 1\.0\.0 cannot be evaluated\. /)
        assert.match(thrown.message, reason)
        return true
      })
      assert.deepEqual(await store.audits(), [])
      assert.deepEqual(await duckdb.engine.query('SELECT 1 AS one'), [{ one: 1 }], 'the engine goes on')
    }
  })

  it('publishes what passes, once for each snapshot', async () => {
    const { commit, audit, store, contract } = await loop({})
    assert.equal(await audit(), undefined)
    const snapshot = await commit([{ id: 1 }])
    assert.equal((await audit())!.outcome, 'passed')
    assert.equal((await store.publication(contract.id))!.snapshotId, snapshot.id)
    assert.equal(await audit(), undefined)
    assert.equal((await store.audits()).length, 1)
  })

  it('holds what fails with all that follows, and publishes it when the whole range passes', async () => {
    const rule = metric('mostly-given', 'nullValues', {}, { op: 'le', value: 50 }, { unit: 'percent', field: 'n' })
    const { commit, audit, store, contract, clock, told } = await loop({ quality: [rule] })
    const first = await commit([{ n: 1 }])
    await audit()
    clock.advanceTo(START + HOUR_MS)
    await commit([{ n: null }, { n: null }])
    const held = (await audit())!
    assert.deepEqual([held.outcome, held.afterSnapshotId, held.rows], ['held', first.id, 2])
    clock.advanceTo(START + 2 * HOUR_MS)
    await commit([{ n: 2 }])
    assert.equal((await audit())!.outcome, 'held')
    assert.deepEqual(await store.publication(contract.id), {
      ...{ contractId: contract.id, table: contract.topic, snapshotId: first.id, publishedAt: START },
      heldSince: START + HOUR_MS,
    })
    clock.advanceTo(START + 3 * HOUR_MS)
    const last = await commit([{ n: 3 }, { n: 4 }])
    const passed = (await audit())!
    assert.deepEqual([passed.outcome, passed.afterSnapshotId, passed.rows], ['passed', first.id, 5])
    const published = (await store.publication(contract.id))!
    assert.deepEqual([published.snapshotId, published.heldSince], [last.id, null])
    assert.deepEqual(told, ['breached 2013-01-01T01:00:00.000Z', 'recovered from 2013-01-01T01:00:00.000Z'])
  })

  it('publishes in spite of a failing warning', async () => {
    const rule = metric('never', 'rowCount', {}, { op: 'eq', value: 0 })
    const { commit, audit } = await loop({ quality: [{ ...rule, severity: 'warning' }] })
    await commit([{ id: 1 }])
    const { outcome, checks } = (await audit())!
    assert.deepEqual([outcome, checks[0]!.passed], ['passed', false])
  })

  it('finds a key that comes twice, among new rows and among published ones', async () => {
    const key = [fieldOf('id', 'integer', { primaryKeyPosition: 1 }), fieldOf('at', 'timestamp')]
    const at = '2013-01-01T00:00:00Z'
    const { commit, audit } = await loop({}, key)
    await commit([{ id: 1, at }, { id: 2, at }, { at }, { at }])
    assert.equal((await audit())!.outcome, 'passed')
    await commit([
      { id: 3, at },
      { id: 3, at },
      { id: 1, at },
    ])
    assert.deepEqual(
      (await audit())!.checks.map(({ observed }) => observed),
      [2],
    )
  })

  it('finds a published key that comes again with its event time, by an auditor that knows and by a new one', async () => {
    const key = [
      fieldOf('id', 'integer', { primaryKeyPosition: 1 }),
      fieldOf('word', 'string', { primaryKeyPosition: 2 }),
      fieldOf('at', 'timestamp'),
    ]
    for (const restarted of [false, true]) {
      const { commit, audit, start, clock } = await loop({}, key)
      clock.advanceTo(START + DAY_MS)
      const rows = [0, 1, 2].map((hour) => ({ id: hour, word: 'w', at: toIso(START + hour * HOUR_MS) }))
      for (const row of rows) {
        await commit([row])
        assert.equal((await audit())!.outcome, 'passed')
      }
      const newer = { id: 9, word: 'w', at: toIso(START + 5 * HOUR_MS) }
      await commit([rows[1]!, { ...rows[1]!, word: 'other' }, newer])
      const found = restarted ? (await start().run())[0]! : (await audit())!
      assert.deepEqual([found.outcome, found.checks[0]!.observed], ['held', 1])
    }
  })

  it('compares a row without event time to all that is published', async () => {
    const { commit, audit } = await loop({}, [fieldOf('id', 'integer', { unique: true }), fieldOf('at', 'timestamp')])
    await commit([{ id: 1, at: toIso(START) }])
    await audit()
    await commit([{ id: 1 }, { id: 2, at: toIso(START + 1) }])
    assert.equal((await audit())!.checks[0]!.observed, 1)
  })

  it('measures latency by the newest event that has happened', async () => {
    const sla = [{ property: 'latency', value: 4, unit: 'h', valueMs: 4 * HOUR_MS, field: 'at', schedule: '0 * * * *' }]
    const { commit, audit, start, clock } = await loop({ sla })
    const ages: (number | null)[] = []
    const auditAt = async (hour: number, rows: readonly Row[], by = audit) => {
      clock.advanceTo(START + hour * HOUR_MS)
      if (rows.length > 0) await commit(rows)
      ages.push((await by())!.checks[0]!.observed)
    }
    await auditAt(1, [{ n: 1 }])
    await auditAt(2, [{ at: toIso(START + 1.5 * HOUR_MS) }])
    await auditAt(3, [{ at: toIso(START - DAY_MS) }])
    await auditAt(4, [{ at: toIso(START + 7 * HOUR_MS) }])
    await auditAt(5, [])
    await auditAt(6, [], async () => (await start().run())[0])
    await auditAt(8, [])
    assert.deepEqual(
      ages.map((age) => age && age / HOUR_MS),
      [null, 0.5, 1.5, 2.5, 3.5, 4.5, 1],
    )
  })

  it('sees nulls in fields that a new version has and the table has not got yet', async () => {
    const { commit, audit, upgrade, clock } = await loop({})
    await commit([{ id: 1, at: toIso(START) }])
    await audit()
    const more = [...FIELDS, fieldOf('code', 'string', { unique: true }), fieldOf('seen', 'timestamp')]
    const rules = [
      metric('given', 'nullValues', {}, { op: 'eq', value: 0 }, { field: 'code' }),
      ruleOf(
        'sum',
        { type: 'sql', query: 'SELECT count(*) FROM {object} WHERE seen > {object}.at' },
        { op: 'eq', value: 0 },
      ),
    ]
    const sla = [{ property: 'latency', value: 4, unit: 'h', valueMs: HOUR_MS, field: 'seen', schedule: '0 * * * *' }]
    upgrade({ version: '1.1.0', fields: more, quality: rules, sla })
    const observedAt = async (hour: number) => {
      clock.advanceTo(START + hour * HOUR_MS)
      const { checks, rows } = (await audit())!
      return [rows, ...checks.map(({ observed }) => observed)]
    }
    assert.deepEqual(await observedAt(1), [0, null, 0, 0, 0])
    await commit([{ id: 2, at: toIso(START) }])
    assert.deepEqual(await observedAt(2), [1, null, 1, 0, 0])
  })

  it('says nothing of percentages where there is no row', async () => {
    const rule = metric('given', 'nullValues', {}, { op: 'eq', value: 5 }, { unit: 'percent', field: 'n' })
    const sla = [{ property: 'retention', value: 1, unit: 'd', valueMs: DAY_MS, field: null, schedule: '0 * * * *' }]
    const { commit, audit, clock } = await loop({ quality: [{ ...rule, severity: 'warning' }], sla })
    await commit([{ n: 1 }])
    assert.deepEqual([(await audit())!.checks[0]!.observed, (await audit())?.rows], [0, undefined])
    clock.advanceTo(START + HOUR_MS)
    const { rows, checks } = (await audit())!
    assert.deepEqual([rows, checks[0]!.observed, checks[0]!.passed], [0, null, true])
  })

  it('audits by its schedule, notices a feed that stopped, and its recovery', async () => {
    const sla = [{ property: 'latency', value: 4, unit: 'h', valueMs: 4 * HOUR_MS, field: 'at', schedule: '0 2 * * *' }]
    const { commit, audit, clock, told } = await loop({ sla })
    await commit([{ at: toIso(START) }])
    assert.deepEqual([(await audit())!.outcome, await audit()], ['passed', undefined])
    clock.advanceTo(START + HOUR_MS)
    await commit([{ at: toIso(START + HOUR_MS) }])
    assert.equal(await audit(), undefined, 'a new snapshot waits for the schedule')
    clock.advanceTo(START + 2 * HOUR_MS)
    const onTime = (await audit())!
    assert.deepEqual([onTime.outcome, onTime.checks[0]!.observed], ['passed', HOUR_MS])
    clock.advanceTo(START + DAY_MS + 2 * HOUR_MS)
    const stopped = (await audit())!
    assert.deepEqual([stopped.outcome, stopped.rows, stopped.checks[0]!.observed], ['held', 0, DAY_MS + HOUR_MS])
    clock.advanceTo(START + 2 * DAY_MS + 2 * HOUR_MS)
    await commit([{ at: toIso(START + 2 * DAY_MS) }])
    assert.equal((await audit())!.outcome, 'passed')
    assert.deepEqual(told, ['breached 2013-01-02T02:00:00.000Z', 'recovered from 2013-01-02T02:00:00.000Z'])
  })

  it('does the same audit again where it was not recorded, and tells the newest again after a start', async () => {
    const rule = metric('never', 'rowCount', {}, { op: 'eq', value: 0 })
    const { commit, audit, store, told, start } = await loop({ quality: [rule] })
    await commit([{ id: 1 }])
    const record = store.record.bind(store)
    const ids: string[] = []
    store.record = async (audited) => {
      ids.push(audited.id)
      throw new Error('killed')
    }
    await assert.rejects(audit(), /killed/)
    store.record = record
    ids.push((await audit())!.id)
    assert.equal(ids[0], ids[1])
    assert.equal(told.length, 1)
    assert.deepEqual(await start().run(), [])
    assert.deepEqual(told, [told[0], told[0]])
    assert.equal((await store.audits()).length, 1)
  })
})
