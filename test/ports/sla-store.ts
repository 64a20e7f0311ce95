import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Audit, Publication, SlaStore } from '../../src/sla/ports.ts'

const NOON = 1_735_689_600_123

/** What every SLA store must do. `make` opens an empty one. */
export function slaStoreSuite(name: string, make: () => Promise<SlaStore>): void {
  describe(`SLA store: ${name}`, () => {
    it('knows nothing at first', async () => {
      const store = await make()
      assert.equal(await store.publication('flights'), undefined)
      assert.equal(await store.lastAudit('flights'), undefined)
      assert.deepEqual(await store.publications(), [])
      assert.deepEqual(await store.audits(), [])
    })

    it('records an audit and the publication that follows from it', async () => {
      const store = await make()
      const audit = auditOf('a1', 'flights', NOON)
      await store.record(audit, publicationOf('flights', 3))
      assert.deepEqual(await store.lastAudit('flights'), audit)
      assert.deepEqual(await store.publication('flights'), publicationOf('flights', 3))
    })

    it('changes nothing for an audit that it knows', async () => {
      const store = await make()
      const audit = auditOf('a1', 'flights', NOON)
      await store.record(audit, publicationOf('flights', 3))
      await store.record({ ...audit, outcome: 'held' }, publicationOf('flights', 9))
      assert.deepEqual(await store.audits(), [audit])
      assert.deepEqual(await store.publication('flights'), publicationOf('flights', 3))
    })

    it('replaces the publication of a contract and keeps its audits, oldest first', async () => {
      const store = await make()
      const held: Publication = { ...publicationOf('flights', 3), heldSince: NOON + 1 }
      await store.record(auditOf('z', 'flights', NOON), publicationOf('flights', 3))
      await store.record({ ...auditOf('a', 'flights', NOON + 1), outcome: 'held' }, held)
      await store.record(auditOf('b', 'weather', NOON), publicationOf('weather', 2))
      assert.deepEqual(await store.publications(), [held, publicationOf('weather', 2)])
      assert.deepEqual(
        (await store.audits('flights')).map(({ id }) => id),
        ['z', 'a'],
      )
      assert.equal((await store.lastAudit('flights'))!.id, 'a')
      assert.equal((await store.audits()).length, 3)
    })

    it('keeps values that are not there as null', async () => {
      const store = await make()
      const audit = auditOf('a1', 'flights', NOON)
      const check = { ...audit.checks[0]!, observed: null }
      await store.record({ ...audit, checks: [check] }, publicationOf('flights', 0))
      assert.deepEqual((await store.lastAudit('flights'))!.checks, [check])
    })
  })
}

function auditOf(id: string, contractId: string, auditedAt: number): Audit {
  return {
    ...{ id, contractId, contractVersion: '1.0.0', table: contractId, afterSnapshotId: 1, snapshotId: 3, auditedAt },
    ...{ rows: 12, outcome: 'passed' },
    checks: [
      {
        ...{ checkId: 'latency', dimension: 'timeliness', severity: 'error', observed: 1.5 },
        ...{ expected: '≤ 2 ms old', passed: true },
      },
    ],
  }
}

function publicationOf(contractId: string, snapshotId: number): Publication {
  return { contractId, table: contractId, snapshotId, publishedAt: NOON, heldSince: null }
}
