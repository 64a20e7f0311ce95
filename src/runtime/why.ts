import type { FeatureView } from '../features/index.ts'
import { CovenantError, isJsonObject, type Json, type JsonObject, parseDuration, toIso } from '../kernel/index.ts'
import { type LakeStore, type SqlEngine, type SqlRow, tableName } from '../lake/index.ts'
import { type LineageEdge, type ModelVersion, modelNode, type Run } from '../metadata/index.ts'
import { CAUSE_HEADER, type EndpointDefinition } from '../serving/index.ts'
import { HEADERS, type TopicRecord, validatedTopic } from '../topic/index.ts'
import type { Project } from './project.ts'
import type { Stores } from './stores.ts'

/** Everything that one prediction rests on, nearest first. */
export interface Explanation {
  readonly prediction: JsonObject
  /** `topic/partition/offset` of the raw record that was scored. */
  readonly scored: { readonly source: string; readonly contractVersion: string; readonly event: Json } | null
  readonly model: ModelVersion | null
  readonly run: Run | null
  /** Datasets, snapshots, tables and contract versions that the model was made from. */
  readonly upstream: readonly LineageEdge[]
  readonly features: readonly FeatureOrigin[]
  /** The same as text for a terminal. */
  readonly lines: readonly string[]
}

/** Where a view's values of this prediction came from. */
export interface FeatureOrigin {
  readonly view: string
  readonly viewHash: string
  readonly values: Readonly<Record<string, Json>>
  /** Batch views: when the row was materialised. */
  readonly materializedAt: string | null
  /** Stream views: raw records inside the widest window before the prediction. */
  readonly events: { readonly count: number; readonly first: string | null; readonly last: string | null } | null
}

interface WhyParts {
  readonly project: Project
  readonly stores: Stores
  readonly engine: SqlEngine
  readonly lake: LakeStore
}

/**
 * Walks from a prediction back to its model version, run, training data, features, contract versions and raw events.
 *
 * Throws `PROJECT_NAME_UNKNOWN` for an id that no prediction topic holds.
 */
export async function why(predictionId: string, parts: WhyParts): Promise<Explanation> {
  const { endpoint, record, prediction } = await findPrediction(predictionId, parts)
  const { stores } = parts
  const model = (await stores.models.version(String(prediction.model), Number(prediction.model_version))) ?? null
  const run = model ? ((await stores.runs.run(model.runId)) ?? null) : null
  const upstream = model ? await stores.lineage.walk(modelNode(model.model, model.version), 'upstream') : []
  const scored = await scoredRecord(record, stores)
  const features = await originsOf(endpoint, prediction, scored?.event ?? null, parts)
  const found = { prediction, scored, model, run, upstream, features }
  return { ...found, lines: describe(found) }
}

async function findPrediction(id: string, parts: WhyParts) {
  const tables = await parts.lake.tables()
  for (const endpoint of parts.project.endpoints) {
    const table = tableName(endpoint.predictions)
    const topic = validatedTopic(endpoint.predictions)
    const stored = tables.has(table)
      ? await parts.engine.query(`SELECT _partition, _offset FROM lake.${table} WHERE prediction_id = $1`, [id])
      : []
    const row = stored[0]
    const record = row
      ? (await parts.stores.log.read(topic, Number(row._partition), Number(row._offset), 1))[0]
      : await newestRecord(id, topic, endpoint, parts)
    const prediction = record && parseEvent(record)
    if (record && prediction) return { endpoint, record, prediction }
  }
  throw new CovenantError({
    code: 'PROJECT_NAME_UNKNOWN',
    message: `There is no prediction ${id}.`,
    remedy: 'Its id is the member prediction_id of the events on the prediction topic.',
  })
}

/** Looks among the predictions that have not reached the lake yet. */
async function newestRecord(
  id: string,
  topic: string,
  endpoint: EndpointDefinition,
  { stores, lake }: WhyParts,
): Promise<TopicRecord | undefined> {
  let offset = await lake.position(topic, 0).catch(() => 0)
  for (;;) {
    const records = await stores.log.read(topic, 0, offset, 1_000)
    if (records.length === 0) return undefined
    const found = records.find((record) => parseEvent(record)?.prediction_id === id)
    if (found) return found
    offset += records.length
    if (endpoint.predictions === '') return undefined
  }
}

async function scoredRecord(record: TopicRecord, { log }: Stores): Promise<Explanation['scored']> {
  const [, topic, partition, offset] = /^(.+)\/(\d+)\/(\d+)$/.exec(record.headers[CAUSE_HEADER] ?? '') ?? []
  if (topic === undefined) return null
  const [source] = await log.read(topic, Number(partition), Number(offset), 1)
  if (!source) return null
  return {
    source: source.headers[HEADERS.source] ?? `${topic}/${partition}/${offset}`,
    contractVersion: source.headers[HEADERS.version] ?? '',
    event: parseEvent(source) ?? null,
  }
}

async function originsOf(
  endpoint: EndpointDefinition,
  prediction: JsonObject,
  event: Json,
  parts: WhyParts,
): Promise<readonly FeatureOrigin[]> {
  const values = isJsonObject(prediction.features) ? prediction.features : {}
  const request = isJsonObject(event) ? event : {}
  const q = Date.parse(String(prediction.scored_at))
  const origins: FeatureOrigin[] = []
  for (const view of endpoint.service.views) {
    const own = Object.fromEntries(Object.entries(values).filter(([name]) => name.startsWith(`${view.name}__`)))
    const base = { view: view.name, viewHash: view.hash, values: own, materializedAt: null, events: null }
    if (view.kind === 'on-demand-view') origins.push(base)
    else if (view.source.type === 'batch')
      origins.push({ ...base, materializedAt: await materializedAt(view, request, q, parts) })
    else origins.push({ ...base, events: await eventsBefore(view, view.source.topic, request, q, parts) })
  }
  return origins
}

async function materializedAt(
  view: FeatureView,
  request: JsonObject,
  q: number,
  { engine }: WhyParts,
): Promise<string | null> {
  const [row] = await engine.query(
    `SELECT max(created_time) AS at FROM warehouse.features.${view.name} WHERE created_time < epoch_ms($1::BIGINT) AND ${keyCondition(view)}`,
    [q, ...keyValues(view, request)],
  )
  return row?.at == null ? null : toIso(Number(row.at))
}

async function eventsBefore(
  view: FeatureView,
  topic: string,
  request: JsonObject,
  q: number,
  { engine, stores }: WhyParts,
) {
  const widest = Math.max(...Object.values(view.features).map(({ window }) => parseDuration(window) ?? 0))
  const [row] = await engine.query(
    `SELECT count(*) AS events, arg_min(_offset, _timestamp) AS first, arg_max(_offset, _timestamp) AS last
     FROM lake.${tableName(topic)}
     WHERE _timestamp >= epoch_ms($1::BIGINT - ${widest}) AND _timestamp < epoch_ms($1::BIGINT) AND ${keyCondition(view)}`,
    [q, ...keyValues(view, request)],
  )
  const source = async (offset: SqlRow[string] | undefined) => {
    if (offset == null) return null
    const [record] = await stores.log.read(validatedTopic(topic), 0, Number(offset), 1)
    return record?.headers[HEADERS.source] ?? null
  }
  return { count: Number(row?.events ?? 0), first: await source(row?.first), last: await source(row?.last) }
}

function keyCondition(view: FeatureView): string {
  return view.entity.keys.map((key, index) => `"${key}" = $${index + 2}`).join(' AND ')
}

function keyValues(view: FeatureView, request: JsonObject): readonly (string | number)[] {
  return view.entity.keys.map((key) => {
    const value = request[key]
    return typeof value === 'number' ? value : String(value ?? '')
  })
}

function parseEvent(record: TopicRecord): JsonObject | undefined {
  if (record.value === null) return undefined
  const value: unknown = JSON.parse(Buffer.from(record.value).toString('utf8'))
  return isJsonObject(value) ? value : undefined
}

function describe({
  prediction,
  scored,
  model,
  run,
  upstream,
  features,
}: Omit<Explanation, 'lines'>): readonly string[] {
  const lines = [
    `prediction ${prediction.prediction_id}: score ${Number(prediction.score).toFixed(4)} at ${prediction.scored_at}`,
  ]
  if (scored)
    lines.push(`├─ scored event ${scored.source} (contract ${scored.contractVersion}): ${JSON.stringify(scored.event)}`)
  if (model) lines.push(`├─ model ${model.model} v${model.version}, file ${model.artifact.slice(0, 12)}`)
  if (run)
    lines.push(
      `│  └─ run ${run.id} (${run.trigger}, ${toIso(run.startedAt)}) of pipeline ${run.pipeline} ${run.pipelineVersion.slice(0, 12)}`,
    )
  for (const line of lineageLines(upstream)) lines.push(`│     └─ ${line}`)
  lines.push('└─ features')
  for (const { view, viewHash, values, materializedAt: at, events } of features) {
    const origin = at
      ? `materialised ${at}`
      : events
        ? `${events.count} raw events, ${events.first} … ${events.last}`
        : 'from the event itself'
    lines.push(`   ├─ ${view} ${viewHash.slice(0, 8)}: ${origin}`)
    for (const [name, value] of Object.entries(values)) lines.push(`   │    ${name.slice(view.length + 2)} = ${value}`)
  }
  return lines
}

/** What lies upstream, by kind: the datasets, then snapshots, tables and contract versions. */
function lineageLines(edges: readonly LineageEdge[]): readonly string[] {
  const byKind = new Map<string, Set<string>>()
  for (const { from } of edges) byKind.set(from.kind, (byKind.get(from.kind) ?? new Set()).add(from.id))
  return ['dataset', 'snapshot', 'table', 'feature-view', 'contract']
    .filter((kind) => byKind.has(kind))
    .map((kind) => `${kind}: ${[...(byKind.get(kind) ?? [])].sort().join(', ')}`)
}
