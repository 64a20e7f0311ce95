import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CovenantError, messageOf } from '../kernel/index.ts'

/** Held while a process works on a state folder; the operating system gives it back when the process dies. */
export interface StateLock {
  release(): void
}

/**
 * Takes the state folder for this process. The lock is an SQLite lock on `lock.db`: unlike a file with a process id in
 * it, it cannot be left behind by a process that was killed.
 *
 * Throws `STATE_IN_USE` (retryable) and `STATE_NOT_WRITABLE`.
 */
export function lockState(stateDir: string): StateLock {
  const database = openLockFile(stateDir)
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    database.exec('BEGIN EXCLUSIVE')
    database.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER)')
    return { release: () => database.close() }
  } catch (cause) {
    database.close()
    throw new CovenantError({
      code: 'STATE_IN_USE',
      message: 'Another Covenant process works on this state folder.',
      where: stateDir,
      remedy: 'Wait for it or stop it, ask it over HTTP, or use another folder with --state DIR.',
      retryable: true,
      cause,
    })
  }
}

function openLockFile(stateDir: string): DatabaseSync {
  try {
    mkdirSync(stateDir, { recursive: true })
    const database = new DatabaseSync(join(stateDir, 'lock.db'), { timeout: 0 })
    database.exec('PRAGMA user_version')
    return database
  } catch (cause) {
    throw new CovenantError({
      code: 'STATE_NOT_WRITABLE',
      message: `The state folder cannot be written: ${messageOf(cause)}.`,
      where: stateDir,
      remedy: 'Give a folder that you may write to with --state DIR.',
      cause,
    })
  }
}
