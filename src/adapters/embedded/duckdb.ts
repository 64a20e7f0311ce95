import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DuckDBInstance, version } from '@duckdb/node-api'
import { CovenantError, messageOf, quoteText } from '../../kernel/index.ts'
import type { LakeStore, SqlEngine } from '../../lake/ports.ts'
import { DuckDbEngine } from './duckdb-engine.ts'
import { loadExtension } from './duckdb-extensions.ts'
import { DuckDbSession } from './duckdb-session.ts'
import { DuckLake } from './ducklake.ts'

export interface DuckDbOptions {
  /** DuckDB file of the warehouse, attached as `warehouse`. */
  readonly warehouseFile: string
  /** SQLite file of the DuckLake catalog, attached as `lake`. Nothing else may open it. */
  readonly lakeCatalogFile: string
  /** Folder of the lake's Parquet files. */
  readonly lakeDataDir: string
  /** Folders with unpacked extensions: Python virtual environments, `site-packages`, or `<version>/<file>` folders. */
  readonly extensionDirs: readonly string[]
  readonly memoryLimitMiB?: number
  readonly threads?: number
}

export interface DuckDb {
  readonly engine: SqlEngine
  readonly lake: LakeStore
  close(): Promise<void>
}

/**
 * Opens lake and warehouse in one DuckDB instance, creating what lacks. Spilled data goes to `duckdb-temp` beside the
 * warehouse file. After the death of the process at any moment the same call finds the last committed state.
 *
 * @example
 * const duckdb = await openDuckDb({ warehouseFile: 'state/warehouse.duckdb', lakeCatalogFile: 'state/lake/catalog.sqlite',
 *   lakeDataDir: 'state/lake/data', extensionDirs: ['.venv'] })
 * await duckdb.engine.query('SELECT 1 AS one') // [{ one: 1 }]
 */
export async function openDuckDb(options: DuckDbOptions): Promise<DuckDb> {
  makeFolders(options)
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(options.threads ?? 2),
    memory_limit: `${options.memoryLimitMiB ?? 700}MiB`,
    temp_directory: join(dirname(options.warehouseFile), 'duckdb-temp'),
    autoinstall_known_extensions: 'false',
    // Small commits every few seconds: a checkpoint for each 16 MiB of them would take longer than they do.
    checkpoint_threshold: '64MiB',
  })
  const session = new DuckDbSession(await instance.connect())
  const close = () => closeAll(session, instance)
  try {
    for (const name of ['sqlite_scanner', 'ducklake'])
      await loadExtension(session, name, version(), options.extensionDirs)
    await session.run("SET TimeZone = 'UTC'")
    await attach(session, options)
    return { engine: new DuckDbEngine(session), lake: await DuckLake.open(session), close }
  } catch (error) {
    await close()
    throw error
  }
}

function makeFolders(options: DuckDbOptions): void {
  for (const folder of [dirname(options.warehouseFile), dirname(options.lakeCatalogFile), options.lakeDataDir])
    try {
      mkdirSync(folder, { recursive: true })
    } catch (cause) {
      throw new CovenantError({
        code: 'STATE_NOT_WRITABLE',
        message: `The state folder cannot be written: ${messageOf(cause)}.`,
        where: folder,
        remedy: 'Give a folder that you may write to with --state DIR.',
        cause,
      })
    }
}

async function attach(session: DuckDbSession, options: DuckDbOptions): Promise<void> {
  // The catalog remembers an absolute data path: a state folder that was moved or copied must open all the same.
  const lakeOptions = `DATA_PATH ${quoteText(options.lakeDataDir)}, OVERRIDE_DATA_PATH true, DATA_INLINING_ROW_LIMIT 0`
  const attachments = [
    [options.warehouseFile, `ATTACH ${quoteText(options.warehouseFile)} AS warehouse`],
    [
      options.lakeCatalogFile,
      `ATTACH ${quoteText(`ducklake:sqlite:${options.lakeCatalogFile}`)} AS lake (${lakeOptions})`,
    ],
  ] as const
  for (const [file, statement] of attachments)
    try {
      await session.run(statement)
    } catch (error) {
      throw attachError(error, file)
    }
}

function attachError(error: unknown, file: string): CovenantError {
  const message = messageOf(error)
  const locked = /lock/i.test(message)
  return new CovenantError({
    code: locked ? 'LAKE_STATE_LOCKED' : 'LAKE_OPEN_FAILED',
    message: locked ? 'Another process has the warehouse or the lake open.' : `The file cannot be opened. ${message}`,
    where: file,
    remedy: locked
      ? 'Stop that process, or give another folder with --state DIR.'
      : 'Give a folder that you may write to with --state DIR, or restore the file from a copy.',
    retryable: locked,
    cause: error,
  })
}

/** Detaching writes the warehouse's log into its file. */
async function closeAll(session: DuckDbSession, instance: DuckDBInstance): Promise<void> {
  await session.exclusive(async () => {
    for (const database of ['lake', 'warehouse']) await session.run(`DETACH DATABASE IF EXISTS ${database}`)
  })
  session.disconnect()
  instance.closeSync()
}
