import type { FeatureRequest, FeatureVector } from '../../features/index.ts'
import { CovenantError, type EpochMs, type EventBus } from '../../kernel/index.ts'
import type { ModelRegistry, ModelVersion } from '../../metadata/index.ts'
import type { EndpointDefinition } from '../define.ts'
import { entityKeyOf, matrixOf, type Prediction, predictionId, type Slot, slotsOf } from '../plan.ts'
import type { ModelFiles, ModelScorer, OnlineVectors } from '../ports.ts'
import { ModelCache } from './model-cache.ts'
import { ServingVersions } from './serving-versions.ts'

export interface EndpointOptions {
  readonly definition: EndpointDefinition
  readonly registry: ModelRegistry
  readonly features: OnlineVectors
  readonly scorer: ModelScorer
  readonly files: ModelFiles
  readonly events: EventBus
  /** Models kept in memory; 8 unless told. */
  readonly modelsMax?: number
}

/** What one slot made of one row; `null` where its alias pointed to nothing yet. */
type SlotScore = { readonly version: ModelVersion; readonly score: number } | null

/**
 * Scores requests with the champion and, beside it, with the shadows: the models that their aliases pointed to at the
 * moment asked for, on the features as they were known then.
 */
export class Endpoint {
  readonly definition: EndpointDefinition
  readonly #features: OnlineVectors
  readonly #versions: ServingVersions
  readonly #models: ModelCache
  readonly #unsubscribe: () => void

  constructor(options: EndpointOptions) {
    this.definition = options.definition
    this.#features = options.features
    this.#versions = new ServingVersions(options.definition, options.registry)
    this.#models = new ModelCache(options)
    this.#unsubscribe = options.events.on('pipelines.model-promoted', ({ model }) =>
      slotsOf(this.definition).some((slot) => slot.model === model) ? this.refresh() : undefined,
    )
  }

  /**
   * One prediction for each request, as of `q` (one moment for all, or one for each), in their order. Requests as of a
   * moment before the first champion are left out: before the first model there are no predictions.
   *
   * Throws `SERVING_KEY_MISSING`, `SERVING_SIGNATURE_MISMATCH` and what the scorer throws for a bad model file.
   *
   * @example
   * const [prediction] = await endpoint.predict([{ flight_id: 'UA-1', origin: 'EWR', carrier: 'UA' }], clock.now())
   */
  async predict(requests: readonly FeatureRequest[], q: EpochMs | readonly EpochMs[]): Promise<readonly Prediction[]> {
    return (await this.score(requests, q)).filter((prediction) => prediction !== null)
  }

  /** As `predict`, with `null` in the place of each request that is as of a moment before the first champion. */
  async score(
    requests: readonly FeatureRequest[],
    q: EpochMs | readonly EpochMs[],
  ): Promise<readonly (Prediction | null)[]> {
    const moments = typeof q === 'number' ? requests.map(() => q) : q
    if (moments.length !== requests.length) throw momentsMismatch(this.definition, requests.length, moments.length)
    const keys = requests.map((request) => entityKeyOf(this.definition, request))
    const resolve = await this.#versions.resolver()
    const [champion] = slotsOf(this.definition)
    const served = [...requests.keys()].filter((index) => resolve(champion, moments[index]!) !== undefined)
    const rows = await this.#scoreRows(
      served.map((index) => requests[index]!),
      served.map((index) => moments[index]!),
      resolve,
    )
    const predictions: (Prediction | null)[] = requests.map(() => null)
    for (const [row, index] of served.entries())
      predictions[index] = this.#prediction(keys[index]!, moments[index]!, rows.vectors[row]!, rows.scores, row)
    return predictions
  }

  /** Reads the aliases again, for a change that was made outside this process. */
  refresh(): Promise<void> {
    return this.#versions.refresh()
  }

  /** Releases the models. */
  close(): Promise<void> {
    this.#unsubscribe()
    return this.#models.close()
  }

  async #scoreRows(
    requests: readonly FeatureRequest[],
    moments: readonly EpochMs[],
    resolve: (slot: Slot, q: EpochMs) => number | undefined,
  ) {
    if (requests.length === 0) return { vectors: [], scores: [] }
    const { service } = this.definition
    const vectors = await this.#features.get(service, requests, moments)
    const matrix = matrixOf(vectors, service.featureNames.length)
    const scores: SlotScore[][] = []
    for (const slot of slotsOf(this.definition))
      scores.push(
        await this.#scoreSlot(
          slot.model,
          matrix,
          moments.map((q) => resolve(slot, q)),
        ),
      )
    return { vectors, scores }
  }

  /** One call of the model for each version that the rows need: nearly always one. */
  async #scoreSlot(
    model: string,
    matrix: Float32Array,
    versions: readonly (number | undefined)[],
  ): Promise<SlotScore[]> {
    const width = this.definition.service.featureNames.length
    const result: SlotScore[] = versions.map(() => null)
    for (const number of new Set(versions)) {
      if (number === undefined) continue
      const rows = [...versions.keys()].filter((row) => versions[row] === number)
      const version = await this.#versions.get(model, number)
      const scores = await this.#models.use(version, width, (loaded) =>
        loaded.score(rows.length === versions.length ? matrix : pick(matrix, rows, width), rows.length),
      )
      for (const [at, row] of rows.entries()) result[row] = { version, score: scores[at]! }
    }
    return result
  }

  #prediction(
    entityKey: string,
    q: EpochMs,
    vector: FeatureVector,
    scores: readonly (readonly SlotScore[])[],
    row: number,
  ): Prediction {
    const { name, threshold, shadows } = this.definition
    const { version, score } = scores[0]![row]!
    return {
      id: predictionId(name, entityKey, q),
      endpoint: name,
      entityKey,
      q,
      model: version.model,
      version: version.version,
      runId: version.runId,
      score,
      label: score >= threshold,
      shadows: shadows.flatMap((shadow, index) => {
        const scored = scores[index + 1]![row]
        if (!scored) return []
        return [{ name: shadow.name, model: shadow.model, version: scored.version.version, score: scored.score }]
      }),
      features: Object.fromEntries(vector.names.map((feature, index) => [feature, vector.values[index]!])),
      sources: vector.sources,
    }
  }
}

function pick(matrix: Float32Array, rows: readonly number[], width: number): Float32Array {
  const picked = new Float32Array(rows.length * width)
  for (const [at, row] of rows.entries()) picked.set(matrix.subarray(row * width, (row + 1) * width), at * width)
  return picked
}

function momentsMismatch({ name }: EndpointDefinition, requests: number, moments: number): CovenantError {
  return new CovenantError({
    code: 'SERVING_REQUEST_INVALID',
    message: `The endpoint ${name} was given ${requests} requests and ${moments} moments.`,
    remedy: 'Give one moment for all requests, or one for each.',
  })
}
