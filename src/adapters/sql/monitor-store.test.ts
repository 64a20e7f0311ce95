import { monitorStoreSuite } from '../../../test/ports/monitor-store.ts'
import { migrateToLatest, openKysely } from '../../kernel/index.ts'
import { type MonitorTables, monitorMigrations, SqlMonitorStore } from './monitor-store.ts'

monitorStoreSuite('SQL on SQLite', async () => {
  const database = openKysely<MonitorTables>(':memory:')
  await migrateToLatest(database, 'monitor_migrations', monitorMigrations)
  return new SqlMonitorStore(database)
})
