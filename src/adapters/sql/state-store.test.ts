import assert from 'node:assert/strict'
import { it } from 'node:test'
import { migrateToLatest, openKysely } from '../../kernel/index.ts'
import { SqlStateStore, type StateTables, stateMigrations } from './state-store.ts'

it('a state store remembers the last value of each name', async () => {
  const database = openKysely<StateTables>(':memory:')
  await migrateToLatest(database, 'state_migrations', stateMigrations)
  const store = new SqlStateStore(database)
  assert.equal(await store.get('replay/position'), undefined)
  await store.set('replay/position', '1')
  await store.set('replay/position', '2')
  await store.set('job/audit', '')
  assert.equal(await store.get('replay/position'), '2')
  assert.equal(await store.get('job/audit'), '')
})
