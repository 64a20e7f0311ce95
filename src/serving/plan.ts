import type { FeatureRequest, FeatureVector } from '../features/index.ts'
import { CovenantError, contentHash, type EpochMs, type JsonObject, toIso } from '../kernel/index.ts'
import type { AliasChange, ModelVersion } from '../metadata/index.ts'
import type { EndpointDefinition } from './define.ts'

/** The score of a shadow beside a prediction. */
export interface ShadowScore {
  readonly name: string
  readonly model: string
  readonly version: number
  readonly score: number
}

/** One scored request. */
export interface Prediction {
  readonly id: string
  readonly endpoint: string
  readonly entityKey: string
  /** The moment it is as of: features and models that were known later had no part in it. */
  readonly q: EpochMs
  readonly model: string
  readonly version: number
  /** The run that made the model version. */
  readonly runId: string
  /** Probability of the positive class. */
  readonly score: number
  readonly label: boolean
  readonly shadows: readonly ShadowScore[]
  readonly features: Readonly<Record<string, number | null>>
  readonly sources: FeatureVector['sources']
}

/** What scores at an endpoint: the champion, or a shadow. */
export interface Slot {
  readonly role: string
  readonly model: string
  readonly alias: string
}

/** The champion first, then the shadows. */
export function slotsOf(endpoint: EndpointDefinition): readonly [Slot, ...Slot[]] {
  const { model, alias, shadows } = endpoint
  return [{ role: 'champion', model, alias }, ...shadows.map(({ name, ...shadow }) => ({ role: name, ...shadow }))]
}

/** The version that an alias pointed to at `q`; `history` is oldest first. */
export function versionAt(history: readonly AliasChange[], alias: string, q: EpochMs): number | undefined {
  return history.findLast((change) => change.alias === alias && change.at <= q)?.version
}

/** The same thing scored at the same endpoint as of the same moment has the same id. */
export function predictionId(endpoint: string, entityKey: string, q: EpochMs): string {
  return `prediction-${contentHash([endpoint, entityKey, q]).slice(0, 24)}`
}

/** The value of the key member as text; throws `SERVING_KEY_MISSING`. */
export function entityKeyOf(endpoint: EndpointDefinition, request: FeatureRequest): string {
  const value = request[endpoint.source.keyField]
  if (isKey(value)) return String(value)
  throw new CovenantError({
    code: 'SERVING_KEY_MISSING',
    message: `A request to ${endpoint.name} needs the member ${endpoint.source.keyField}, a text or number; found ${JSON.stringify(value) ?? 'nothing'}.`,
    where: `endpoint ${endpoint.name}`,
    remedy: `Send ${endpoint.source.keyField} with every request.`,
  })
}

export function isKey(value: unknown): value is string | number {
  return (typeof value === 'string' && value !== '') || typeof value === 'number'
}

/**
 * Refuses a model that was not trained on exactly the features that the endpoint reads: the same names in the same
 * order and, where the signature tells it, the same version of the feature service.
 */
export function checkSignature({ name, service }: EndpointDefinition, version: ModelVersion): void {
  const { features, serviceHash } = version.signature
  const trained = Array.isArray(features) ? features.map(String) : []
  const difference = featureDifference(trained, service.featureNames)
  if (difference === undefined && (typeof serviceHash !== 'string' || serviceHash === service.hash)) return
  throw new CovenantError({
    code: 'SERVING_SIGNATURE_MISMATCH',
    message: `${version.model}@${version.version} cannot serve at ${name}: ${
      difference ?? `the definition of a view of feature service ${service.name} changed since it was trained`
    }.`,
    where: `endpoint ${name}`,
    remedy: `Train the model on feature service ${service.name} as it is now, or serve it with the one it was trained on.`,
  })
}

function featureDifference(trained: readonly string[], served: readonly string[]): string | undefined {
  const at = served.findIndex((feature, index) => feature !== trained[index])
  if (at >= 0) return `feature ${at + 1} is ${served[at]} at the endpoint and ${trained[at] ?? 'missing'} in the model`
  if (trained.length > served.length)
    return `the model needs ${trained[served.length]}, which the endpoint does not read`
  return undefined
}

/** Vectors as the rows of a matrix; a null is NaN, which tree models read as missing. */
export function matrixOf(vectors: readonly FeatureVector[], featureCount: number): Float32Array {
  const rows = new Float32Array(vectors.length * featureCount)
  let at = 0
  for (const { values } of vectors) for (const value of values) rows[at++] = value ?? Number.NaN
  return rows
}

/** A prediction as it stands in the predictions topic. */
export function predictionEvent(endpoint: EndpointDefinition, prediction: Prediction): JsonObject {
  const { shadows } = prediction
  return {
    prediction_id: prediction.id,
    endpoint: prediction.endpoint,
    [endpoint.source.keyField]: prediction.entityKey,
    scored_at: toIso(prediction.q),
    model: prediction.model,
    model_version: prediction.version,
    run_id: prediction.runId,
    score: prediction.score,
    label: prediction.label,
    shadow_scores: Object.fromEntries(shadows.map(({ name, score }) => [name, score])),
    shadow_versions: Object.fromEntries(shadows.map(({ name, version }) => [name, version])),
    features: prediction.features,
  }
}
