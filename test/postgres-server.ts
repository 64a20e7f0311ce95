import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'

/** A PostgreSQL of a test's own, on a free port; `stop` also removes its data. */
export interface PostgresServer {
  readonly url: string
  stop(): Promise<void>
}

const INSTALLED = '/usr/lib/postgresql'

/** Where PostgreSQL's programs are; `null` where this machine has none. */
export function postgresPrograms(): string | null {
  const versions = existsSync(INSTALLED) ? readdirSync(INSTALLED).sort().reverse() : []
  return (
    versions.map((version) => join(INSTALLED, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb'))) ?? null
  )
}

/** Starts a PostgreSQL with an empty database, without the syncs that a test does not need. */
export async function startPostgres(programs: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-postgres-'))
  // PostgreSQL refuses to run as root: then its own user runs it, which the package made.
  const isRoot = process.getuid?.() === 0
  const as = (program: string, args: readonly string[]): [string, string[]] =>
    isRoot
      ? ['runuser', ['-u', 'postgres', '--', join(programs, program), ...args]]
      : [join(programs, program), [...args]]
  if (isRoot)
    chownSync(folder, Number(execFileSync('id', ['-u', 'postgres'])), Number(execFileSync('id', ['-g', 'postgres'])))
  execFileSync(...as('initdb', ['-D', folder, '-U', 'covenant', '-A', 'trust', '-N', '-E', 'UTF8', '--no-locale']), {
    cwd: '/',
  })
  const port = await freePort()
  const flags = ['-D', folder, '-h', '127.0.0.1', '-p', String(port), '-k', folder, '-F']
  const server = spawn(...as('postgres', flags), { cwd: '/', stdio: 'ignore' })
  const url = `postgresql://covenant@127.0.0.1:${port}/postgres`
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  await answering(url)
  return {
    url,
    async stop() {
      execFileSync(...as('pg_ctl', ['-D', folder, '-m', 'immediate', 'stop']), { cwd: '/', stdio: 'ignore' })
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A Kysely builder on a database of its own, so that each caller sees an empty one. */
export async function openPostgres<Tables>(url: string, database: string): Promise<Kysely<Tables>> {
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  await admin.query(`CREATE DATABASE "${database}"`)
  await admin.end()
  const connectionString = url.replace(/[^/]*$/, database)
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString, max: 4 }) }) })
}

const TRIES_MAX = 300
const PAUSE_MS = 100

async function answering(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      return await client.end()
    } catch (thrown) {
      if (tries === TRIES_MAX) throw thrown
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { readonly port: number }
      server.close(() => resolve(port))
    })
  })
}
