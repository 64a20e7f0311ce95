import { lineageStoreSuite } from '../../../test/ports/lineage-store.ts'
import { migrateToLatest, openKysely } from '../../kernel/index.ts'
import { type LineageTables, lineageMigrations, SqlLineageStore } from './lineage-store.ts'

lineageStoreSuite('SQLite', async () => {
  const database = openKysely<LineageTables>(':memory:')
  await migrateToLatest(database, 'lineage_migrations', lineageMigrations)
  return new SqlLineageStore(database)
})
