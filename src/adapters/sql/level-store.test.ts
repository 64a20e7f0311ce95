import { levelStoreSuite } from '../../../test/ports/level-store.ts'
import { migrateToLatest, openKysely } from '../../kernel/index.ts'
import { type LevelTables, levelMigrations, SqlLevelStore } from './level-store.ts'

levelStoreSuite('SQLite', async () => {
  const database = openKysely<LevelTables>(':memory:')
  await migrateToLatest(database, 'level_migrations', levelMigrations)
  return new SqlLevelStore(database)
})
