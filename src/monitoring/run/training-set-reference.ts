import { isJsonObject, type JsonObject, quoteText } from '../../kernel/index.ts'
import type { ModelRegistry, RunStore } from '../../metadata/index.ts'
import type { ReferenceData } from '../ports.ts'

export interface TrainingSetReferenceOptions {
  readonly models: ModelRegistry
  readonly runs: RunStore
  /** Where artifacts lie; `ArtifactStore` has it. */
  readonly files: { resolve(path: string): string }
}

/** The training set of a model version, as the run that made the version left it in the artifact store. */
export class TrainingSetReference implements ReferenceData {
  readonly #options: TrainingSetReferenceOptions

  constructor(options: TrainingSetReferenceOptions) {
    this.#options = options
  }

  async trainingSet(model: string, version: number): Promise<string | null> {
    const { models, runs, files } = this.#options
    const registered = await models.version(model, version)
    if (!registered) return null
    for (const { outputs } of await runs.steps(registered.runId)) {
      const path = trainingSetPath(outputs)
      if (path !== undefined) return `read_parquet(${quoteText(files.resolve(path))})`
    }
    return null
  }
}

/** A training-set step leaves the file `train` and the names of its features. */
function trainingSetPath({ train, features }: JsonObject): string | undefined {
  if (!isJsonObject(train) || !isJsonObject(features) || !Array.isArray(features.value)) return undefined
  return train.type === 'artifact' && typeof train.path === 'string' ? train.path : undefined
}
