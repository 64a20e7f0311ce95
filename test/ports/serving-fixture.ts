import { OnnxModelScorer } from '../../src/adapters/embedded/model-scorer.ts'
import {
  type ModelRegistryTables,
  modelRegistryMigrations,
  SqlModelRegistry,
} from '../../src/adapters/sql/model-registry.ts'
import type { FeatureService } from '../../src/features/index.ts'
import { type EpochMs, EventBus, migrateToLatest, openKysely } from '../../src/kernel/index.ts'
import type { ModelRegistry } from '../../src/metadata/index.ts'
import { defineEndpoint, Endpoint, type OnlineVectors } from '../../src/serving/index.ts'
import { type OnnxModels, writeOnnxModels } from './onnx-models.ts'

export const service: FeatureService = Object.freeze({
  kind: 'feature-service',
  name: 'pair',
  views: [],
  featureNames: ['request__first', 'request__second'],
  description: null,
  hash: 'service-1',
})

export const delayEndpoint = defineEndpoint({
  name: 'delay',
  model: 'delay',
  shadows: [{ name: 'frozen', model: 'delay', alias: 'frozen' }],
  service,
  source: { topic: 'flights.scheduled', keyField: 'flight_id' },
  predictions: 'delay.predictions',
})

/** The members `first` and `second` of a request, as they are. */
export const requestVectors: OnlineVectors = {
  get: async ({ featureNames }, requests) =>
    requests.map(({ first, second }) => ({
      names: featureNames,
      values: [first, second].map((value) => (typeof value === 'number' ? value : null)),
      sources: [{ type: 'on-demand', view: 'request', hash: 'view-1' }],
    })),
}

export interface ServingFixture {
  readonly endpoint: Endpoint
  readonly registry: ModelRegistry
  readonly events: EventBus
  readonly models: OnnxModels
  /** Registers a model file and lets aliases point to it from `at` on. */
  promote(file: 'classifier' | 'other' | 'corrupt', at: EpochMs, ...aliases: readonly string[]): Promise<number>
  close(): Promise<void>
}

/** An endpoint over real ONNX models and a registry in memory. */
export async function servingFixture(signature?: Record<string, string | string[]>): Promise<ServingFixture> {
  const models = writeOnnxModels()
  const database = openKysely<ModelRegistryTables>(':memory:')
  await migrateToLatest(database, 'model_migrations', modelRegistryMigrations)
  const registry = new SqlModelRegistry(database)
  const events = new EventBus()
  const files = { resolve: (path: string) => models.file(path as 'classifier') }
  const endpoint = new Endpoint({
    definition: delayEndpoint,
    registry,
    features: requestVectors,
    scorer: new OnnxModelScorer(),
    files,
    events,
  })
  return {
    endpoint,
    registry,
    events,
    models,
    async promote(file, at, ...aliases) {
      const { version } = await registry.register({
        model: 'delay',
        runId: `run-${at}`,
        artifact: file,
        path: file,
        createdAt: at,
        metrics: {},
        signature: signature ?? { features: [...service.featureNames], serviceHash: service.hash },
      })
      for (const alias of aliases) {
        await registry.setAlias({ model: 'delay', alias, version, at, runId: `run-${at}` })
        await events.emit('pipelines.model-promoted', { model: 'delay', version, alias, runId: `run-${at}`, at })
      }
      return version
    },
    async close() {
      await endpoint.close()
      await database.destroy()
      models.remove()
    },
  }
}
