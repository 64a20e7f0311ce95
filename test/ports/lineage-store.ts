import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LineageEdge, LineageNode, LineageStore } from '../../src/metadata/ports.ts'

/** What every lineage store must do. `make` opens an empty one. */
export function lineageStoreSuite(name: string, make: () => Promise<LineageStore>): void {
  describe(`lineage store: ${name}`, () => {
    it('walks up and down, nearest first', async () => {
      const store = await make()
      await store.add([link('a', 'b'), link('b', 'c'), link('x', 'c'), link('c', 'd')])
      assert.deepEqual(namesOf(await store.walk(node('d'), 'upstream')), ['c→d', 'b→c', 'x→c', 'a→b'])
      assert.deepEqual(namesOf(await store.walk(node('a'), 'downstream')), ['a→b', 'b→c', 'c→d'])
      assert.deepEqual(await store.walk(node('nowhere'), 'upstream'), [])
    })

    it('stores an edge once, with the moment it was first seen', async () => {
      const store = await make()
      await store.add([link('a', 'b', 5)])
      await store.add([link('a', 'b', 9), link('a', 'b', 10)])
      assert.deepEqual(await store.walk(node('b'), 'upstream'), [link('a', 'b', 5)])
    })

    it('comes back from a cycle and gives every edge once', async () => {
      const store = await make()
      await store.add([link('a', 'b'), link('b', 'c'), link('c', 'a'), link('c', 'c')])
      const walked = namesOf(await store.walk(node('a'), 'upstream'))
      assert.deepEqual([...walked].sort(), ['a→b', 'b→c', 'c→a', 'c→c'])
    })

    it('tells nodes of equal id and different kind apart', async () => {
      const store = await make()
      const table: LineageNode = { kind: 'table', id: 'a' }
      await store.add([{ from: table, to: node('b'), at: 0 }])
      assert.deepEqual(await store.walk(node('a'), 'downstream'), [])
      assert.equal((await store.walk(table, 'downstream')).length, 1)
    })

    it('keeps ids with any characters', async () => {
      const store = await make()
      const odd = { kind: 'dataset', id: "a:b → 'c'\n%_" } as const
      await store.add([{ from: odd, to: node('b'), at: 0 }])
      assert.deepEqual((await store.walk(node('b'), 'upstream'))[0]?.from, odd)
    })

    it('walks a long chain and a wide fan in a graph of 100,000 edges', async () => {
      const store = await make()
      const chain = Array.from({ length: 2_000 }, (_, index) => link(`c${index}`, `c${index + 1}`))
      const fan = Array.from({ length: 3_000 }, (_, index) => link('hub', `f${index}`))
      const noise = Array.from({ length: 95_000 }, (_, index) => link(`n${index}`, `m${index % 977}`))
      await store.add([...noise, ...chain, ...fan])
      assert.equal((await store.walk(node('c2000'), 'upstream')).length, 2_000)
      assert.equal((await store.walk(node('hub'), 'downstream')).length, 3_000)
    })
  })
}

function node(id: string): LineageNode {
  return { kind: 'dataset', id }
}

function link(from: string, to: string, at = 0): LineageEdge {
  return { from: node(from), to: node(to), at }
}

function namesOf(edges: readonly LineageEdge[]): readonly string[] {
  return edges.map(({ from, to }) => `${from.id}→${to.id}`)
}
