import type { DuckDBConnection, DuckDBMaterializedResult, DuckDBType } from '@duckdb/node-api'
import { CovenantError, Mutex, messageOf } from '../../kernel/index.ts'
import type { SqlParameter, SqlRow } from '../../lake/ports.ts'
import { parameterType, parameterValue, toSqlValue } from './duckdb-values.ts'

/**
 * One DuckDB connection, used by one caller at a time. Everything on this machine that speaks to DuckDB (engine, lake)
 * goes through one session, so that a transaction of one never mixes with a statement of the other.
 */
export class DuckDbSession {
  readonly #connection: DuckDBConnection
  readonly #mutex = new Mutex()

  constructor(connection: DuckDBConnection) {
    this.#connection = connection
  }

  /** Runs `section` while no other section runs. Statements are sent only from within a section. */
  exclusive<T>(section: () => Promise<T>): Promise<T> {
    return this.#mutex.run(section)
  }

  /** Runs `body` in one DuckDB transaction; what it throws rolls everything back. Call it from within a section. */
  async transaction<T>(body: () => Promise<T>): Promise<T> {
    await this.run('BEGIN')
    try {
      const result = await body()
      await this.run('COMMIT')
      return result
    } catch (error) {
      // A failed COMMIT has rolled back already; then there is no transaction to end.
      await this.#connection.run('ROLLBACK').catch(() => undefined)
      throw error
    }
  }

  /** Runs one or several statements (one, where there are parameters); their results are dropped. */
  async run(sql: string, parameters: readonly SqlParameter[] = []): Promise<void> {
    if (parameters.length > 0) await this.#runOne(sql, parameters)
    else await this.#guarded(sql, () => this.#connection.run(sql))
  }

  /** The result of one statement: text that smuggles a second one in is refused. */
  async rows(sql: string, parameters: readonly SqlParameter[] = []): Promise<readonly SqlRow[]> {
    const result = await this.#runOne(sql, parameters)
    const names = result.deduplicatedColumnNames()
    const rows = await result.getRows()
    return rows.map((values) => {
      const row: Record<string, SqlRow[string]> = {}
      for (let index = 0; index < names.length; index++) row[names[index]!] = toSqlValue(values[index]!)
      return row
    })
  }

  disconnect(): void {
    this.#connection.closeSync()
  }

  #runOne(sql: string, parameters: readonly SqlParameter[]): Promise<DuckDBMaterializedResult> {
    return this.#guarded(sql, async () => {
      const prepared = await this.#connection.prepare(sql)
      try {
        prepared.bind(parameters.map(parameterValue), parameters.map(parameterType) as DuckDBType[])
        return await prepared.run()
      } finally {
        prepared.destroySync()
      }
    })
  }

  async #guarded<T>(sql: string, send: () => Promise<T>): Promise<T> {
    try {
      return await send()
    } catch (cause) {
      throw sqlError(cause, sql)
    }
  }
}

/** DuckDB's message without its drawing of the SQL text, and the beginning of the statement. */
function sqlError(cause: unknown, sql: string): CovenantError {
  const message = messageOf(cause)
  const [text, line] = message.split(/\n\s*\nLINE (\d+):/)
  const words = text!
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim()
    .replace(/[.!]$/, '')
  const sentence = line === undefined ? `${words}.` : `${words} (line ${line}).`
  const outOfMemory = message.startsWith('Out of Memory')
  return new CovenantError({
    code: outOfMemory ? 'LAKE_OUT_OF_MEMORY' : 'LAKE_SQL_FAILED',
    message: `DuckDB refused a statement. ${sentence}`,
    where: excerpt(sql),
    remedy: outOfMemory
      ? 'Select fewer rows or columns, or raise the memory limit of the DuckDB adapter.'
      : 'Correct the SQL; its dialect is DuckDB.',
    cause,
  })
}

function excerpt(sql: string): string {
  const line = sql.replaceAll(/\s+/g, ' ').trim()
  return line.length > 160 ? `${line.slice(0, 159)}…` : line
}
