import { registryStoreSuite } from '../../../test/ports/registry-store.ts'
import { migrateToLatest, openKysely } from '../../kernel/index.ts'
import { type RegistryTables, registryMigrations, SqlRegistryStore } from './registry-store.ts'

registryStoreSuite('SQLite', async () => {
  const database = openKysely<RegistryTables>(':memory:')
  await migrateToLatest(database, 'registry_migrations', registryMigrations)
  return new SqlRegistryStore(database)
})
