import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pause, PauseStore } from '../../src/validation/ports.ts'

/** What every store of paused topics must do. `make` opens an empty one. */
export function pauseStoreSuite(name: string, make: () => Promise<PauseStore>): void {
  describe(`pause store: ${name}`, () => {
    it('knows the pauses by topic, as they were put last', async () => {
      const store = await make()
      assert.equal(await store.pause('orders'), undefined)
      await store.put(pauseOf('weather'))
      await store.put(pauseOf('orders'))
      const resumed = { ...pauseOf('orders'), resumed: { accept: true, actor: 'ana', at: 9 } }
      await store.put(resumed)
      assert.deepEqual(await store.pause('orders'), resumed)
      assert.deepEqual(await store.pauses(), [resumed, pauseOf('weather')])
    })

    it('forgets one that is removed, and minds none that is not there', async () => {
      const store = await make()
      await store.put(pauseOf('orders'))
      await store.remove('orders')
      await store.remove('orders')
      assert.deepEqual(await store.pauses(), [])
    })
  })
}

function pauseOf(topic: string): Pause {
  return {
    ...{ topic, partition: 0, fromOffset: 5, toOffset: 105, records: 100, violating: 60, maxRatio: 0.5 },
    reasons: [{ fingerprint: 'f', reason: 'n is required', count: 60, example: `${topic}.raw/0/7` }],
    pausedAt: 1_735_689_600_123,
    resumed: null,
  }
}
