import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { CovenantError, messageOf, quoteText } from '../../kernel/index.ts'
import type { DuckDbSession } from './duckdb-session.ts'

/**
 * Loads a DuckDB extension: the unpacked file of exactly this DuckDB's version where one of `dirs` holds it, else one
 * that is installed, else from DuckDB's own repository.
 */
export async function loadExtension(
  session: DuckDbSession,
  name: string,
  version: string,
  dirs: readonly string[],
): Promise<void> {
  const file = dirs.flatMap((dir) => candidates(dir, name, version)).find((path) => existsSync(path))
  const failures: unknown[] = []
  const attempts = [...(file ? [`LOAD ${quoteText(file)}`] : []), `LOAD ${name}`, `INSTALL ${name}; LOAD ${name}`]
  for (const statement of attempts) {
    try {
      return await session.run(statement)
    } catch (error) {
      failures.push(error)
    }
  }
  throw new CovenantError({
    code: 'LAKE_EXTENSION_MISSING',
    message: `DuckDB's extension ${name} ${version} could not be loaded: ${messageOf(failures[0])}`,
    where: file ?? (dirs.join(', ') || 'no folder of extensions was given'),
    remedy: `Install the Python package duckdb-extension-${name.replaceAll('_', '-')} ${version.replace(/^v/, '')} (npm run setup does), or let this machine reach extensions.duckdb.org.`,
    cause: failures.at(-1),
  })
}

/** Where a folder may hold the file: itself, a folder of Python packages, or a Python virtual environment. */
function candidates(dir: string, name: string, version: string): string[] {
  const file = `${name}.duckdb_extension`
  const inPackages = join(`duckdb_extension_${name}`, 'extensions', version, file)
  const libraries = join(dir, 'lib')
  const pythons = existsSync(libraries) ? readdirSync(libraries).map((python) => join(libraries, python)) : []
  const packages = [...pythons, join(dir, 'Lib')].map((library) => join(library, 'site-packages', inPackages))
  return [join(dir, version, file), join(dir, inPackages), ...packages]
}
