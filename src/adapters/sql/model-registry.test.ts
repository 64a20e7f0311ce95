import { modelRegistrySuite } from '../../../test/ports/model-registry.ts'
import { migrateToLatest, openKysely } from '../../kernel/index.ts'
import { type ModelRegistryTables, modelRegistryMigrations, SqlModelRegistry } from './model-registry.ts'

modelRegistrySuite('SQLite', async () => {
  const database = openKysely<ModelRegistryTables>(':memory:')
  await migrateToLatest(database, 'models_migrations', modelRegistryMigrations)
  return new SqlModelRegistry(database)
})
