import assert from 'node:assert/strict'
import { it } from 'node:test'
import {
  type ModelRegistryTables,
  modelRegistryMigrations,
  SqlModelRegistry,
} from '../../adapters/sql/model-registry.ts'
import { type RunTables, runMigrations, SqlRunStore } from '../../adapters/sql/run-store.ts'
import { type JsonObject, migrateToLatest, openKysely } from '../../kernel/index.ts'
import { TrainingSetReference } from './training-set-reference.ts'

it('the reference of a model version is the training set of the run that made it', async () => {
  const database = openKysely<ModelRegistryTables & RunTables>(':memory:')
  await migrateToLatest(database, 'run_migrations', runMigrations)
  await migrateToLatest(database, 'model_migrations', modelRegistryMigrations)
  const models = new SqlModelRegistry(database as never)
  const runs = new SqlRunStore(database as never)
  const reference = new TrainingSetReference({ models, runs, files: { resolve: (path) => `/it's/${path}` } })
  const step = async (runId: string, name: string, outputs: JsonObject) =>
    runs.putStep(
      { runId, step: name, key: name, state: 'succeeded', cached: false, outputs, reason: null, durationMs: 1 },
      {},
    )
  const file = (path: string) => ({ type: 'artifact', sha256: path, path, bytes: 1 })
  await step('run-1', 'split', { train: file('aa/not-this.parquet') })
  await step('run-1', 'set', { train: file('aa/train.parquet'), features: { type: 'value', value: ['a'] } })
  for (const runId of ['run-1', 'run-2'])
    await models.register({
      model: 'delay',
      runId,
      artifact: runId,
      path: '',
      createdAt: 0,
      metrics: {},
      signature: {},
    })
  assert.equal(await reference.trainingSet('delay', 1), "read_parquet('/it''s/aa/train.parquet')")
  assert.equal(await reference.trainingSet('delay', 2), null)
  assert.equal(await reference.trainingSet('delay', 3), null)
  await database.destroy()
})
