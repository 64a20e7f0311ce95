import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Push, PushStore } from '../../src/registry/ports.ts'

/** What every ledger of pushes must do. `make` opens an empty one. */
export function pushStoreSuite(name: string, make: () => Promise<PushStore>): void {
  describe(`push store: ${name}`, () => {
    it('gives the pushes, the newest first, as they were put last', async () => {
      const store = await make()
      assert.deepEqual(await store.newest(5), [])
      const [first, second] = [pushOf('a', 1_735_689_600_123), pushOf('b', 1_735_689_600_124)]
      await store.put(first)
      await store.put(second)
      const done: Push = { ...first, state: 'done' }
      await store.put(done)
      assert.deepEqual(await store.newest(5), [second, done])
      assert.deepEqual(await store.newest(1), [second])
    })

    it('keeps the files before a push, whatever they hold', async () => {
      const store = await make()
      const files = [{ path: 'producers/ä.ts', before: null, after: '"\\u0000\n😀' }]
      const push: Push = {
        ...pushOf('a', 1),
        steps: [{ target: 'producers producers', kind: 'producers', state: 'started', files }],
      }
      await store.put(push)
      assert.deepEqual(await store.newest(1), [push])
    })
  })
}

function pushOf(id: string, startedAt: number): Push {
  return {
    ...{ id, startedAt, state: 'open', contracts: [{ id: 'orders', version: '1.0.0', hash: 'f' }] },
    steps: [{ target: 'registry', kind: 'registry', state: 'planned' }],
  }
}
