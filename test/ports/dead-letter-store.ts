import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DeadLetterBatch, DeadLetterMark, DeadLetterStore } from '../../src/validation/ports.ts'

/** What every store of dead letter states must do. `make` opens an empty one. */
export function deadLetterStoreSuite(name: string, make: () => Promise<DeadLetterStore>): void {
  describe(`dead letter store: ${name}`, () => {
    it('knows nothing at first', async () => {
      const store = await make()
      assert.equal(await store.lastBatch('orders'), undefined)
      assert.deepEqual(await store.batches('orders', 0), [])
      assert.deepEqual(await store.marks('orders', 0, 0, 10), new Map())
      assert.deepEqual(await store.history('orders', { partition: 0, offset: 0 }), [])
    })

    it('gives a batch back as it was, and its marks once it is finished', async () => {
      const store = await make()
      const batch = batchOf(1, [3, 5], { patch: '$', rawFrom: [7, 0] })
      assert.equal(await store.begin(batch), true)
      assert.deepEqual(await store.lastBatch('orders'), batch)
      assert.deepEqual(await store.marks('orders', 0, 0, 10), new Map())
      const patched = { ...markOf(batch, 5), patch: { expression: '$', diff: [{ op: 'remove', path: '/a' }] } }
      await store.finish('orders', 1, [9, 0], [markOf(batch, 3), patched])
      assert.deepEqual(await store.batches('orders', 0), [{ ...batch, rawTo: [9, 0] }])
      assert.deepEqual(
        await store.marks('orders', 0, 3, 6),
        new Map([
          [3, markOf(batch, 3)],
          [5, patched],
        ]),
      )
    })

    it('begins one batch after the other, of each topic', async () => {
      const store = await make()
      assert.equal(await store.begin(batchOf(2, [1])), false)
      assert.equal(await store.begin(batchOf(1, [1])), true)
      assert.equal(await store.begin({ ...batchOf(1, [2]), id: 'other' }), false)
      assert.equal(await store.begin(batchOf(2, [2])), false)
      assert.equal(await store.begin({ ...batchOf(1, [1]), id: 'weather', topic: 'weather' }), true)
      await store.finish('orders', 1, [], [])
      assert.equal(await store.begin(batchOf(2, [2])), true)
      assert.deepEqual(
        (await store.batches('orders', 1)).map(({ number }) => number),
        [2],
      )
      assert.equal((await store.lastBatch('orders'))!.number, 2)
    })

    it('of two that begin the same number at once, one does', async () => {
      const store = await make()
      const begun = await Promise.all([1, 2, 3].map((n) => store.begin({ ...batchOf(1, [n]), id: `batch-${n}` })))
      assert.deepEqual(begun.filter(Boolean), [true])
    })

    it('changes nothing when a batch is finished again', async () => {
      const store = await make()
      const batch = batchOf(1, [1])
      await store.begin(batch)
      await store.finish('orders', 1, [4], [markOf(batch, 1)])
      await store.finish('orders', 1, [8], [markOf(batch, 1)])
      assert.deepEqual(await store.history('orders', { partition: 0, offset: 1 }), [markOf(batch, 1)])
      assert.deepEqual((await store.lastBatch('orders'))!.rawTo, [4])
    })

    it('the newest mark of a letter counts, and its history stays', async () => {
      const store = await make()
      const first = batchOf(1, [1], { state: 'discarded' })
      const second = batchOf(2, [1], { state: 'open' })
      for (const batch of [first, second]) {
        await store.begin(batch)
        await store.finish('orders', batch.number, [], [markOf(batch, 1)])
      }
      assert.deepEqual(await store.marks('orders', 0, 0, 5), new Map([[1, markOf(second, 1)]]))
      assert.deepEqual(await store.history('orders', { partition: 0, offset: 1 }), [
        markOf(first, 1),
        markOf(second, 1),
      ])
    })

    it('takes thousands of marks at once', async () => {
      const store = await make()
      const offsets = Array.from({ length: 4_321 }, (_, n) => n)
      const batch = batchOf(1, offsets)
      await store.begin(batch)
      await store.finish(
        'orders',
        1,
        [],
        offsets.map((offset) => markOf(batch, offset)),
      )
      assert.equal((await store.marks('orders', 0, 0, 10_000)).size, 4_321)
      assert.equal((await store.lastBatch('orders'))!.letters.length, 4_321)
    })
  })
}

function batchOf(number: number, offsets: readonly number[], more: Partial<DeadLetterBatch> = {}): DeadLetterBatch {
  return {
    id: `batch-${number}`,
    topic: 'orders',
    number,
    state: 'replayed',
    actor: 'ana',
    at: 1_735_689_600_123,
    reason: 'mended',
    patch: null,
    letters: offsets.map((offset) => ({ partition: 0, offset })),
    firstSequence: number * 10,
    rawFrom: [],
    rawTo: null,
    ...more,
  }
}

function markOf({ state, id, actor, at, reason }: DeadLetterBatch, offset: number): DeadLetterMark {
  return { partition: 0, offset, state, batchId: id, actor, at, reason, patch: null }
}
