import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { DuckDBInstance } from '@duckdb/node-api'
import { openTestDuckDb, temporaryState } from '../../../test/ports/duckdb-fixture.ts'
import { sqlEngineSuite } from '../../../test/ports/sql-engine.ts'
import { loadExtension } from './duckdb-extensions.ts'
import { DuckDbSession } from './duckdb-session.ts'

sqlEngineSuite('DuckDB', async () => {
  const state = temporaryState()
  const { engine, close } = await openTestDuckDb(state.path)
  return {
    engine,
    async close() {
      await close()
      state.remove()
    },
  }
})

describe('DuckDB', () => {
  it('reopens a state folder that was moved', async (t) => {
    const state = temporaryState()
    t.after(() => state.remove())
    const first = await openTestDuckDb(state.path)
    await first.engine.execute('CREATE TABLE warehouse.main.kept AS SELECT 1 AS n')
    const columns = [{ name: 'n', type: 'integer' }] as const
    const row = { partition: 0, offset: 0, timestamp: 1, contractVersion: '1.0.0', json: '{"n":7}' }
    await first.lake.commit([{ table: 'a', topic: 'a.validated', columns, rows: [row] }], 1)
    await first.close()
    const second = await openTestDuckDb(state.copy())
    t.after(() => second.close())
    const rows = await second.engine.query('SELECT a.n AS a, kept.n AS kept FROM lake.a, warehouse.main.kept')
    assert.deepEqual(rows, [{ a: 7, kept: 1 }])
  })

  it('says what to do where a file is not a database', async (t) => {
    const state = temporaryState()
    t.after(() => state.remove())
    mkdirSync(state.path)
    writeFileSync(join(state.path, 'warehouse.duckdb'), 'x'.repeat(20_000))
    await assert.rejects(openTestDuckDb(state.path), { code: 'LAKE_OPEN_FAILED' })
  })

  it('says what to do where the state folder is a file', async (t) => {
    const state = temporaryState()
    t.after(() => state.remove())
    writeFileSync(state.path, '')
    await assert.rejects(openTestDuckDb(state.path), { code: 'STATE_NOT_WRITABLE' })
  })

  it('says what to do where an extension can be had from nowhere', async (t) => {
    const instance = await DuckDBInstance.create(':memory:')
    const session = new DuckDbSession(await instance.connect())
    t.after(() => {
      session.disconnect()
      instance.closeSync()
    })
    const repository = temporaryState()
    t.after(() => repository.remove())
    await session.run(`SET custom_extension_repository = '${repository.path}'`)
    await assert.rejects(loadExtension(session, 'no_such_extension', 'v1.5.5', [repository.path]), {
      code: 'LAKE_EXTENSION_MISSING',
      message: /no_such_extension v1\.5\.5/,
    })
  })
})
