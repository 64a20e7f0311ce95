import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CovenantError, messageOf } from '../kernel/index.ts'

/** Held while a process works on a state folder; the operating system gives it back when the process dies. */
export interface StateLock {
  release(): void
}

/** SQLite's primary result code for a lock that somebody else holds (https://sqlite.org/rescode.html#busy). */
const SQLITE_BUSY = 5

/**
 * Takes the state folder for this process; makes the folder where it lacks. The lock is an SQLite lock on `lock.db`:
 * unlike a file with a process id in it, it cannot be left behind by a process that was killed.
 *
 * Throws `STATE_IN_USE` (retryable) and `STATE_NOT_WRITABLE`.
 */
export function lockState(stateDir: string): StateLock {
  let database: DatabaseSync | undefined
  try {
    makeFolder(stateDir)
    database = new DatabaseSync(join(stateDir, 'lock.db'), { timeout: 0 })
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS holder (pid INTEGER)')
    const held = database
    return { release: () => held.close() }
  } catch (cause) {
    database?.close()
    throw isBusy(cause) ? inUse(stateDir, cause) : notWritable(stateDir, cause)
  }
}

/** Level by level: `mkdirSync` with `recursive` never returns where a file system refuses with ENOENT, as /proc does. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  try {
    mkdirSync(folder)
  } catch (thrown) {
    if (!existsSync(folder)) throw thrown
  }
}

function isBusy(thrown: unknown): boolean {
  const code = (thrown as { errcode?: number }).errcode
  return code !== undefined && (code & 0xff) === SQLITE_BUSY
}

function inUse(stateDir: string, cause: unknown): CovenantError {
  return new CovenantError({
    code: 'STATE_IN_USE',
    message: 'Another Covenant process works on this state folder.',
    where: stateDir,
    remedy: 'Wait for it or stop it, ask it over HTTP, or use another folder with --state DIR.',
    retryable: true,
    cause,
  })
}

function notWritable(stateDir: string, cause: unknown): CovenantError {
  return new CovenantError({
    code: 'STATE_NOT_WRITABLE',
    message: `The state folder cannot be written: ${messageOf(cause)}.`,
    where: stateDir,
    remedy: 'Give a folder that you may write to with --state DIR.',
    cause,
  })
}
