import { join } from 'node:path'
import { EmbeddedArtifactStore } from '../adapters/embedded/artifact-store.ts'
import { EmbeddedOnlineStore } from '../adapters/embedded/online-store.ts'
import { EmbeddedTopicLog } from '../adapters/embedded/topic-log.ts'
import type { Durability } from '../kernel/index.ts'
import type { LakeStore, SqlEngine } from '../lake/index.ts'
import { duckDbExtensionFolders } from './installation.ts'
import { openMetadataDatabase } from './metadata-database.ts'

export interface StateOptions {
  readonly stateDir: string
  readonly durability?: Durability
}

/** The transactional stores of a state folder: cheap to open, and readable while another process writes. */
export type Stores = Awaited<ReturnType<typeof openStores>>

/** Opens the log, the online store and the metadata of a state folder; creates what is not there. */
export async function openStores({ stateDir, durability = 'full' }: StateOptions) {
  const metadata = await openMetadataDatabase(join(stateDir, 'metadata.db'), durability)
  const log = new EmbeddedTopicLog(join(stateDir, 'topics.db'), durability)
  const online = new EmbeddedOnlineStore(join(stateDir, 'online.db'))
  const artifacts = new EmbeddedArtifactStore(join(stateDir, 'artifacts'))
  return {
    ...metadata,
    log,
    online,
    artifacts,
    async close() {
      await log.close()
      await online.close()
      await metadata.closeMetadata()
    },
  }
}

/** The analytical side of a state folder: one process at a time may have it open. */
export interface Analytics {
  readonly engine: SqlEngine
  readonly lake: LakeStore
  close(): Promise<void>
}

export async function openAnalytics(stateDir: string): Promise<Analytics> {
  // Loaded here, because most verbs of the command line open the stores alone.
  const { openDuckDb } = await import('../adapters/embedded/duckdb.ts')
  return openDuckDb({
    warehouseFile: join(stateDir, 'warehouse.duckdb'),
    lakeCatalogFile: join(stateDir, 'lake', 'catalog.sqlite'),
    lakeDataDir: join(stateDir, 'lake', 'data'),
    extensionDirs: duckDbExtensionFolders(),
  })
}
