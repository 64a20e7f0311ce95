import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PipelineStore, PipelineVersion } from '../../src/pipelines/ports.ts'

/** What every pipeline store must do. `make` opens an empty one. */
export function pipelineStoreSuite(name: string, make: () => Promise<PipelineStore>): void {
  describe(`pipeline store: ${name}`, () => {
    it('deploys the newest version and keeps the earlier ones', async () => {
      const store = await make()
      await store.deploy(version('delay', 'v1', 10))
      await store.deploy(version('delay', 'v2', 20))
      await store.deploy(version('other', 'v9', 15))
      assert.deepEqual(await store.deployed('delay'), version('delay', 'v2', 20))
      assert.deepEqual(await store.version('delay', 'v1'), version('delay', 'v1', 10))
      assert.deepEqual(
        (await store.versions('delay')).map((item) => item.version),
        ['v1', 'v2'],
      )
      assert.equal((await store.versions()).length, 3)
    })

    it('makes a known version the deployed one again without changing it', async () => {
      const store = await make()
      await store.deploy(version('delay', 'v1', 10))
      await store.deploy(version('delay', 'v2', 20))
      await store.deploy({ ...version('delay', 'v1', 30), sources: { 'steps/train.py': 'changed' } })
      assert.deepEqual(await store.deployed('delay'), version('delay', 'v1', 10))
      assert.equal((await store.versions('delay')).length, 2)
    })

    it('knows nothing that was not deployed', async () => {
      const store = await make()
      assert.equal(await store.deployed('delay'), undefined)
      assert.equal(await store.version('delay', 'v1'), undefined)
      assert.deepEqual(await store.versions('delay'), [])
    })
  })
}

function version(pipeline: string, hash: string, deployedAt: number): PipelineVersion {
  return {
    pipeline,
    version: hash,
    deployedAt,
    plan: { name: pipeline, steps: [{ kind: 'python', rounds: null }] },
    sources: { 'steps/train.py': 'print("ä")\n' },
  }
}
