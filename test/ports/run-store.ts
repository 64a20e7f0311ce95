import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Run, RunStore, StepRecord } from '../../src/metadata/ports.ts'

/** What every run store must do. `make` opens an empty one. */
export function runStoreSuite(name: string, make: () => Promise<RunStore>): void {
  describe(`run store: ${name}`, () => {
    it('keeps a run and replaces it when it has finished', async () => {
      const store = await make()
      const running = run('r1', 1_000)
      await store.putRun(running)
      assert.deepEqual(await store.run('r1'), running)
      const finished: Run = { ...running, finishedAt: 2_000, outcome: 'rejected', reason: 'auc 0.58 is below 0.6' }
      await store.putRun(finished)
      assert.deepEqual(await store.run('r1'), finished)
      assert.equal((await store.runs()).length, 1)
    })

    it('knows no run that was not put', async () => {
      const store = await make()
      assert.equal(await store.run('absent'), undefined)
      assert.deepEqual(await store.steps('absent'), [])
      assert.deepEqual(await store.metrics('absent'), {})
    })

    it('lists runs in order of start, of all pipelines or of one', async () => {
      const store = await make()
      for (const item of [run('b', 3_000), run('a', 2_000), run('c', 1_000, 'other')]) await store.putRun(item)
      assert.deepEqual(idsOf(await store.runs()), ['c', 'a', 'b'])
      assert.deepEqual(idsOf(await store.runs('delay')), ['a', 'b'])
    })

    it('holds moments beyond 32 bits exactly', async () => {
      const store = await make()
      await store.putRun(run('r', 1_735_689_600_123))
      assert.equal((await store.run('r'))?.startedAt, 1_735_689_600_123)
    })

    it('keeps steps in order of execution and leaves a recorded step as it is', async () => {
      const store = await make()
      await store.putRun(run('r', 0))
      await store.putStep(step('r', 'train', 'k1'), { auc: 0.7 })
      await store.putStep(step('r', 'evaluate', 'k2'), { logLoss: 0.4 })
      await store.putStep({ ...step('r', 'train', 'other'), reason: 'again' }, { auc: 0.9 })
      assert.deepEqual(await store.steps('r'), [step('r', 'train', 'k1'), step('r', 'evaluate', 'k2')])
      assert.deepEqual(await store.metrics('r'), { auc: 0.7, logLoss: 0.4 })
    })

    it('finds a succeeded step by its key, never a stopped or failed one', async () => {
      const store = await make()
      await store.putStep({ ...step('r1', 'gate', 'k'), state: 'stopped' }, {})
      await store.putStep({ ...step('r2', 'gate', 'k'), state: 'failed' }, {})
      assert.equal(await store.stepByKey('k'), undefined)
      await store.putStep(step('r3', 'gate', 'k'), {})
      assert.equal((await store.stepByKey('k'))?.runId, 'r3')
    })
  })
}

function run(id: string, startedAt: number, pipeline = 'delay'): Run {
  return {
    id,
    pipeline,
    pipelineVersion: 'v1',
    trigger: 'ad-hoc',
    signalId: null,
    params: { rounds: 10, note: 'ä' },
    startedAt,
    finishedAt: null,
    outcome: null,
    reason: null,
  }
}

function step(runId: string, name: string, key: string): StepRecord {
  return {
    runId,
    step: name,
    key,
    state: 'succeeded',
    cached: false,
    outputs: { model: { type: 'value', value: [1, null, 'x'] } },
    reason: null,
    durationMs: 12.5,
  }
}

function idsOf(runs: readonly Run[]): readonly string[] {
  return runs.map(({ id }) => id)
}
