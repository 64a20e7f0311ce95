import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LedgerEntry, TriggerLedger } from '../../src/triggers/ports.ts'

/** What every trigger ledger must do. `make` opens an empty one. */
export function triggerLedgerSuite(name: string, make: () => Promise<TriggerLedger>): void {
  describe(`trigger ledger: ${name}`, () => {
    it('keeps entries in order of arrival, whatever their ids and times', async () => {
      const ledger = await make()
      for (const [id, pipeline, at] of [
        ['z', 'delay', 30],
        ['a', 'other', 20],
        ['m', 'delay', 10],
      ] as const)
        assert.equal(await ledger.add(arrived(id, pipeline, at)), true)
      assert.deepEqual((await ledger.entries()).map(idOf), ['z', 'a', 'm'])
      assert.deepEqual((await ledger.entries('delay')).map(idOf), ['z', 'm'])
      assert.deepEqual(await ledger.entries('none'), [])
    })

    it('gives back what it was given', async () => {
      const ledger = await make()
      const entry = arrived('a', 'delay', 1_700_000_000_000)
      await ledger.add(entry)
      assert.deepEqual(await ledger.entries(), [entry])
    })

    it('keeps a signal once, as it came first', async () => {
      const ledger = await make()
      await ledger.add(arrived('a', 'delay', 10))
      assert.equal(await ledger.add(arrived('a', 'delay', 99)), false)
      assert.equal((await ledger.entries())[0]!.signal.at, 10)
    })

    it('replaces entries all together, in their places', async () => {
      const ledger = await make()
      for (const id of ['a', 'b', 'c']) await ledger.add(arrived(id, 'delay', 10))
      const [a, , c] = await ledger.entries()
      const changed: LedgerEntry[] = [
        { ...c!, outcome: 'merged', reason: 'merged into run-1', runId: 'run-1', decidedAt: 20 },
        { ...a!, outcome: 'deferred', reason: 'cool-down', dueAt: 50, decidedAt: 20 },
      ]
      await ledger.update(changed)
      assert.deepEqual((await ledger.entries()).map(idOf), ['a', 'b', 'c'])
      assert.deepEqual((await ledger.entries())[0], changed[1])
      assert.deepEqual((await ledger.entries())[2], changed[0])
    })

    it('changes nothing when one of the signals is unknown', async () => {
      const ledger = await make()
      await ledger.add(arrived('a', 'delay', 10))
      const known = (await ledger.entries())[0]!
      await assert.rejects(
        ledger.update([{ ...known, outcome: 'refused', reason: 'budget' }, arrived('x', 'delay', 10)]),
        { code: 'TRIGGER_UNKNOWN_SIGNAL' },
      )
      assert.deepEqual(await ledger.entries(), [known])
    })
  })
}

function arrived(id: string, pipeline: string, at: number): LedgerEntry {
  const signal = { id, kind: 'cron', pipeline, at, cause: 'cron 0 5 1 * *', params: { rounds: 200 } } as const
  return { signal, outcome: null, reason: 'arrived', decidedAt: at, runId: null, dueAt: null }
}

function idOf(entry: LedgerEntry): string {
  return entry.signal.id
}
