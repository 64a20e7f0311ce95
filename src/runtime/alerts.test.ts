import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type MonitorTables, monitorMigrations, SqlMonitorStore } from '../adapters/sql/monitor-store.ts'
import { EventBus, migrateToLatest, openKysely } from '../kernel/index.ts'
import type { Audit, CheckResult, Publication } from '../sla/index.ts'
import { alertOnBreaches } from './alerts.ts'

const LATE: CheckResult = {
  ...{ checkId: 'latency', dimension: 'timeliness', severity: 'error', observed: 97_200_000, expected: '≤ 4 h old' },
  passed: false,
}

async function listening() {
  const database = openKysely<MonitorTables>(':memory:')
  await migrateToLatest(database, 'monitor_migrations', monitorMigrations)
  const store = new SqlMonitorStore(database)
  const events = new EventBus()
  alertOnBreaches(events, store)
  /** An audit at `at`; publication is held since `heldSince`. */
  const tell = (contractId: string, at: number, heldSince: number | null) =>
    events.emit('sla.audited', {
      audit: auditAt(contractId, at, heldSince !== null),
      publication: publicationOf(contractId, heldSince),
    })
  return { store, tell }
}

test('a breach raises one alert, told once or often, and its end resolves it once', async () => {
  const { store, tell } = await listening()
  await tell('flights', 100, null)
  assert.deepEqual(await store.alerts(), [])
  for (const at of [200, 200, 300]) await tell('flights', at, 200)
  const [raised, ...others] = await store.alerts()
  assert.deepEqual(others, [])
  assert.deepEqual([raised!.raisedAt, raised!.resolvedAt, raised!.subject], [200, null, 'flights'])
  assert.equal(raised!.message, 'Publication of flights is held: latency is 27 h, expected ≤ 4 h old.')
  for (const at of [400, 400, 500]) await tell('flights', at, null)
  assert.deepEqual(await store.alerts(), [{ ...raised!, resolvedAt: 400 }])
})

test('each breach of each contract is an alert of its own', async () => {
  const { store, tell } = await listening()
  await tell('flights', 100, 100)
  await tell('weather', 100, 100)
  await tell('flights', 200, null)
  await tell('flights', 300, 300)
  assert.deepEqual(
    (await store.alerts()).map(({ subject, raisedAt, resolvedAt }) => [subject, raisedAt, resolvedAt]).sort(),
    [
      ['flights', 100, 200],
      ['flights', 300, null],
      ['weather', 100, null],
    ],
  )
})

function auditAt(contractId: string, auditedAt: number, held: boolean): Audit {
  return {
    ...{ id: `${contractId}-${auditedAt}`, contractId, contractVersion: '1.0.0', table: contractId },
    ...{ afterSnapshotId: 1, snapshotId: 2, auditedAt, rows: 3, outcome: held ? 'held' : 'passed' },
    checks: held ? [LATE, { ...LATE, checkId: 'late', severity: 'warning' }, { ...LATE, passed: true }] : [],
  }
}

function publicationOf(contractId: string, heldSince: number | null): Publication {
  return { contractId, table: contractId, snapshotId: 2, publishedAt: 50, heldSince }
}
