import { slaStoreSuite } from '../../../test/ports/sla-store.ts'
import { migrateToLatest, openKysely } from '../../kernel/index.ts'
import { type SlaTables, SqlSlaStore, slaMigrations } from './sla-store.ts'

slaStoreSuite('SQLite', async () => {
  const database = openKysely<SlaTables>(':memory:')
  await migrateToLatest(database, 'sla_migrations', slaMigrations)
  return new SqlSlaStore(database)
})
