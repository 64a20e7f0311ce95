import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { connectPostgres, type PostgresClient } from '../../../test/ports/postgres-client.ts'
import { type PostgresServer, postgresSkip, startPostgres } from '../../../test/ports/postgres-server.ts'
import { orderContract, pushProject } from '../../../test/push-project.ts'
import { CovenantError } from '../../kernel/index.ts'
import type { ApplyOptions } from '../apply.ts'
import { openCovenant } from '../covenant.ts'
import { loadProject } from '../project.ts'
import { planMigrations, writeBaselines, writeMigrations } from './migrations.ts'
import type { TargetPlan } from './plan.ts'
import { databaseSchemas } from './targets.ts'

/** Without PostgreSQL on the machine a developer's run leaves this out; continuous integration installs it. */
const skip = postgresSkip

describe('covenant apply, pushing', { skip }, () => {
  let server: PostgresServer
  let client: PostgresClient
  let folder: string
  let stateDir: string
  let databases = 0

  before(async () => {
    server = await startPostgres()
    process.env.PGUSER = 'covenant'
  })
  after(() => server?.stop())

  beforeEach(async () => {
    const database = `shop_${databases++}`
    server.sql(`CREATE DATABASE ${database}`)
    Object.assign(process.env, { SHOP_PORT: String(server.port), SHOP_DATABASE: database })
    client = await connectPostgres(server.url.replace(/[^/]*$/, database))
    folder = pushProject()
    stateDir = mkdtempSync(join(tmpdir(), 'covenant-push-'))
  })
  afterEach(async () => {
    await client.end()
    for (const each of [folder, stateDir]) rmSync(each, { recursive: true, force: true })
  })

  test('makes the table, the producers and the registration, and a second time nothing', async () => {
    await migrate()
    const result = await apply()
    assert.deepEqual(
      result.contracts.map(({ outcome }) => outcome),
      ['registered'],
    )
    await client.query(`INSERT INTO shop_orders (id, price, lines) VALUES ('a', 1.25, '[{"sku": "ABC-1"}]')`)
    await refusedRow(`INSERT INTO shop_orders (id, price) VALUES ('b', 1.255)`, /price_multipleOf/)
    await refusedRow(`INSERT INTO shop_orders (id, price, lines) VALUES ('b', 1, '[{"sku": "x"}]')`, /lines_/)
    await refusedRow(`INSERT INTO shop_orders (id, price) VALUES ('a', 1)`, /shop_orders_key/)
    assert.match(readFileSync(join(folder, 'producers/ts/shop-orders.ts'), 'utf8'), /export/)
    assert.match(readFileSync(join(folder, 'producers/py/shop_orders.py'), 'utf8'), /def /)
    const again = await apply()
    assert.deepEqual(again.pushes.map(changesOf), [0, 0, 0])
    assert.deepEqual(await pushStates(), ['done'])
  })

  test('refuses to push without the migration, and an edited one unless it is accepted', async () => {
    await rejects(apply(), 'PUSH_MIGRATION_MISSING')
    await migrate()
    const file = join(folder, 'migrations/shop.orders/1.0.0.sql')
    writeFileSync(file, readFileSync(file, 'utf8').replace('-- migrate:down', 'SELECT 1;\n-- migrate:down'))
    await rejects(apply(), 'PUSH_MIGRATION_EDITED')
    assert.deepEqual(await pushStates(), [])
    await apply({ accept: true })
    writeFileSync(file, readFileSync(file, 'utf8').replace('SELECT 1', 'SELECT 2'))
    await rejects(apply({ accept: true }), 'PUSH_MIGRATION_CHANGED')
  })

  test('an edited migration that weakens the contract is refused by the catalog, and nothing is changed', async () => {
    await migrate()
    const file = join(folder, 'migrations/shop.orders/1.0.0.sql')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"price" >= 0', '"price" >= -1'))
    const error = await rejects(apply({ accept: true }), 'PUSH_INCOMPLETE')
    assert.match(error.message, /price_minimum/)
    assert.equal(await tableExists(), false)
  })

  test('brings a new version to a table with rows', async () => {
    await migrate()
    await apply()
    await client.query("INSERT INTO shop_orders (id, price) VALUES ('a', 3)")
    write('1.1.0')
    await migrate()
    await apply()
    await refusedRow("INSERT INTO shop_orders (id, price, currency) VALUES ('b', 3, 'XYZ')", /currency_enum/)
    assert.deepEqual((await client.query('SELECT id, price, currency FROM shop_orders')).rows, [
      { id: 'a', price: '3', currency: null },
    ])
  })

  test('a push that the database refuses tells what is done, is resumed when it is mended', async () => {
    await migrate()
    await client.query('CREATE TABLE shop_orders (id text)')
    const error = await rejects(apply(), 'PUSH_INCOMPLETE')
    assert.match(error.message, /done: nothing\n {2}not done: database production public, producers producers\/ts/)
    assert.equal(existsSync(join(folder, 'producers/ts/shop-orders.ts')), false)
    await client.query('DROP TABLE shop_orders')
    await apply()
    assert.deepEqual(await pushStates(), ['done'])
    assert.equal(await tableExists(), true)
  })

  test('a push that stops at the producers is taken back, database and files', async () => {
    await migrate()
    writeFileSync(join(folder, 'producers'), 'a file where a folder has to be')
    const error = await rejects(apply(), 'PUSH_INCOMPLETE')
    assert.match(error.message, /done: database production public\n {2}not done: producers producers\/ts/)
    assert.equal(await tableExists(), true)
    rmSync(join(folder, 'producers'))
    assert.deepEqual(await undo(), [
      { target: 'producers producers/ts', undone: [], left: [] },
      { target: 'database production public', undone: ['shop.orders 1.0.0'], left: [] },
    ])
    assert.equal(await tableExists(), false)
    assert.deepEqual(await pushStates(), ['undone'])
    await rejects(undo(), 'PUSH_NOT_UNDONE')
    await apply()
    assert.deepEqual(await pushStates(), ['done', 'undone'])
    await rejects(undo(), 'PUSH_NOT_UNDONE')
  })

  test('taking back loses no rows', async () => {
    await migrate()
    writeFileSync(join(folder, 'producers'), '')
    await rejects(apply(), 'PUSH_INCOMPLETE')
    await client.query("INSERT INTO shop_orders (id, price) VALUES ('a', 3)")
    await rejects(undo(), 'PUSH_DATABASE_REFUSED')
    assert.equal((await client.query('SELECT FROM shop_orders')).rowCount, 1)
    await client.query('DELETE FROM shop_orders')
    await undo()
    assert.equal(await tableExists(), false)
  })

  test('while a push is half done, other versions cannot be pushed', async () => {
    await migrate()
    writeFileSync(join(folder, 'producers'), '')
    await rejects(apply(), 'PUSH_INCOMPLETE')
    write('1.1.0')
    await migrate()
    await rejects(apply(), 'PUSH_OPEN')
  })

  test('a table that was there before is altered, keeps its rows, key and own columns, and can be given back', async () => {
    await client.query(`CREATE TABLE shop_orders (id varchar(20) PRIMARY KEY, price double precision, note integer);
      CREATE TABLE reviews (shop_order varchar(20) REFERENCES shop_orders);
      INSERT INTO shop_orders VALUES ('a', 0.1, 7)`)
    const [schema] = databaseSchemas(await loadProject(folder))
    assert.deepEqual(
      (await writeBaselines(schema!)).map(({ topic }) => topic),
      ['shop.orders'],
    )
    await migrate()
    writeFileSync(join(folder, 'producers'), '')
    await rejects(apply(), 'PUSH_INCOMPLETE')
    await refusedRow("INSERT INTO shop_orders (id, price) VALUES ('b', -1)", /price_minimum/)
    const rows = async () => (await client.query('SELECT id, price::text, note FROM shop_orders')).rows
    assert.deepEqual(await rows(), [{ id: 'a', price: '0.1', note: 7 }])
    await undo()
    assert.deepEqual(await rows(), [{ id: 'a', price: '0.1', note: 7 }])
    const types = await client.query(
      "SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = 'shop_orders'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
    )
    assert.deepEqual(
      types.rows.map(({ type }) => type),
      ['character varying(20)', 'double precision', 'integer'],
    )
    rmSync(join(folder, 'producers'))
    await apply()
    assert.deepEqual(await pushStates(), ['done', 'undone'])
  })

  test('tells how a table that was changed by hand differs from its contract', async () => {
    await migrate()
    await apply()
    await client.query('ALTER TABLE shop_orders ALTER COLUMN price DROP NOT NULL, ADD COLUMN note text')
    const [plan] = (await apply({ planOnly: true })).pushes
    assert.deepEqual(plan?.kind === 'database' && plan.drift.map(({ part, message }) => [part, message]), [
      ['price', 'the column may be null, and must not'],
      ['note', 'the column is not of the contract'],
    ])
  })

  async function apply({ accept = false, ...options }: Partial<ApplyOptions> & { accept?: boolean } = {}) {
    const covenant = await openCovenant({ projectDir: folder, stateDir, durability: 'process' })
    try {
      return await covenant.apply({ planOnly: false, push: { accept }, ...options })
    } finally {
      await covenant.close()
    }
  }

  async function undo() {
    const covenant = await openCovenant({ projectDir: folder, stateDir, durability: 'process' })
    try {
      return await covenant.undoPush()
    } finally {
      await covenant.close()
    }
  }

  async function pushStates() {
    const covenant = await openCovenant({ projectDir: folder, stateDir, durability: 'process' })
    try {
      return (await covenant.stores.pushes.newest(9)).map(({ state }) => state)
    } finally {
      await covenant.close()
    }
  }

  async function migrate(): Promise<void> {
    const project = await loadProject(folder)
    for (const schema of databaseSchemas(project)) writeMigrations(planMigrations(schema), { force: false })
  }

  function write(version: '1.0.0' | '1.1.0'): void {
    writeFileSync(join(folder, 'contracts/readings.odcs.yaml'), orderContract(version))
  }

  async function tableExists(): Promise<boolean> {
    const { rows } = await client.query("SELECT to_regclass('public.shop_orders') IS NOT NULL AS found")
    return rows[0].found
  }

  async function refusedRow(sql: string, constraint: RegExp): Promise<void> {
    await assert.rejects(client.query(sql), constraint)
  }
})

function changesOf(plan: TargetPlan): number {
  return plan.kind === 'database' ? plan.pending.length : plan.files.length
}

async function rejects(promise: Promise<unknown>, code: string): Promise<CovenantError> {
  let found: unknown
  await assert.rejects(promise, (thrown) => {
    found = thrown
    return thrown instanceof CovenantError && thrown.code === code
  })
  return found as CovenantError
}
