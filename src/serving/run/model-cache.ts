import type { EventBus } from '../../kernel/index.ts'
import type { ModelVersion } from '../../metadata/index.ts'
import type { LoadedModel, ModelFiles, ModelScorer } from '../ports.ts'

/** Champion, a few shadows, and the versions they are about to replace. */
const MODELS_MAX = 8

export interface ModelCacheOptions {
  readonly scorer: ModelScorer
  readonly files: ModelFiles
  readonly events: EventBus
  readonly modelsMax?: number
}

interface Entry {
  readonly model: Promise<LoadedModel>
  users: number
  retired: boolean
}

/** Models in memory, loaded when they are first needed; the ones not used for longest are released. */
export class ModelCache {
  readonly #options: ModelCacheOptions
  /** By artifact, least recently used first. */
  readonly #entries = new Map<string, Entry>()

  constructor(options: ModelCacheOptions) {
    this.#options = options
  }

  /** Calls `body` with the model of a version. The model stays in memory until `body` has ended. */
  async use<T>(version: ModelVersion, featureCount: number, body: (model: LoadedModel) => Promise<T>): Promise<T> {
    const entry = this.#take(version, featureCount)
    entry.users++
    try {
      return await body(await entry.model)
    } finally {
      entry.users--
      if (entry.retired && entry.users === 0) await release(entry)
    }
  }

  /** Artifacts in memory, least recently used first. */
  loaded(): readonly string[] {
    return [...this.#entries.keys()]
  }

  /** Releases every model; those in use as soon as they are not. */
  async close(): Promise<void> {
    for (const artifact of this.loaded()) await this.#retire(artifact)
  }

  #take(version: ModelVersion, featureCount: number): Entry {
    const { artifact } = version
    const known = this.#entries.get(artifact)
    const entry = known ?? { model: this.#load(version, featureCount), users: 0, retired: false }
    this.#entries.delete(artifact)
    this.#entries.set(artifact, entry)
    if (!known) this.#forgetOldest(entry, artifact)
    return entry
  }

  async #load({ model, version, artifact, path }: ModelVersion, featureCount: number): Promise<LoadedModel> {
    const { scorer, files, events } = this.#options
    const loaded = await scorer.load(files.resolve(path), featureCount)
    await events.emit('serving.model-loaded', { model, version, artifact })
    return loaded
  }

  #forgetOldest(entry: Entry, artifact: string): void {
    // A model that failed to load must be tried again by the next call.
    entry.model.catch(() => this.#entries.get(artifact) === entry && this.#entries.delete(artifact))
    while (this.#entries.size > (this.#options.modelsMax ?? MODELS_MAX))
      void this.#retire(this.#entries.keys().next().value!)
  }

  async #retire(artifact: string): Promise<void> {
    const entry = this.#entries.get(artifact)
    if (!entry) return
    this.#entries.delete(artifact)
    entry.retired = true
    if (entry.users === 0) await release(entry)
  }
}

async function release(entry: Entry): Promise<void> {
  const model = await entry.model.catch(() => undefined)
  await model?.release()
}
