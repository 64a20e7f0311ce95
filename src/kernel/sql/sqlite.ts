import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { Kysely, SqliteDatabase, SqliteStatement } from 'kysely'
import { CovenantError, messageOf } from '../errors.ts'
import { lazy } from '../lazy.ts'

const kysely = lazy<typeof import('kysely')>('kysely', import.meta.url)

/**
 * `full` syncs the disk at every commit: what was acknowledged survives a power cut.
 * `process` leaves that to the operating system: what was acknowledged survives the death of the process (SIGKILL).
 */
export type Durability = 'full' | 'process'

/** Opens (and creates) an SQLite file in WAL mode; its folder is made where it lacks. */
export function openSqliteFile(path: string, durability: Durability = 'full'): DatabaseSync {
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
    const database = new DatabaseSync(path, { timeout: 5_000 })
    database.exec('PRAGMA journal_mode = WAL')
    database.exec(`PRAGMA synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'}`)
    database.exec('PRAGMA foreign_keys = ON')
    return database
  } catch (cause) {
    throw new CovenantError({
      code: 'STATE_NOT_WRITABLE',
      message: `The state file cannot be opened for writing: ${messageOf(cause)}.`,
      where: path,
      remedy: 'Give a folder that you may write to with --state DIR.',
      cause,
    })
  }
}

/** A Kysely query builder over an SQLite file. Queries on one builder run one after the other. */
export function openKysely<Tables>(path: string, durability: Durability = 'full'): Kysely<Tables> {
  const { Kysely, SqliteDialect } = kysely()
  return new Kysely<Tables>({
    dialect: new SqliteDialect({ database: asKyselyDatabase(openSqliteFile(path, durability)) }),
  })
}

/** Kysely expects the shape of better-sqlite3; `node:sqlite` differs in how a statement tells that it returns rows. */
function asKyselyDatabase(database: DatabaseSync): SqliteDatabase {
  return {
    prepare: (sql) => asKyselyStatement(database.prepare(sql)),
    close: () => database.close(),
  }
}

function asKyselyStatement(statement: StatementSync): SqliteStatement {
  const bound = (parameters: ReadonlyArray<unknown>) => parameters as SQLInputValue[]
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...bound(parameters)),
    run: (parameters) => statement.run(...bound(parameters)),
    iterate: (parameters) => statement.iterate(...bound(parameters)),
  }
}
