import { availableParallelism } from 'node:os'
import { DuckDBInstance, version } from '@duckdb/node-api'
import type { SqlEngine } from '../../lake/ports.ts'
import { DuckDbEngine } from './duckdb-engine.ts'
import { loadExtension } from './duckdb-extensions.ts'
import { DuckDbSession } from './duckdb-session.ts'

export interface DataEngineOptions {
  /** Extensions that the data needs, e.g. `postgres_scanner`. */
  readonly extensions?: readonly string[]
  readonly extensionDirs: readonly string[]
  /** Statements that make the data readable: secrets, `ATTACH … (READ_ONLY)`. */
  readonly statements?: readonly string[]
}

export interface DataEngine {
  readonly engine: SqlEngine
  close(): Promise<void>
}

/**
 * DuckDB in memory, to read data that lies elsewhere. It is as cold as it can be: no lake, no extension that the data
 * does not need.
 *
 * @example const { engine, close } = await openDataEngine({ extensionDirs: [] })
 */
export async function openDataEngine(options: DataEngineOptions): Promise<DataEngine> {
  const { extensions = [], extensionDirs, statements = [] } = options
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(availableParallelism()),
    autoinstall_known_extensions: 'false',
  })
  const session = new DuckDbSession(await instance.connect())
  const close = async () => {
    session.disconnect()
    instance.closeSync()
  }
  try {
    await session.run("SET TimeZone = 'UTC'")
    for (const name of extensions) await loadExtension(session, name, version(), extensionDirs)
    for (const statement of statements) await session.run(statement)
    return { engine: new DuckDbEngine(session), close }
  } catch (error) {
    await close()
    throw error
  }
}
