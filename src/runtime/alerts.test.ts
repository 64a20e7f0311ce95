import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type MonitorTables, monitorMigrations, SqlMonitorStore } from '../adapters/sql/monitor-store.ts'
import { EventBus, migrateToLatest, openKysely } from '../kernel/index.ts'
import type { Incident } from '../sla/index.ts'
import { alertOnIncidents } from './alerts.ts'

async function listening() {
  const database = openKysely<MonitorTables>(':memory:')
  await migrateToLatest(database, 'monitor_migrations', monitorMigrations)
  const store = new SqlMonitorStore(database)
  const events = new EventBus()
  alertOnIncidents(events, store)
  const tell = (incident: Incident) => events.emit('sla.incident', { incident })
  return { store, tell }
}

test('an incident raises one alert, told once or often, and its end resolves it', async () => {
  const { store, tell } = await listening()
  const incident = incidentOf('flights', 200)
  for (let time = 0; time < 3; time++) await tell(incident)
  const [raised, ...others] = await store.alerts()
  assert.deepEqual(others, [])
  assert.deepEqual([raised!.raisedAt, raised!.resolvedAt, raised!.subject], [200, null, 'flights'])
  assert.equal(raised!.message, 'Publication of flights is held: latency is 27 h, expected ≤ 4 h old.')
  for (let time = 0; time < 3; time++) await tell({ ...incident, resolvedAt: 400 })
  assert.deepEqual(await store.alerts(), [{ ...raised!, resolvedAt: 400 }])
})

test('each incident of each contract is an alert of its own', async () => {
  const { store, tell } = await listening()
  await tell(incidentOf('flights', 100))
  await tell(incidentOf('weather', 100))
  await tell({ ...incidentOf('flights', 100), resolvedAt: 200 })
  await tell(incidentOf('flights', 300))
  assert.deepEqual(
    (await store.alerts()).map(({ subject, raisedAt, resolvedAt }) => [subject, raisedAt, resolvedAt]).sort(),
    [
      ['flights', 100, 200],
      ['flights', 300, null],
      ['weather', 100, null],
    ],
  )
})

function incidentOf(contractId: string, detectedAt: number): Incident {
  return {
    ...{ id: `${contractId}-${detectedAt}`, contractId, cause: 'audit', startedAt: 50, detectedAt },
    message: `Publication of ${contractId} is held: latency is 27 h, expected ≤ 4 h old.`,
    ...{ notifiedAt: null, resolvedAt: null },
  }
}
