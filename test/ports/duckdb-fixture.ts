import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDb, openDuckDb } from '../../src/adapters/embedded/duckdb.ts'

/** DuckDB over a state folder, with the extensions that `npm run setup` brought into this checkout. */
export function openTestDuckDb(state: string): Promise<DuckDb> {
  return openDuckDb({
    warehouseFile: join(state, 'warehouse.duckdb'),
    lakeCatalogFile: join(state, 'lake', 'catalog.sqlite'),
    lakeDataDir: join(state, 'lake', 'data'),
    extensionDirs: [join(import.meta.dirname, '..', '..', '.venv')],
    memoryLimitMiB: 300,
  })
}

/** A new state folder, and what removes it. */
export function temporaryState(): { readonly path: string; copy(): string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-state-'))
  const path = join(folder, 'state')
  return {
    path,
    copy() {
      const copied = join(folder, 'copied')
      cpSync(path, copied, { recursive: true })
      rmSync(path, { recursive: true })
      return copied
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
