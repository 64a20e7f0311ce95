import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ModelRegistry, ModelVersion } from '../../src/metadata/ports.ts'

/** What every model registry must do. `make` opens an empty one. */
export function modelRegistrySuite(name: string, make: () => Promise<ModelRegistry>): void {
  describe(`model registry: ${name}`, () => {
    it('counts versions up from 1, for each model on its own', async () => {
      const registry = await make()
      assert.equal((await registry.register(candidate('delay', 'run-1', 'aa'))).version, 1)
      assert.equal((await registry.register(candidate('delay', 'run-2', 'bb'))).version, 2)
      assert.equal((await registry.register(candidate('control', 'run-2', 'cc'))).version, 1)
      assert.deepEqual(
        (await registry.versions()).map(({ model, version }) => `${model}@${version}`),
        ['control@1', 'delay@1', 'delay@2'],
      )
      assert.equal((await registry.versions('delay')).length, 2)
    })

    it('gives the same run and artifact their version again', async () => {
      const registry = await make()
      const first = await registry.register(candidate('delay', 'run-1', 'aa'))
      assert.deepEqual(await registry.register(candidate('delay', 'run-1', 'aa')), first)
      assert.deepEqual(await registry.version('delay', 1), first)
      assert.deepEqual(first, { ...candidate('delay', 'run-1', 'aa'), version: 1 })
    })

    it('gives each of many registrations at once a number of its own', async () => {
      const registry = await make()
      const versions = await Promise.all(
        Array.from({ length: 12 }, (_, index) => registry.register(candidate('delay', `run-${index}`, 'aa'))),
      )
      assert.deepEqual(
        versions.map(({ version }) => version).sort((a, b) => a - b),
        Array.from({ length: 12 }, (_, index) => index + 1),
      )
    })

    it('moves an alias and keeps the history', async () => {
      const registry = await make()
      await registry.register(candidate('delay', 'run-1', 'aa'))
      await registry.register(candidate('delay', 'run-2', 'bb'))
      assert.equal(await registry.byAlias('delay', 'champion'), undefined)
      const changes = [
        { model: 'delay', alias: 'champion', version: 1, at: 10, runId: 'run-1' },
        { model: 'delay', alias: 'champion', version: 2, at: 20, runId: 'run-2' },
        { model: 'delay', alias: 'champion', version: 1, at: 30, runId: null },
      ]
      for (const change of changes) await registry.setAlias(change)
      await registry.setAlias(changes[2]!)
      assert.equal((await registry.byAlias('delay', 'champion'))?.version, 1)
      assert.deepEqual(await registry.aliasHistory('delay'), changes)
      assert.deepEqual(await registry.aliasHistory('other'), [])
    })

    it('refuses an alias for a version that is not there', async () => {
      const registry = await make()
      await assert.rejects(registry.setAlias({ model: 'delay', alias: 'champion', version: 3, at: 10, runId: null }), {
        code: 'METADATA_UNKNOWN_MODEL_VERSION',
      })
    })
  })
}

function candidate(model: string, runId: string, artifact: string): Omit<ModelVersion, 'version'> {
  return {
    model,
    runId,
    artifact,
    path: `aa/${artifact}.onnx`,
    createdAt: 1_700_000_000_000,
    metrics: { auc: 0.7 },
    signature: { features: ['a', 'b'] },
  }
}
