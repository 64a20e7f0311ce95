import type { FeatureView, OnDemandView } from '../features/index.ts'
import { type EpochMs, isJsonObject, type JsonObject, parseDuration, toIso } from '../kernel/index.ts'
import { tableName } from '../lake/index.ts'
import { type LineageEdge, warehouseTableNode } from '../metadata/index.ts'
import { HEADERS, recordSource, validatedTopic } from '../topic/index.ts'
import type { FeatureOrigin, WhyParts } from './explanation.ts'

interface ScoredRequest {
  /** The event that was scored: it has the keys of the views' entities. */
  readonly event: JsonObject
  readonly prediction: JsonObject
  /** What the model was made from. */
  readonly upstream: readonly LineageEdge[]
}

const SOURCES_MAX = 200
const READ_RECORDS = 1_000

/** The origin of each view's values, in the order of the views. */
export async function originsOf(
  views: readonly (FeatureView | OnDemandView)[],
  request: ScoredRequest,
  parts: WhyParts,
): Promise<readonly FeatureOrigin[]> {
  const { prediction, event, upstream } = request
  const values = isJsonObject(prediction.features) ? prediction.features : {}
  const q = Date.parse(String(prediction.scored_at))
  const trained = trainedHashes(upstream)
  const origins: FeatureOrigin[] = []
  for (const view of views) {
    const viewHash = trained.get(view.name) ?? view.hash.slice(0, 12)
    const base = {
      view: view.name,
      viewHash,
      declaredHash: view.hash.startsWith(viewHash) ? null : view.hash.slice(0, 12),
      values: Object.fromEntries(Object.entries(values).filter(([name]) => name.startsWith(`${view.name}__`))),
      batch: null,
      events: null,
    }
    if (view.kind === 'on-demand-view') origins.push(base)
    else if (view.source.type === 'batch')
      origins.push({ ...base, batch: await batchOrigin(view, view.source.model, event, q, parts) })
    else origins.push({ ...base, events: await streamOrigin(view, view.source.topic, event, q, parts) })
  }
  return origins
}

/** View name → the first 12 digits of its hash, of the views that the training set was made with. */
function trainedHashes(upstream: readonly LineageEdge[]): ReadonlyMap<string, string> {
  return new Map(
    upstream
      .filter(({ from, to }) => from.kind === 'feature-view' && to.kind === 'dataset')
      .map(({ from }) => from.id.split('@') as [string, string]),
  )
}

async function batchOrigin(
  view: FeatureView,
  model: string,
  event: JsonObject,
  q: EpochMs,
  { engine, stores }: WhyParts,
): Promise<FeatureOrigin['batch']> {
  const upstream = await stores.lineage.walk(warehouseTableNode(model), 'upstream')
  const tables = upstream.flatMap(({ from }) => (from.kind === 'table' && from.id.startsWith('lake.') ? [from.id] : []))
  const [history] = await engine.query(
    `SELECT 1 FROM duckdb_tables() WHERE database_name = 'warehouse' AND schema_name = 'features' AND table_name = $1`,
    [view.name],
  )
  const [row] = history
    ? await engine.query(
        `SELECT max(created_time) AS at FROM warehouse.features."${view.name}"
         WHERE created_time < epoch_ms($1::BIGINT) AND ${keyCondition(view)}`,
        [q, ...keyValues(view, event)],
      )
    : []
  return {
    model,
    materializedAt: row?.at == null ? null : toIso(Number(row.at)),
    tables: [...new Set(tables)].sort(),
  }
}

interface SeenRecord {
  readonly partition: number
  readonly offset: number
  readonly timestamp: EpochMs
}

async function streamOrigin(
  view: FeatureView,
  contract: string,
  event: JsonObject,
  q: EpochMs,
  parts: WhyParts,
): Promise<FeatureOrigin['events']> {
  const from = q - Math.max(...Object.values(view.features).map(({ window }) => parseDuration(window) ?? 0))
  const seen = [
    ...(await recordsInLake(view, contract, event, { from, q }, parts)),
    ...(await recordsInLog(view, contract, event, { from, q }, parts)),
  ].sort((a, b) => a.timestamp - b.timestamp || a.offset - b.offset)
  const topic = validatedTopic(contract)
  const headersOf = async ({ partition, offset }: SeenRecord) =>
    (await parts.stores.log.read(topic, partition, offset, 1))[0]?.headers ?? {}
  const sourceOf = async (record: SeenRecord) =>
    (await headersOf(record))[HEADERS.source] ?? recordSource(topic, record.partition, record.offset)
  const newest = seen.slice(-SOURCES_MAX)
  const sources = await Promise.all(newest.map(sourceOf))
  const versions = await Promise.all(newest.map(async (record) => (await headersOf(record))[HEADERS.version] ?? ''))
  return {
    topic: contract,
    count: seen.length,
    first: seen[0] ? await sourceOf(seen[0]) : null,
    last: sources.at(-1) ?? null,
    contractVersions: [...new Set(versions)].sort(),
    sources,
  }
}

interface Span {
  readonly from: EpochMs
  readonly q: EpochMs
}

async function recordsInLake(
  view: FeatureView,
  contract: string,
  event: JsonObject,
  { from, q }: Span,
  { engine, lake }: WhyParts,
): Promise<readonly SeenRecord[]> {
  const table = tableName(contract)
  if (!(await lake.tables()).has(table)) return []
  const rows = await engine.query(
    `SELECT _partition AS part, _offset AS position, epoch_ms(_timestamp) AS at FROM lake.${table}
     WHERE _timestamp >= epoch_ms(${from}::BIGINT) AND _timestamp < epoch_ms($1::BIGINT) AND ${keyCondition(view)}`,
    [q, ...keyValues(view, event)],
  )
  return rows.map(({ part, position, at }) => ({
    partition: Number(part),
    offset: Number(position),
    timestamp: Number(at),
  }))
}

/** Records that have not reached the lake yet. */
async function recordsInLog(
  view: FeatureView,
  contract: string,
  event: JsonObject,
  { from, q }: Span,
  { stores: { log }, lake }: WhyParts,
): Promise<readonly SeenRecord[]> {
  const topic = validatedTopic(contract)
  const partitions = (await log.topics()).find((info) => info.topic === topic)?.partitions ?? 0
  const seen: SeenRecord[] = []
  for (let partition = 0; partition < partitions; partition++) {
    let offset = await lake.position(topic, partition)
    for (;;) {
      const records = await log.read(topic, partition, offset, READ_RECORDS)
      for (const { value, timestamp, offset } of records)
        if (timestamp >= from && timestamp < q && value !== null && hasKey(view, value, event))
          seen.push({ partition, offset, timestamp })
      const last = records.at(-1)
      if (!last) break
      offset = last.offset + 1
    }
  }
  return seen
}

function hasKey({ entity }: FeatureView, value: Uint8Array, event: JsonObject): boolean {
  const record: unknown = JSON.parse(Buffer.from(value).toString('utf8'))
  return (
    isJsonObject(record) &&
    entity.keys.every((key) => record[key] != null && String(record[key]) === String(event[key]))
  )
}

/** Conditions on `$2`, `$3` …, one for each key. */
function keyCondition({ entity }: FeatureView): string {
  return ['true', ...entity.keys.map((key, index) => `CAST("${key}" AS VARCHAR) = $${index + 2}`)].join(' AND ')
}

/** Keys are compared as text. */
function keyValues({ entity }: FeatureView, event: JsonObject): readonly string[] {
  return entity.keys.map((key) => String(event[key] ?? ''))
}
