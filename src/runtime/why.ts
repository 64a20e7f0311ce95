import { CovenantError, isJsonObject, type JsonObject } from '../kernel/index.ts'
import { tableName } from '../lake/index.ts'
import { modelNode } from '../metadata/index.ts'
import { CAUSE_HEADER, type EndpointDefinition } from '../serving/index.ts'
import { contractTopic, HEADERS, recordSource, type TopicRecord, validatedTopic } from '../topic/index.ts'
import type { Explanation, RecordOrigin, WhyParts } from './explanation.ts'
import type { Stores } from './stores.ts'
import { originsOf } from './why-features.ts'
import { describe } from './why-text.ts'

export type { Explanation } from './explanation.ts'

const READ_RECORDS = 1_000

/**
 * Walks from a prediction back to its model version, run, pipeline version, training data, features, contract versions
 * and raw events.
 *
 * Throws `PROJECT_NAME_UNKNOWN` for an id that no prediction topic holds.
 *
 * @example (await why('prediction-0a1b2c3d4e5f', { project, stores, engine, lake })).lines.join('\n')
 */
export async function why(predictionId: string, parts: WhyParts): Promise<Explanation> {
  const { endpoint, record, prediction } = await findPrediction(predictionId, parts)
  const { stores } = parts
  const model = (await stores.models.version(String(prediction.model), Number(prediction.model_version))) ?? null
  const run = model ? ((await stores.runs.run(model.runId)) ?? null) : null
  const upstream = model ? await stores.lineage.walk(modelNode(model.model, model.version), 'upstream') : []
  const scored = await scoredRecord(record, stores)
  const request = { event: isJsonObject(scored?.event) ? scored.event : {}, prediction, upstream }
  const features = await originsOf(endpoint.service.views, request, parts)
  const found = { prediction, recorded: originOf(record), scored, model, run, upstream, features }
  return { ...found, lines: describe(found) }
}

async function findPrediction(id: string, parts: WhyParts) {
  const lakeTables = await parts.lake.tables()
  for (const endpoint of parts.project.endpoints) {
    const inLake = lakeTables.has(tableName(endpoint.predictions))
    const record =
      (inLake ? await lakeRecord(id, endpoint, parts) : undefined) ?? (await newestRecord(id, endpoint, parts))
    const prediction = record && parseEvent(record)
    if (record && prediction) return { endpoint, record, prediction }
  }
  throw new CovenantError({
    code: 'PROJECT_NAME_UNKNOWN',
    message: `There is no prediction ${id}.`,
    remedy: 'Its id is the member prediction_id of the events on the prediction topic.',
  })
}

async function lakeRecord(
  id: string,
  { predictions }: EndpointDefinition,
  { engine, stores }: WhyParts,
): Promise<TopicRecord | undefined> {
  const [row] = await engine.query(
    `SELECT _partition, _offset FROM lake.${tableName(predictions)} WHERE prediction_id = $1`,
    [id],
  )
  if (!row) return undefined
  return (await stores.log.read(validatedTopic(predictions), Number(row._partition), Number(row._offset), 1))[0]
}

/** Looks among the predictions that have not reached the lake yet. */
async function newestRecord(
  id: string,
  { predictions }: EndpointDefinition,
  { stores, lake }: WhyParts,
): Promise<TopicRecord | undefined> {
  const topic = validatedTopic(predictions)
  const partitions = (await stores.log.topics()).find((info) => info.topic === topic)?.partitions ?? 0
  for (let partition = 0; partition < partitions; partition++) {
    let offset = await lake.position(topic, partition)
    for (;;) {
      const records = await stores.log.read(topic, partition, offset, READ_RECORDS)
      const found = records.find((record) => parseEvent(record)?.prediction_id === id)
      if (found) return found
      const last = records.at(-1)
      if (!last) break
      offset = last.offset + 1
    }
  }
  return undefined
}

async function scoredRecord(record: TopicRecord, { log }: Stores): Promise<Explanation['scored']> {
  const [, topic, partition, offset] = /^(.+)\/(\d+)\/(\d+)$/.exec(record.headers[CAUSE_HEADER] ?? '') ?? []
  if (topic === undefined) return null
  const [source] = await log.read(topic, Number(partition), Number(offset), 1)
  return source ? { ...originOf(source), event: parseEvent(source) ?? null } : null
}

function originOf(record: TopicRecord): RecordOrigin {
  return {
    source: record.headers[HEADERS.source] ?? recordSource(record.topic, record.partition, record.offset),
    contract: contractTopic(record.topic),
    contractVersion: record.headers[HEADERS.version] ?? '',
  }
}

function parseEvent(record: TopicRecord): JsonObject | undefined {
  if (record.value === null) return undefined
  const value: unknown = JSON.parse(Buffer.from(record.value).toString('utf8'))
  return isJsonObject(value) ? value : undefined
}
