import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type LineageTables, lineageMigrations, SqlLineageStore } from '../adapters/sql/lineage-store.ts'
import { EventBus, migrateToLatest, openKysely } from '../kernel/index.ts'
import { edge, type LineageEdge, modelNode, runNode } from './index.ts'
import { recordLineage } from './run.ts'

describe('lineage from events', () => {
  const open = async () => {
    const database = openKysely<LineageTables>(':memory:')
    await migrateToLatest(database, 'lineage_migrations', lineageMigrations)
    const store = new SqlLineageStore(database)
    const events = new EventBus()
    return { store, events, lineage: recordLineage(events, store) }
  }

  it('leads from a feature view back to contract versions and raw topics', async () => {
    const { store, events } = await open()
    await aDay(events, 1)
    const up = names(await store.walk({ kind: 'feature-view', id: 'delays@abcdefabcdef' }, 'upstream'))
    assert.deepEqual(up, [
      'table:warehouse.flights → feature-view:delays@abcdefabcdef',
      'table:lake.flights_arrived → table:warehouse.flights',
      'table:warehouse.carriers → table:warehouse.flights',
      'topic:flights.arrived.validated → table:lake.flights_arrived',
      'contract:flights.arrived@1.0.0 → topic:flights.arrived.validated',
      'topic:flights.arrived.raw → topic:flights.arrived.validated',
    ])
  })

  it('leads from a contract version forward to snapshots, tables and views', async () => {
    const { store, events } = await open()
    await aDay(events, 7)
    const down = names(await store.walk({ kind: 'contract', id: 'flights.arrived@1.0.0' }, 'downstream'))
    for (const expected of [
      'contract:flights.arrived@1.0.0 → snapshot:flights_arrived@7',
      'table:lake.flights_arrived → snapshot:flights_arrived@7',
      'table:warehouse.flights → feature-view:delays@abcdefabcdef',
    ])
      assert.ok(down.includes(expected), expected)
  })

  it('grows by the snapshot alone from day to day', async () => {
    const { store, events } = await open()
    const edges = async () => (await store.walk({ kind: 'topic', id: 'flights.arrived.raw' }, 'downstream')).length
    await aDay(events, 1)
    const before = await edges()
    for (let day = 2; day <= 30; day++) await aDay(events, day)
    assert.equal(await edges(), before + 29)
  })

  it('takes the edges of later stages and stops listening when told to', async () => {
    const { store, events, lineage } = await open()
    await lineage.record([edge(runNode('r'), modelNode('delay', 7), 1)])
    assert.deepEqual(names(await store.walk(modelNode('delay', 7), 'upstream')), ['run:r → model:delay@7'])
    lineage.stop()
    await aDay(events, 1)
    assert.deepEqual(await store.walk({ kind: 'topic', id: 'flights.arrived.raw' }, 'downstream'), [])
  })
})

/** What the stages tell on a day on which one snapshot was taken, audited and published. */
async function aDay(events: EventBus, snapshotId: number): Promise<void> {
  const at = snapshotId * 1_000
  const topic = 'flights.arrived'
  const table = 'flights_arrived'
  await events.emit('registry.version-registered', { contractId: topic, version: '1.0.0', topic, at })
  await events.emit('validation.batch', {
    topic,
    partition: 0,
    fromOffset: 0,
    toOffset: 10,
    validated: 9,
    deadLetters: 1,
    contractVersions: ['1.0.0'],
    at,
  })
  const validated = `${topic}.validated`
  const rows = {
    table,
    topic: validated,
    partition: 0,
    contractVersions: ['1.0.0'],
    rows: 9,
    fromOffset: 0,
    toOffset: 9,
  }
  const snapshot = { id: snapshotId, committedAt: at, tables: [rows] }
  await events.emit('lake.snapshot-committed', { snapshot, tables: [rows] })
  await events.emit('sla.audited', {
    audit: {
      id: `audit-${snapshotId}`,
      contractId: topic,
      contractVersion: '1.0.0',
      table,
      afterSnapshotId: snapshotId - 1,
      snapshotId,
      auditedAt: at,
      rows: 9,
      outcome: 'passed',
      checks: [],
    },
    publication: { contractId: topic, table, snapshotId, publishedAt: at, heldSince: null },
  })
  await events.emit('warehouse.model-built', {
    model: 'flights',
    hash: 'aa',
    rows: 9,
    sources: [{ table, snapshotId }],
    refs: ['carriers'],
    at,
  })
  await events.emit('features.materialized', {
    view: 'delays',
    hash: 'abcdef'.repeat(10),
    rows: 3,
    model: 'flights',
    at,
  })
}

function names(edges: readonly LineageEdge[]): readonly string[] {
  return edges.map(({ from, to }) => `${from.kind}:${from.id} → ${to.kind}:${to.id}`)
}
