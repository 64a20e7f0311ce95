import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { LakeBatch, LakeColumn, LakeStore, SqlEngine } from '../../src/lake/ports.ts'

/** A lake with the engine that reads it. `reopen` closes both and opens the same state again. */
export interface OpenLake {
  readonly engine: SqlEngine
  readonly lake: LakeStore
  reopen(): Promise<OpenLake>
  remove(): Promise<void>
}

const NOON = Date.UTC(2013, 0, 1, 12)

/** What every lake store must do. `make` opens an empty one. */
export function lakeStoreSuite(name: string, make: () => Promise<OpenLake>): void {
  describe(`lake store: ${name}`, () => {
    let opened: OpenLake
    beforeEach(async () => {
      opened = await make()
    })
    afterEach(() => opened.remove())

    it('is empty at first', async () => {
      const { lake } = opened
      assert.deepEqual(await lake.snapshots(), [])
      assert.equal((await lake.tables()).size, 0)
      assert.equal(await lake.position('a.validated', 0), 0)
      assert.equal((await lake.commit([], NOON)).id, 0)
      assert.throws(() => lake.relationAt('a', 1), { code: 'LAKE_TABLE_UNKNOWN' })
    })

    it('types every kind of column, in UTC', async () => {
      const { lake, engine } = opened
      const columns = (
        [
          ['s', 'string'],
          ['i', 'integer'],
          ['n', 'number'],
          ['b', 'boolean'],
          ['d', 'date'],
          ['t', 'timestamp'],
          ['c', 'time'],
          ['j', 'json'],
        ] as const
      ).map(([column, type]) => ({ name: column, type }))
      const value = {
        s: "O'Hare \u001f “ü”",
        i: 9007199254740991,
        n: 1.5,
        b: true,
        d: '2013-02-03',
        t: '2013-01-01T10:15:00.250+02:00',
        c: '04:05:06',
        j: { deep: [1, null] },
        unknown: 1,
      }
      const texts = [JSON.stringify(value, null, 2), '{}', '{"t":"2013-01-01t10:15:00z","d":"no date","i":null}']
      await lake.commit([batch('kinds', texts, { columns })], NOON)
      const rows = await engine.query('SELECT * EXCLUDE (_topic) FROM lake.kinds ORDER BY _offset')
      const origin = { _partition: 0, _timestamp: NOON, _contract_version: '1.0.0' }
      const nothing = { s: null, i: null, n: null, b: null, d: null, t: null, c: null, j: null }
      assert.deepEqual(rows, [
        {
          ...{ s: value.s, i: value.i, n: 1.5, b: true, d: '2013-02-03', t: Date.UTC(2013, 0, 1, 8, 15, 0, 250) },
          ...{ c: '04:05:06', j: '{"deep":[1,null]}', ...origin, _offset: 0 },
        },
        { ...nothing, ...origin, _offset: 1 },
        { ...nothing, t: Date.UTC(2013, 0, 1, 10, 15), ...origin, _offset: 2 },
      ])
      const origins = ['_topic', '_partition', '_offset', '_timestamp', '_contract_version']
      const table = (await lake.tables()).get('kinds')!
      assert.deepEqual(table.slice(0, columns.length), columns)
      assert.deepEqual(
        table.slice(columns.length).map((column) => column.name),
        origins,
      )
    })

    it('keeps what JavaScript reads and others refuse: half a surrogate pair, an infinite number', async () => {
      const { lake, engine } = opened
      const columns: LakeColumn[] = [
        { name: 's', type: 'string' },
        { name: 'n', type: 'number' },
      ]
      await lake.commit([batch('odd', ['{"s":"ok","n":1}', '{"s":"\\ud800","n":1e999}'], { columns })], NOON)
      const rows = await engine.query('SELECT s, n FROM lake.odd ORDER BY _offset')
      assert.deepEqual(rows, [
        { s: 'ok', n: 1 },
        { s: '\ufffd', n: null },
      ])
      await lake.commit([batch('same', ['{"s":"\\ud800"}', '{"s":"\\ud800"}'], { columns })], NOON)
      assert.deepEqual(await engine.query('SELECT s FROM lake.same'), [{ s: '\ufffd' }, { s: '\ufffd' }])
    })

    it('makes a tombstone a row with nothing but its origin', async () => {
      const { lake, engine } = opened
      await lake.commit([batch('planes', ['{"n":1}', null])], NOON)
      assert.deepEqual(await engine.query('SELECT n, _offset FROM lake.planes ORDER BY _offset'), [
        { n: 1, _offset: 0 },
        { n: null, _offset: 1 },
      ])
    })

    it('commits several tables as one snapshot that says what it added', async () => {
      const { lake } = opened
      const snapshot = await lake.commit([numbers('a', 0, 3), numbers('b', 0, 2), numbers('a', 3, 4)], NOON)
      assert.equal(snapshot.committedAt, NOON)
      const common = { partition: 0, contractVersions: ['1.0.0'], fromOffset: 0 }
      assert.deepEqual(snapshot.tables, [
        { table: 'a', topic: 'a.validated', ...common, rows: 4, toOffset: 3 },
        { table: 'b', topic: 'b.validated', ...common, rows: 2, toOffset: 1 },
      ])
      assert.deepEqual(await lake.snapshots(), [snapshot])
      assert.equal(await lake.position('a.validated', 0), 4)
      assert.equal(await lake.position('b.validated', 0), 2)
    })

    it('skips rows that it has, within a batch, across batches and after a reopening', async () => {
      const { lake } = opened
      const first = await lake.commit([numbers('a', 0, 3)], NOON)
      assert.deepEqual(await lake.commit([numbers('a', 0, 3)], NOON + 1), first)
      await lake.commit([numbers('a', 1, 5), numbers('a', 4, 6)], NOON + 2)
      opened = await opened.reopen()
      await opened.lake.commit([numbers('a', 0, 7)], NOON + 3)
      const [row] = await opened.engine.query('SELECT count(*) AS rows, count(DISTINCT _offset) AS offsets FROM lake.a')
      assert.deepEqual(row, { rows: 7, offsets: 7 })
      assert.equal(await opened.lake.position('a.validated', 0), 7)
      assert.deepEqual(
        (await opened.lake.snapshots()).map((snapshot) => snapshot.committedAt),
        [NOON, NOON + 2, NOON + 3],
      )
    })

    it('keeps partitions apart', async () => {
      const { lake, engine } = opened
      const [zero, one] = [numbers('a', 0, 2), numbers('a', 0, 3)]
      const rows = [...zero.rows, ...one.rows.map((row) => ({ ...row, partition: 1 }))]
      await lake.commit([{ ...zero, rows }], NOON)
      await lake.commit([{ ...zero, rows }], NOON)
      assert.deepEqual([await lake.position('a.validated', 0), await lake.position('a.validated', 1)], [2, 3])
      assert.deepEqual(await engine.query('SELECT count(*) AS n FROM lake.a'), [{ n: 5 }])
    })

    it('reads a table as of a snapshot and the rows between two', async () => {
      const { lake, engine } = opened
      const first = await lake.commit([numbers('a', 0, 2)], NOON)
      const second = await lake.commit([numbers('a', 2, 5), numbers('b', 0, 1)], NOON)
      const third = await lake.commit([numbers('a', 5, 6)], NOON)
      const count = async (relation: string) => (await engine.query(`SELECT count(*) AS n FROM ${relation}`))[0]!.n
      assert.equal(await count(lake.relationAt('a', first.id)), 2)
      assert.equal(await count(lake.relationAt('a', second.id)), 5)
      assert.equal(await count(lake.relationAt('b', first.id)), 0)
      assert.equal(await count(lake.relationAt('a', 0)), 0)
      assert.equal(await count(lake.relationBetween('a', 0, third.id)), 6)
      assert.equal(await count(lake.relationBetween('a', first.id, second.id)), 3)
      assert.equal(await count(lake.relationBetween('a', second.id, third.id)), 1)
      assert.equal(await count(lake.relationBetween('b', second.id, third.id)), 0)
      assert.equal(await count(lake.relationBetween('b', 0, third.id)), 1)
      assert.equal(await count(lake.relationBetween('a', third.id, third.id)), 0)
    })

    it('adds columns, widens integers, and reads old snapshots with their own columns', async () => {
      const { lake, engine } = opened
      const first = await lake.commit([batch('a', ['{"n":1}'])], NOON)
      const columns: LakeColumn[] = [
        { name: 'n', type: 'number' },
        { name: 'extra', type: 'string' },
      ]
      const second = await lake.commit([batch('a', ['{}', '{"n":2.5,"extra":"x"}'], { columns })], NOON)
      assert.deepEqual(await engine.query(`SELECT n, extra FROM ${lake.relationAt('a', second.id)} ORDER BY _offset`), [
        { n: 1, extra: null },
        { n: 2.5, extra: 'x' },
      ])
      assert.deepEqual(await engine.query(`SELECT n FROM ${lake.relationAt('a', first.id)}`), [{ n: 1 }])
      assert.deepEqual((await lake.tables()).get('a')!.slice(0, 2), columns)
      assert.equal((await lake.tables()).get('a')!.at(-1)!.name, '_contract_version')
      await lake.commit([batch('a', ['', '', '{"n":3}'])], NOON)
      assert.deepEqual(await engine.query('SELECT n FROM lake.a ORDER BY _offset DESC LIMIT 1'), [{ n: 3 }])
    })

    it('refuses a column that comes back with another type, and leaves everything as it was', async () => {
      const { lake } = opened
      await lake.commit([batch('a', ['{"n":1}'])], NOON)
      const columns: LakeColumn[] = [{ name: 'n', type: 'string' }]
      await assert.rejects(lake.commit([batch('a', ['', '{"n":"one"}'], { columns })], NOON), {
        code: 'LAKE_COLUMN_TYPE_CHANGED',
      })
      assert.equal(await lake.position('a.validated', 0), 1)
      await lake.commit([numbers('a', 1, 2)], NOON)
      assert.equal(await lake.position('a.validated', 0), 2)
    })

    it('takes a stream of batches and commits nothing where it breaks', async () => {
      const { lake, engine } = opened
      async function* broken() {
        yield numbers('a', 0, 2)
        throw new Error('the log broke')
      }
      await assert.rejects(lake.commit(broken(), NOON), /the log broke/)
      assert.deepEqual(await lake.snapshots(), [])
      async function* whole() {
        yield numbers('a', 0, 2)
        yield numbers('a', 2, 4)
      }
      await lake.commit(whole(), NOON)
      assert.deepEqual(await engine.query('SELECT count(*) AS n FROM lake.a'), [{ n: 4 }])
    })

    it('keeps every snapshot readable over many commits and a merge of their files', async () => {
      const { lake } = opened
      const ids: number[] = []
      for (let n = 0; n < 70; n++) ids.push((await lake.commit([numbers('a', n, n + 1)], NOON + n)).id)
      opened = await opened.reopen()
      const again = opened.lake
      const count = async (sql: string) => (await opened.engine.query(`SELECT count(*) AS n FROM ${sql}`))[0]!.n
      for (const n of [0, 63, 64, 65, 69]) {
        assert.equal(await count(again.relationAt('a', ids[n]!)), n + 1)
        assert.equal(await count(again.relationBetween('a', n === 0 ? 0 : ids[n - 1]!, ids[n]!)), 1)
      }
      assert.equal(await count(again.relationBetween('a', ids[9]!, ids[69]!)), 60)
      assert.equal((await again.snapshots()).length, 70)
    })
  })
}

/** Rows `{"n": offset}` of one partition. */
function numbers(table: string, from: number, end: number): LakeBatch {
  const texts = Array.from({ length: end }, (_, offset) => (offset < from ? '' : `{"n":${offset}}`))
  return batch(table, texts)
}

/** One row a text, at the text's index as offset; empty texts are left out. */
function batch(
  table: string,
  texts: readonly (string | null)[],
  { columns = [{ name: 'n', type: 'integer' }] }: { columns?: readonly LakeColumn[] } = {},
): LakeBatch {
  const rows = texts
    .map((json, offset) => ({ partition: 0, offset, timestamp: NOON, contractVersion: '1.0.0', json }))
    .filter(({ json }) => json !== '')
  return { table, topic: `${table}.validated`, columns, rows }
}
