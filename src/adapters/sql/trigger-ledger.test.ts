import { triggerLedgerSuite } from '../../../test/ports/trigger-ledger.ts'
import { migrateToLatest, openKysely } from '../../kernel/index.ts'
import { SqlTriggerLedger, type TriggerTables, triggerMigrations } from './trigger-ledger.ts'

triggerLedgerSuite('SQL on SQLite', async () => {
  const database = openKysely<TriggerTables>(':memory:')
  await migrateToLatest(database, 'trigger_migrations', triggerMigrations)
  return new SqlTriggerLedger(database)
})
