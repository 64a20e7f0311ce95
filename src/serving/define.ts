import type { FeatureService } from '../features/index.ts'
import { CovenantError } from '../kernel/index.ts'

/** A model that scores beside the champion; nobody acts on its scores. */
export interface Shadow {
  readonly name: string
  readonly model: string
  readonly alias: string
}

export interface EndpointDefinition {
  readonly kind: 'endpoint'
  readonly name: string
  readonly model: string
  /** The alias of the model that serves. */
  readonly alias: string
  readonly shadows: readonly Shadow[]
  readonly service: FeatureService
  /** The contract topic whose events are scored, and the member that identifies what is scored. */
  readonly source: { readonly topic: string; readonly keyField: string }
  /** The contract topic that predictions are sent to. */
  readonly predictions: string
  /** A score of at least this gives the label `true`. */
  readonly threshold: number
}

/** Names become members of events, parts of positions and of SQL. */
const NAME = /^[A-Za-z][A-Za-z0-9_-]*$/

/** Members of a prediction event that the key of the source must not be called. */
const PREDICTION_MEMBERS: readonly string[] = [
  'prediction_id',
  'endpoint',
  'scored_at',
  'model',
  'model_version',
  'run_id',
  'score',
  'label',
  'shadow_scores',
  'shadow_versions',
  'features',
]

/**
 * Declares an endpoint: the model behind an alias, the features it reads, the events that it scores, and the topic
 * that holds every prediction.
 *
 * @example
 * export const delayEndpoint = defineEndpoint({
 *   name: 'delay', model: 'delay', service: delayFeatures,
 *   shadows: [{ name: 'frozen', model: 'delay', alias: 'frozen' }],
 *   source: { topic: 'flights.scheduled', keyField: 'flight_id' },
 *   predictions: 'delay.predictions', threshold: 0.5,
 * })
 */
export function defineEndpoint(definition: {
  readonly name: string
  readonly model: string
  readonly alias?: string
  readonly shadows?: readonly Shadow[]
  readonly service: FeatureService
  readonly source: { readonly topic: string; readonly keyField: string }
  readonly predictions: string
  readonly threshold?: number
}): EndpointDefinition {
  const { name, model, alias = 'champion', shadows = [], service, source, predictions, threshold = 0.5 } = definition
  const endpoint: EndpointDefinition = Object.freeze({
    kind: 'endpoint',
    name,
    model,
    alias,
    shadows: Object.freeze(shadows.map((shadow) => Object.freeze({ ...shadow }))),
    service,
    source: Object.freeze({ ...source }),
    predictions,
    threshold,
  })
  checkNames(endpoint)
  if (!(threshold >= 0 && threshold <= 1))
    throw invalid(endpoint, `its threshold is ${threshold}`, 'Give a number from 0 to 1.')
  if (predictions === source.topic)
    throw invalid(endpoint, `it would score its own predictions (${predictions})`, 'Give another topic.')
  if (PREDICTION_MEMBERS.includes(source.keyField))
    throw invalid(
      endpoint,
      `the key of its source is called ${source.keyField}, as a member of every prediction is`,
      'Rename the field in the contract of the source.',
    )
  return endpoint
}

function checkNames(endpoint: EndpointDefinition): void {
  const shadowNames = endpoint.shadows.map((shadow) => shadow.name)
  for (const name of [endpoint.name, ...shadowNames])
    if (!NAME.test(name))
      throw invalid(endpoint, `the name ${JSON.stringify(name)} is not usable`, 'Use letters, digits, _ and -.')
  const twice = shadowNames.find((name, index) => name === 'champion' || shadowNames.indexOf(name) !== index)
  if (twice !== undefined)
    throw invalid(endpoint, `the name ${twice} stands for two models`, 'Give each shadow a name of its own.')
}

function invalid(endpoint: EndpointDefinition, what: string, remedy: string): CovenantError {
  return new CovenantError({
    code: 'SERVING_ENDPOINT_INVALID',
    message: `The endpoint ${endpoint.name} cannot be used: ${what}.`,
    remedy,
  })
}
