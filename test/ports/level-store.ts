import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { Incident, LevelEvaluation, LevelStore } from '../../src/sla/ports.ts'

const NOON = 1_735_689_600_123

/** What every level store must do. `make` opens an empty one. */
export function levelStoreSuite(name: string, make: () => Promise<LevelStore>): void {
  describe(`level store: ${name}`, () => {
    it('knows nothing at first', async () => {
      const store = await make()
      assert.deepEqual(await store.newest('flights'), [])
      assert.deepEqual(await store.evaluations('flights', 'latency', 0), [])
      assert.deepEqual(await store.incidents(), [])
    })

    it('records an evaluation and its incident together, and neither again', async () => {
      const store = await make()
      const evaluation = evaluationOf('a', 'latency', NOON)
      await store.record(evaluation, incidentOf('i', NOON))
      await store.record({ ...evaluation, status: 'missed' }, { ...incidentOf('i', NOON), resolvedAt: NOON })
      await store.record({ ...evaluation, status: 'missed' }, incidentOf('j', NOON))
      assert.deepEqual(await store.newest('flights'), [evaluation])
      assert.deepEqual(await store.incidents('flights'), [incidentOf('i', NOON)])
    })

    it('gives the newest evaluation of each level of a contract', async () => {
      const store = await make()
      const evaluations = [
        evaluationOf('a', 'latency', NOON),
        evaluationOf('b', 'latency', NOON + 2),
        evaluationOf('c', 'retention', NOON + 1),
        { ...evaluationOf('d', 'latency', NOON + 9), contractId: 'weather' },
      ]
      for (const evaluation of evaluations) await store.record(evaluation, null)
      assert.deepEqual(
        (await store.newest('flights')).map(({ id }) => id),
        ['b', 'c'],
      )
    })

    it('gives the evaluations after a moment, and the last one at or before it', async () => {
      const store = await make()
      for (const [index, id] of ['a', 'b', 'c', 'd'].entries())
        await store.record(evaluationOf(id, 'latency', NOON + index), null)
      const ids = async (since: number) => (await store.evaluations('flights', 'latency', since)).map(({ id }) => id)
      assert.deepEqual(await ids(NOON + 2), ['c', 'd'])
      assert.deepEqual(await ids(NOON + 1.5), ['b', 'c', 'd'])
      assert.deepEqual(await ids(0), ['a', 'b', 'c', 'd'])
      assert.deepEqual(await ids(NOON + 9), ['d'])
    })

    it('replaces an incident, and keeps them by the time they were found', async () => {
      const store = await make()
      await store.putIncident(incidentOf('z', NOON))
      await store.putIncident({ ...incidentOf('a', NOON + 1), contractId: 'weather' })
      await store.putIncident({ ...incidentOf('z', NOON), notifiedAt: NOON, resolvedAt: NOON + 5 })
      assert.deepEqual(
        (await store.incidents()).map(({ id, resolvedAt }) => [id, resolvedAt]),
        [
          ['z', NOON + 5],
          ['a', null],
        ],
      )
      assert.equal((await store.incidents('weather')).length, 1)
    })
  })
}

function evaluationOf(id: string, level: string, at: number): LevelEvaluation {
  return {
    ...{ id, contractId: 'flights', contractVersion: '1.0.0', level, property: 'latency', at, periodStart: at - 1 },
    ...{ watermark: null, observed: 1.5, status: 'met', missedSince: null, message: 'fine' },
    budget: { windowMs: 1, unit: 'evaluations', allowed: 0.5, used: 0 },
    counters: { validated: 1, deadLetters: 0, snapshotId: 3, oldest: null, publishedSince: null },
  }
}

function incidentOf(id: string, detectedAt: number): Incident {
  return {
    ...{ id, contractId: 'flights', cause: 'latency', message: 'late', startedAt: detectedAt - 1, detectedAt },
    ...{ notifiedAt: null, resolvedAt: null },
  }
}
