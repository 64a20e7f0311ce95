import type { FeatureRequest } from '../../features/index.ts'
import type { Clock, EpochMs, EventBus, JsonObject } from '../../kernel/index.ts'
import { isJsonObject } from '../../kernel/index.ts'
import {
  HEADERS,
  type NewRecord,
  rawTopic,
  recordKey,
  recordSource,
  type TopicLog,
  type TopicRecord,
  validatedTopic,
} from '../../topic/index.ts'
import type { ScoringModel } from '../events.ts'
import { isKey, type Prediction, predictionEvent } from '../plan.ts'
import type { ContractVersions } from '../ports.ts'
import type { Endpoint } from './endpoint.ts'

/** The validated record that a prediction was made for: `<validated topic>/<partition>/<offset>`. */
export const CAUSE_HEADER = 'cov.cause'

export interface ScoringHopOptions {
  readonly endpoint: Endpoint
  readonly log: TopicLog
  readonly registry: ContractVersions
  readonly clock: Clock
  readonly events: EventBus
  /** Records that are scored at a time; 500 unless told. */
  readonly batchSize?: number
}

/** How a prediction becomes a record: fixed for one run of the hop. */
interface Envelope {
  readonly headers: Readonly<Record<string, string>>
  readonly key: readonly string[]
}

/**
 * Scores every validated event of the endpoint's source, as of the event's own time, and appends the predictions to
 * the raw topic of the predictions contract. Predictions and the hop's position move in one transaction: after the
 * death of the process nothing is scored twice or left out. Events from before the first champion get no prediction.
 */
export class ScoringHop {
  readonly #options: ScoringHopOptions
  /** Name of the position in the log. */
  readonly consumer: string

  constructor(options: ScoringHopOptions) {
    this.#options = options
    this.consumer = `scoring/${options.endpoint.definition.name}`
  }

  /** Drains the source; returns how many predictions were made. */
  async run(): Promise<number> {
    const { endpoint, log } = this.#options
    const topic = validatedTopic(endpoint.definition.source.topic)
    const partitions = (await log.topics()).find((info) => info.topic === topic)?.partitions ?? 0
    let scored = 0
    let envelope: Envelope | undefined
    for (let partition = 0; partition < partitions; partition++) {
      for (;;) {
        const records = await this.#read(topic, partition)
        if (records.length === 0) break
        envelope ??= await this.#begin()
        scored += await this.#scoreBatch(topic, partition, records, envelope)
      }
    }
    return scored
  }

  async #read(topic: string, partition: number): Promise<readonly TopicRecord[]> {
    const { log, batchSize = 500 } = this.#options
    return log.read(topic, partition, await log.position(this.consumer, topic, partition), batchSize)
  }

  /** The aliases as they are now, and how records of the predictions contract are written. */
  async #begin(): Promise<Envelope> {
    const { endpoint, registry } = this.#options
    await endpoint.refresh()
    const contract = (await registry.latest(endpoint.definition.predictions))?.contract
    return {
      headers: contract ? { [HEADERS.version]: contract.version } : {},
      key: contract?.key ?? ['prediction_id'],
    }
  }

  async #scoreBatch(
    topic: string,
    partition: number,
    records: readonly TopicRecord[],
    envelope: Envelope,
  ): Promise<number> {
    const { endpoint, log } = this.#options
    const { predictions, source } = endpoint.definition
    const requests = records.map((record) => requestOf(record, source.keyField))
    const scorable = [...records.keys()].filter((index) => requests[index] !== undefined)
    const scores = await endpoint.score(
      scorable.map((index) => requests[index]!),
      scorable.map((index) => records[index]!.timestamp),
    )
    const made = scores.flatMap((prediction, at) =>
      prediction ? [{ prediction, cause: records[scorable[at]!]! }] : [],
    )
    const appended = made.map(({ prediction, cause }) => this.#record(prediction, cause, envelope))
    await log.hop((transaction) => {
      if (appended.length > 0) transaction.append(rawTopic(predictions), appended)
      transaction.setPosition(this.consumer, topic, partition, records.at(-1)!.offset + 1)
    })
    await this.#tell(
      made.map(({ prediction }) => prediction),
      records.length - made.length,
    )
    return made.length
  }

  #record(prediction: Prediction, cause: TopicRecord, { headers, key }: Envelope): NewRecord {
    const event = predictionEvent(this.#options.endpoint.definition, prediction)
    return {
      key: recordKey(event, key),
      value: Buffer.from(JSON.stringify(event)),
      headers: { ...headers, [CAUSE_HEADER]: recordSource(cause.topic, cause.partition, cause.offset) },
      timestamp: prediction.q,
    }
  }

  async #tell(predictions: readonly Prediction[], skipped: number): Promise<void> {
    const { endpoint, events, clock } = this.#options
    const { name, predictions: topic } = endpoint.definition
    const at: EpochMs = clock.now()
    const modelVersions = scoringModels(predictions)
    await events.emit('serving.scored', {
      endpoint: name,
      predictions: topic,
      modelVersions,
      rows: predictions.length,
      skipped,
      at,
    })
  }
}

/** The event as a request; `undefined` for a tombstone, or where the key is missing: nothing can be told of it later. */
function requestOf({ value }: TopicRecord, keyField: string): FeatureRequest | undefined {
  if (value === null) return undefined
  const event = JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString()) as JsonObject
  return isJsonObject(event) && isKey(event[keyField]) ? event : undefined
}

function scoringModels(predictions: readonly Prediction[]): readonly ScoringModel[] {
  const models = new Map<string, ScoringModel>()
  const add = (role: string, model: string, version: number) =>
    models.set(`${role}/${model}@${version}`, { role, model, version })
  for (const { model, version, shadows } of predictions) {
    add('champion', model, version)
    for (const shadow of shadows) add(shadow.name, shadow.model, shadow.version)
  }
  return [...models.values()]
}
