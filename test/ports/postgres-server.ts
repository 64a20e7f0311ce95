import { execFileSync, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'

/** A PostgreSQL server of its own, on a free port of this machine. */
export interface PostgresServer {
  readonly port: number
  /** Connection URL of the database `postgres`, as the user `covenant`, without a password. */
  readonly url: string
  /** Runs SQL with psql; throws what psql says. */
  sql(text: string): void
  stop(): void
}

/** Where Debian and PATH have the server's programs; `null` where PostgreSQL is not installed. */
function postgresPrograms(): string | null {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const found = versions.map((version) => join(debian, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')))
  if (found) return found
  const config = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' })
  const bin = config.stdout?.trim()
  return config.status === 0 && existsSync(join(bin, 'initdb')) ? bin : null
}

/**
 * Why tests that need PostgreSQL are left out on a developer's machine; `false` where they run. Continuous integration
 * installs it, so that there they fail rather than be left out.
 */
export const postgresSkip: string | false =
  postgresPrograms() === null && !process.env.CI ? 'PostgreSQL is not installed' : false

/** Starts a server in a folder that `stop` removes. PostgreSQL refuses to run as root: then it runs as `postgres`. */
export async function startPostgres(): Promise<PostgresServer> {
  const bin = postgresPrograms()
  if (bin === null) throw new Error('PostgreSQL is not installed. Debian: apt-get install postgresql')
  const folder = mkdtempSync(join(tmpdir(), 'covenant-postgres-'))
  const isRoot = process.getuid?.() === 0
  if (isRoot)
    chownSync(folder, Number(execFileSync('id', ['-u', 'postgres'])), Number(execFileSync('id', ['-g', 'postgres'])))
  const run = (program: string, args: readonly string[]) => {
    const command = [join(bin, program), ...args]
    const [first, ...rest] = isRoot ? ['runuser', '-u', 'postgres', '--', ...command] : command
    const done = spawnSync(first!, rest, { encoding: 'utf8', cwd: folder })
    if (done.status !== 0) throw new Error(`${program} ended with ${done.status}: ${done.stderr}${done.stdout}`)
  }
  const data = join(folder, 'data')
  const port = await freePort()
  run('initdb', ['-D', data, '-U', 'covenant', '-A', 'trust', '-E', 'UTF8', '--no-sync'])
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c fsync=off`
  run('pg_ctl', ['-D', data, '-w', '-l', join(folder, 'log'), '-o', options, 'start'])
  return {
    port,
    url: `postgres://covenant@127.0.0.1:${port}/postgres`,
    sql: (text) =>
      run('psql', [
        '-h',
        '127.0.0.1',
        '-p',
        String(port),
        '-U',
        'covenant',
        '-d',
        'postgres',
        '-v',
        'ON_ERROR_STOP=1',
        '-q',
        '-c',
        text,
      ]),
    stop: () => {
      run('pg_ctl', ['-D', data, '-m', 'immediate', '-w', 'stop'])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A Kysely builder on a database of its own, so that each caller sees an empty one. */
export async function openPostgres<Tables>({ url, sql }: PostgresServer, database: string): Promise<Kysely<Tables>> {
  sql(`CREATE DATABASE "${database}"`)
  const connectionString = url.replace(/[^/]*$/, database)
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString, max: 4 }) }) })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
