import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { CovenantError } from '../../src/kernel/index.ts'
import type { SqlEngine } from '../../src/lake/ports.ts'

/** What every SQL engine must do. `make` opens one over an empty warehouse; `close` releases it. */
export function sqlEngineSuite(name: string, make: () => Promise<{ engine: SqlEngine; close(): Promise<void> }>): void {
  describe(`SQL engine: ${name}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'covenant-engine-'))
    let opened: { engine: SqlEngine; close(): Promise<void> }
    let engine: SqlEngine
    before(async () => {
      opened = await make()
      engine = opened.engine
    })
    after(async () => {
      await opened.close()
      rmSync(folder, { recursive: true })
    })

    it('gives timestamps as epoch milliseconds, dates and times as text, integers and decimals as numbers', async () => {
      const [row] = await engine.query(`SELECT TIMESTAMP '2013-01-01 10:15:00.123' AS t,
        TIMESTAMPTZ '2013-01-01 12:15:00+02:00' AS tz, TIMESTAMP '1969-12-31 23:59:59.9995' AS early,
        DATE '2013-02-03' AS d, TIME '04:05:06' AS c, 42::BIGINT AS i, 9007199254740993::BIGINT AS big,
        sum(3::BIGINT) AS s, 1.25::DECIMAL(9,2) AS n, 2.5::DOUBLE AS f, true AS b, NULL AS z, 'x' AS v`)
      assert.deepEqual(row, {
        t: Date.UTC(2013, 0, 1, 10, 15, 0, 123),
        tz: Date.UTC(2013, 0, 1, 10, 15),
        early: -1,
        d: '2013-02-03',
        c: '04:05:06',
        i: 42,
        big: 9007199254740993n,
        s: 3,
        n: 1.25,
        f: 2.5,
        b: true,
        z: null,
        v: 'x',
      })
    })

    it('gives lists as arrays and structs as objects', async () => {
      const [row] = await engine.query("SELECT [1::BIGINT, NULL] AS l, {'a': [TIMESTAMP '1970-01-01 00:00:01']} AS s")
      assert.deepEqual(row, { l: [1, null], s: { a: [1_000] } })
    })

    it('binds parameters by position', async () => {
      const rows = await engine.query(
        'SELECT epoch_ms($1) AS t, $2::VARCHAR AS v, $3 AS f, $4 AS b, $5 AS z, $1 + 1 AS n',
        [1_357_000_000_123, "it's; DROP TABLE x --", 0.5, false, null],
      )
      assert.deepEqual(rows, [
        { t: 1_357_000_000_123, v: "it's; DROP TABLE x --", f: 0.5, b: false, z: null, n: 1_357_000_000_124 },
      ])
    })

    it('runs several statements and keeps their tables in the warehouse', async () => {
      await engine.execute(
        'CREATE TABLE warehouse.main.kept (n BIGINT); INSERT INTO warehouse.main.kept VALUES (1), (2)',
      )
      assert.deepEqual(await engine.query('SELECT sum(n) AS n FROM warehouse.main.kept'), [{ n: 3 }])
    })

    it('refuses bad SQL with one sentence and goes on', async () => {
      await assert.rejects(engine.query('SELECT nothing FROM nowhere'), (error) => {
        assert.ok(error instanceof CovenantError)
        assert.equal(error.code, 'LAKE_SQL_FAILED')
        assert.match(error.message, /nowhere/)
        assert.doesNotMatch(error.message, /\n/)
        return true
      })
      assert.deepEqual(await engine.query('SELECT 1 AS one'), [{ one: 1 }])
    })

    it('queries with one statement only', async () => {
      await engine.execute('CREATE TABLE warehouse.main.victim (n BIGINT)')
      await assert.rejects(engine.query('SELECT (1); DROP TABLE warehouse.main.victim; --)'), {
        code: 'LAKE_SQL_FAILED',
      })
      assert.deepEqual(await engine.query('SELECT count(*) AS n FROM warehouse.main.victim'), [{ n: 0 }])
    })

    it('undoes a transaction whose body throws, and keeps one whose body returns', async () => {
      await engine.execute('CREATE TABLE warehouse.main.moved (n BIGINT)')
      const insert = (within: SqlEngine, n: number) => within.execute(`INSERT INTO warehouse.main.moved VALUES (${n})`)
      const failing = engine.transaction(async (within) => {
        await insert(within, 1)
        throw new Error('body failed')
      })
      await assert.rejects(failing, /body failed/)
      const answer = await engine.transaction(async (within) => {
        await insert(within, 2)
        await within.transaction((nested) => insert(nested, 3))
        return 'kept'
      })
      assert.equal(answer, 'kept')
      assert.deepEqual(await engine.query('SELECT n FROM warehouse.main.moved ORDER BY n'), [{ n: 2 }, { n: 3 }])
    })

    it('goes on after a statement inside a transaction was refused', async () => {
      await assert.rejects(engine.transaction((within) => within.execute('SELECT * FROM nowhere')))
      assert.deepEqual(await engine.query('SELECT 1 AS one'), [{ one: 1 }])
    })

    it('lets statements of other callers wait for the end of a transaction', async () => {
      await engine.execute('CREATE TABLE warehouse.main.waited (n BIGINT)')
      const transaction = engine.transaction(async (within) => {
        await within.execute('INSERT INTO warehouse.main.waited VALUES (1)')
        await within.execute('INSERT INTO warehouse.main.waited VALUES (2)')
      })
      const [counted] = await engine.query('SELECT count(*) AS n FROM warehouse.main.waited')
      assert.equal(counted!.n, 2)
      await transaction
    })

    it('refuses the engine of a transaction that has ended', async () => {
      let kept: SqlEngine | undefined
      await engine.transaction(async (within) => {
        kept = within
      })
      await assert.rejects(kept!.query('SELECT 1'), { code: 'LAKE_TRANSACTION_ENDED' })
    })

    it('writes a Parquet file whole and counts its rows', async () => {
      const path = join(folder, 'new', "it's.parquet")
      assert.equal(await engine.writeParquet('SELECT range AS n FROM range(1000);', path), 1_000)
      const rows = await engine.query(`SELECT count(*) AS n, max(n) AS top FROM read_parquet($1)`, [path])
      assert.deepEqual(rows, [{ n: 1_000, top: 999 }])
    })

    it('leaves the earlier file where writing fails', async () => {
      const path = join(folder, 'again.parquet')
      await engine.writeParquet('SELECT 1 AS n', path)
      await assert.rejects(engine.writeParquet("SELECT error('broken') AS n", path), /broken/)
      assert.deepEqual(await engine.query('SELECT n FROM read_parquet($1)', [path]), [{ n: 1 }])
      assert.equal(existsSync(`${path}.partial`), false)
    })
  })
}
