import { pushStoreSuite } from '../../../test/ports/push-store.ts'
import { migrateToLatest, openKysely } from '../../kernel/index.ts'
import { type PushTables, pushMigrations, SqlPushStore } from './push-store.ts'

pushStoreSuite('SQLite', async () => {
  const database = openKysely<PushTables>(':memory:')
  await migrateToLatest(database, 'push_migrations', pushMigrations)
  return new SqlPushStore(database)
})
