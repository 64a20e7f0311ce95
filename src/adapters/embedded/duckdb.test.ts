import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openTestDuckDb, temporaryState } from '../../../test/ports/duckdb-fixture.ts'
import { sqlEngineSuite } from '../../../test/ports/sql-engine.ts'
import { openDuckDb } from './duckdb.ts'

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

  it('says what to do where an extension does not fit', async (t) => {
    const state = temporaryState()
    t.after(() => state.remove())
    const extensions = join(state.path, 'extensions', 'v1.5.5')
    mkdirSync(extensions, { recursive: true })
    // A home without installed extensions and a repository that does not answer: only the broken file is left.
    writeFileSync(join(extensions, 'sqlite_scanner.duckdb_extension'), 'not an extension')
    const home = process.env.HOME
    process.env.HOME = join(state.path, 'home-that-is-read-only')
    mkdirSync(process.env.HOME)
    chmodSync(process.env.HOME, 0o500)
    t.after(() => {
      process.env.HOME = home
    })
    const opening = openDuckDb({
      warehouseFile: join(state.path, 'warehouse.duckdb'),
      lakeCatalogFile: join(state.path, 'catalog.sqlite'),
      lakeDataDir: join(state.path, 'data'),
      extensionDirs: [join(state.path, 'extensions')],
    })
    await assert.rejects(opening, { code: 'LAKE_EXTENSION_MISSING', where: /sqlite_scanner/ })
  })
})
