import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { ContractVersion, RegistryStore } from '../../src/registry/ports.ts'

/** What every adapter of `RegistryStore` has to do. `makeStore` gives an empty one. */
export function registryStoreSuite(name: string, makeStore: () => Promise<RegistryStore>): void {
  suite(`RegistryStore: ${name}`, () => {
    test('an empty store knows nothing', async () => {
      const store = await makeStore()
      assert.equal(await store.get('orders', '1.0.0'), undefined)
      assert.deepEqual(await store.versions('orders'), [])
      assert.deepEqual(await store.latest(), [])
      assert.equal(await store.count(), 0)
    })

    test('what was added comes back as it was, text and moment included', async () => {
      const store = await makeStore()
      const orders = version('orders', '1.0.0', {
        source: "id: 'orders'\n# ünï\u{1F600}\n",
        registeredAt: 1_700_000_000_123,
      })
      await store.add([orders])
      assert.deepEqual(await store.get('orders', '1.0.0'), orders)
      assert.equal(await store.get('orders', '1.0.1'), undefined)
      assert.equal(await store.get('order', '1.0.0'), undefined)
    })

    test('versions come in the order of registration, which is not that of their texts', async () => {
      const store = await makeStore()
      await store.add([version('orders', '1.9.0'), version('weather', '1.0.0')])
      await store.add([version('orders', '1.10.0'), version('orders', '2.0.0')])
      assert.deepEqual(
        (await store.versions('orders')).map((each) => each.version),
        ['1.9.0', '1.10.0', '2.0.0'],
      )
      assert.equal(await store.count(), 4)
    })

    test('the newest version of every contract is the one registered last, by contract id', async () => {
      const store = await makeStore()
      await store.add([version('weather', '1.0.0'), version('orders', '1.9.0')])
      await store.add([version('orders', '1.10.0')])
      assert.deepEqual(
        (await store.latest()).map((each) => `${each.contractId} ${each.version}`),
        ['orders 1.10.0', 'weather 1.0.0'],
      )
    })

    test('a version that is there already stays as it is, and the others of the call are added', async () => {
      const store = await makeStore()
      const first = version('orders', '1.0.0', { source: 'first', hash: 'a' })
      await store.add([first])
      await store.add([version('orders', '1.0.0', { source: 'second', hash: 'b' }), version('orders', '1.1.0')])
      assert.deepEqual(await store.get('orders', '1.0.0'), first)
      assert.deepEqual(
        (await store.versions('orders')).map((each) => each.version),
        ['1.0.0', '1.1.0'],
      )
      assert.equal(await store.count(), 2)
    })

    test('adding nothing changes nothing', async () => {
      const store = await makeStore()
      await store.add([])
      assert.equal(await store.count(), 0)
    })
  })
}

function version(contractId: string, number: string, other: Partial<ContractVersion> = {}): ContractVersion {
  return {
    contractId,
    version: number,
    topic: `${contractId}.topic`,
    source: `id: ${contractId}`,
    hash: `${contractId}-${number}`,
    registeredAt: 1_357_000_000_000,
    activeFrom: [17, 0],
    ...other,
  }
}
