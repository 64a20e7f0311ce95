import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OnlineEvent, OnlineRow, OnlineStore } from '../../src/features/ports.ts'

/** What every `OnlineStore` must do. `open` gives an empty store; `reopen` opens the same one after it was closed. */
export function onlineStoreSuite(
  name: string,
  open: () => Promise<{ readonly store: OnlineStore; reopen(): Promise<OnlineStore>; remove(): Promise<void> }>,
): void {
  const it = (title: string, body: (store: OnlineStore, reopen: () => Promise<OnlineStore>) => Promise<void>) =>
    test(`${name}: ${title}`, async () => {
      const opened = await open()
      const stores = [opened.store]
      try {
        await body(opened.store, async () => {
          await stores.pop()!.close()
          stores.push(await opened.reopen())
          return stores[0]!
        })
      } finally {
        await stores.pop()!.close()
        await opened.remove()
      }
    })

  it('an unknown view and an unknown entity have nothing', async (store) => {
    assert.deepEqual(await store.getRows('v', [{ key: 'a', before: 1e15 }]), [undefined])
    assert.deepEqual(await store.getEvents('v', ['a', 'b'], 0, 1e15), [[], []])
    assert.equal(await store.position('v', 't', 0), 0)
    assert.equal(await store.materializedUntil('v'), null)
  })

  it('a row is found from the moment after it became known', async (store) => {
    await store.putRows('v', [row('a', 100, [1, null])], 100, 0)
    const found = await store.getRows(
      'v',
      [100, 101].map((before) => ({ key: 'a', before })),
    )
    assert.deepEqual(found, [undefined, row('a', 100, [1, null])])
  })

  it('lookups are answered in their order, each as of its own moment', async (store) => {
    await store.putRows('v', [row('a', 100, [1]), row('b', 100, [2])], 100, 0)
    await store.putRows('v', [row('a', 200, [3])], 200, 0)
    const lookups = [
      { key: 'b', before: 300 },
      { key: 'a', before: 200 },
      { key: 'c', before: 300 },
      { key: 'a', before: 201 },
    ]
    const found = await store.getRows('v', lookups)
    assert.deepEqual(
      found.map((one) => one?.values),
      [[2], [1], undefined, [3]],
    )
  })

  it('rows that a lookup at dropBefore can need are kept', async (store) => {
    for (const moment of [100, 200, 300, 400]) await store.putRows('v', [row('a', moment, [moment])], moment, 250)
    const found = await store.getRows(
      'v',
      [250, 301, 401].map((before) => ({ key: 'a', before })),
    )
    assert.deepEqual(
      found.map((one) => one?.createdTime),
      [200, 300, 400],
    )
  })

  it('putting the same rows again changes nothing, and the moment never goes back', async (store) => {
    await store.putRows('v', [row('a', 200, [1])], 200, 0)
    await store.putRows('v', [row('a', 200, [1])], 200, 0)
    await store.putRows('v', [], 100, 0)
    assert.equal(await store.materializedUntil('v'), 200)
    assert.deepEqual(await store.getRows('v', [{ key: 'a', before: 201 }]), [row('a', 200, [1])])
  })

  it('events come by time, partition and offset, from inclusive, before exclusive', async (store) => {
    const events = [event('a', 30, 0), event('a', 10, 1), event('b', 20, 2), event('a', 30, 3), event('a', 40, 4)]
    await store.addEvents('v', events, { topic: 't', partition: 0, nextOffset: 5 }, 0)
    await store.addEvents('v', [event('a', 30, 0, 1)], { topic: 't', partition: 1, nextOffset: 1 }, 0)
    const found = await store.getEvents('v', ['b', 'a'], 10, 40)
    assert.deepEqual(found, [
      [event('b', 20, 2)],
      [event('a', 10, 1), event('a', 30, 0), event('a', 30, 3), event('a', 30, 0, 1)],
    ])
  })

  it('events below the position are ignored and the position moves with the events', async (store, reopen) => {
    const position = { topic: 't', partition: 0, nextOffset: 2 }
    await store.addEvents('v', [event('a', 10, 0), event('a', 11, 1)], position, 0)
    await store.addEvents('v', [event('a', 99, 1), event('a', 12, 2)], { ...position, nextOffset: 3 }, 0)
    await store.addEvents('v', [event('a', 98, 0)], { ...position, nextOffset: 1 }, 0)
    const again = await reopen()
    assert.equal(await again.position('v', 't', 0), 3)
    assert.equal(await again.position('v', 't', 1), 0)
    const [found] = await again.getEvents('v', ['a'], 0, 1_000)
    assert.deepEqual(
      found!.map(({ offset }) => offset),
      [0, 1, 2],
    )
  })

  it('events from dropBefore on are kept, through any number of batches', async (store) => {
    const day = 86_400_000
    for (let offset = 0; offset < 20; offset++) {
      const position = { topic: 't', partition: 0, nextOffset: offset + 1 }
      await store.addEvents('v', [event('a', offset * day, offset)], position, (offset - 2) * day)
    }
    const [found] = await store.getEvents('v', ['a'], 17 * day, 30 * day)
    assert.deepEqual(
      found!.map(({ offset }) => offset),
      [17, 18, 19],
    )
  })

  it('views do not see each other', async (store) => {
    await store.putRows('v', [row('a', 1, [1])], 1, 0)
    await store.addEvents('v', [event('a', 1, 0)], { topic: 't', partition: 0, nextOffset: 1 }, 0)
    assert.deepEqual(await store.getRows('w', [{ key: 'a', before: 9 }]), [undefined])
    assert.deepEqual(await store.getEvents('w', ['a'], 0, 9), [[]])
    assert.equal(await store.position('w', 't', 0), 0)
  })
}

function row(key: string, createdTime: number, values: readonly (number | null)[]): OnlineRow {
  return { key, eventTime: createdTime, createdTime, values }
}

function event(key: string, time: number, offset: number, partition = 0): OnlineEvent {
  return { key, time, partition, offset, values: [offset, null, 0.5] }
}
