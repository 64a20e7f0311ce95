import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { CovenantError, quoteText } from '../../kernel/index.ts'
import type { SqlEngine, SqlParameter, SqlRow } from '../../lake/ports.ts'
import type { DuckDbSession } from './duckdb-session.ts'

/** Runs a section of statements: at once within a transaction, otherwise when the session is free. */
type Section = <T>(body: () => Promise<T>) => Promise<T>

/** `SqlEngine` on DuckDB. Calls run one after the other, in the order they were made. */
export class DuckDbEngine implements SqlEngine {
  readonly #session: DuckDbSession
  readonly #section: Section
  readonly #inTransaction: boolean

  constructor(session: DuckDbSession, section: Section = (body) => session.exclusive(body), inTransaction = false) {
    this.#session = session
    this.#section = section
    this.#inTransaction = inTransaction
  }

  query(sql: string, parameters: readonly SqlParameter[] = []): Promise<readonly SqlRow[]> {
    return this.#section(() => this.#session.rows(sql, parameters))
  }

  execute(sql: string): Promise<void> {
    return this.#section(() => this.#session.run(sql))
  }

  /**
   * Within `body` use the engine that it is handed: a call of the outer engine would wait for the transaction that
   * waits for it. A transaction within a transaction is part of it.
   */
  transaction<T>(body: (engine: SqlEngine) => Promise<T>): Promise<T> {
    if (this.#inTransaction) return body(this)
    return this.#section(async () => {
      let ended = false
      const within: Section = (statements) => (ended ? Promise.reject(transactionEnded()) : statements())
      try {
        return await this.#session.transaction(() => body(new DuckDbEngine(this.#session, within, true)))
      } finally {
        ended = true
      }
    })
  }

  /** The file appears under its name when it is complete: it is written beside it and renamed. */
  writeParquet(sql: string, path: string): Promise<number> {
    return this.#section(async () => {
      const partial = `${path}.partial`
      mkdirSync(dirname(path), { recursive: true })
      try {
        const query = sql.trim().replace(/;$/, '')
        const [copied] = await this.#session.rows(`COPY (${query}\n) TO ${quoteText(partial)} (FORMAT parquet)`)
        renameSync(partial, path)
        return Number(copied!.Count)
      } catch (error) {
        rmSync(partial, { force: true })
        throw error
      }
    })
  }
}

function transactionEnded(): CovenantError {
  return new CovenantError({
    code: 'LAKE_TRANSACTION_ENDED',
    message: 'A statement was sent through the engine of a transaction that has ended.',
    remedy: 'Await every statement inside the body of the transaction.',
  })
}
