import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { connectPostgres } from '../../../test/ports/postgres-client.ts'
import { type PostgresServer, postgresSkip, startPostgres } from '../../../test/ports/postgres-server.ts'
import { pushProject } from '../../../test/push-project.ts'
import { CovenantError } from '../../kernel/index.ts'
import { openCovenant } from '../covenant.ts'
import { loadProject } from '../project.ts'
import { planMigrations, writeMigrations } from './migrations.ts'
import { databaseSchemas } from './targets.ts'

/** Without PostgreSQL on the machine a developer's run leaves this out; continuous integration installs it. */
const skip = postgresSkip
const victim = join(import.meta.dirname, '../../../test/push-victim.ts')

let server: PostgresServer
before(async () => {
  if (skip === false) server = await startPostgres()
  process.env.PGUSER = 'covenant'
})
after(() => server?.stop())

/** A push has 15 events; a blow comes at one of them from within, or some microseconds after it from outside. */
const blows = fc.array(fc.record({ event: fc.nat(15), fromOutside: fc.boolean(), delayUs: fc.nat(30_000) }), {
  minLength: 1,
  maxLength: 3,
})

test('a push killed at any moment is resumed to the same end, or taken back', { skip, timeout: 300_000 }, async () => {
  let databases = 0
  await fc.assert(
    fc.asyncProperty(blows, fc.boolean(), async (kills, undo) => {
      const database = `shop_${databases++}`
      server.sql(`CREATE DATABASE ${database}`)
      Object.assign(process.env, { SHOP_PORT: String(server.port), SHOP_DATABASE: database })
      const folder = pushProject()
      const stateDir = mkdtempSync(join(tmpdir(), 'covenant-push-'))
      try {
        for (const schema of databaseSchemas(await loadProject(folder)))
          writeMigrations(planMigrations(schema), { force: false })
        for (const kill of kills) await push(folder, stateDir, kill)
        if (undo && (await takenBack(folder, stateDir))) {
          assert.deepEqual(await stateOf(folder, stateDir, database), NOTHING)
          assert.deepEqual(await ledger(folder, stateDir), ['undone'])
        }
        await apply(folder, stateDir)
        assert.deepEqual(await stateOf(folder, stateDir, database), EVERYTHING)
        assert.equal((await ledger(folder, stateDir))[0], 'done')
      } finally {
        for (const each of [folder, stateDir]) rmSync(each, { recursive: true, force: true })
      }
    }),
    { numRuns: 6 },
  )
})

const NOTHING = { tables: [], migrations: [], typescript: [], python: [], registered: [] }
const EVERYTHING = {
  tables: ['covenant_migrations', 'shop_orders'],
  migrations: ['1.0.0'],
  typescript: ['shop-orders.ts'],
  python: ['shop_orders.py'],
  registered: ['1.0.0'],
}

async function push(
  folder: string,
  stateDir: string,
  { event, fromOutside, delayUs }: { event: number; fromOutside: boolean; delayUs: number },
): Promise<void> {
  const child = spawn(
    process.execPath,
    ['--conditions=covenant-source', victim, folder, stateDir, String(fromOutside ? -1 : event)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let dots = 0
  child.stdout.on('data', (chunk: Buffer) => {
    dots += chunk.length
    if (!fromOutside || dots <= event) return
    // The child goes on meanwhile, in the middle of a transaction or of a file.
    const until = process.hrtime.bigint() + BigInt(delayUs) * 1_000n
    while (process.hrtime.bigint() < until);
    child.kill('SIGKILL')
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  assert.ok(signal === 'SIGKILL' || code === 0, `${code} ${signal}`)
}

async function apply(folder: string, stateDir: string): Promise<void> {
  const covenant = await openCovenant({ projectDir: folder, stateDir, durability: 'process' })
  try {
    await covenant.apply({ planOnly: false, push: { accept: false } })
  } finally {
    await covenant.close()
  }
}

/** False where the push is registered, or was done: then there is nothing that could be taken back. */
async function takenBack(folder: string, stateDir: string): Promise<boolean> {
  const covenant = await openCovenant({ projectDir: folder, stateDir, durability: 'process' })
  try {
    await covenant.undoPush()
    return true
  } catch (thrown) {
    assert.ok(thrown instanceof CovenantError && thrown.code === 'PUSH_NOT_UNDONE', String(thrown))
    return false
  } finally {
    await covenant.close()
  }
}

async function ledger(folder: string, stateDir: string): Promise<readonly string[]> {
  const covenant = await openCovenant({ projectDir: folder, stateDir, durability: 'process' })
  try {
    return (await covenant.stores.pushes.newest(9)).map(({ state }) => state)
  } finally {
    await covenant.close()
  }
}

/** What can be seen from outside: tables that hold something, files, versions. */
async function stateOf(folder: string, stateDir: string, database: string) {
  const client = await connectPostgres(server.url.replace(/[^/]*$/, database))
  const tables = await client.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
  const isThere = tables.rows.some(({ tablename }) => tablename === 'covenant_migrations')
  const migrations = isThere ? (await client.query('SELECT version FROM covenant_migrations')).rows : []
  await client.end()
  const covenant = await openCovenant({ projectDir: folder, stateDir, durability: 'process' })
  const registered = await covenant.registry.versions('shop.orders')
  await covenant.close()
  const names = tables.rows.map(({ tablename }) => tablename as string)
  return {
    tables: migrations.length === 0 ? names.filter((name) => name !== 'covenant_migrations') : names,
    migrations: migrations.map(({ version }) => version as string),
    typescript: filesOf(join(folder, 'producers/ts')),
    python: filesOf(join(folder, 'producers/py')),
    registered: registered.map(({ contract }) => contract.version),
  }
}

function filesOf(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : []
}
