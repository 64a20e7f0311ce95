import { runStoreSuite } from '../../../test/ports/run-store.ts'
import { migrateToLatest, openKysely } from '../../kernel/index.ts'
import { type RunTables, runMigrations, SqlRunStore } from './run-store.ts'

runStoreSuite('SQLite', async () => {
  const database = openKysely<RunTables>(':memory:')
  await migrateToLatest(database, 'runs_migrations', runMigrations)
  return new SqlRunStore(database)
})
