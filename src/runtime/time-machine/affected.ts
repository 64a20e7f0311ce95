import { CAUSE_HEADER } from '../../serving/index.ts'
import { endOffsets, HEADERS, rawTopic, type TopicLog, validatedTopic } from '../../topic/index.ts'
import type { Impact } from '../impact/define.ts'
import type { Definitions } from '../impact/readers.ts'
import type { Stores } from '../stores.ts'
import type { AffectedData } from './define.ts'
import { OffsetSet } from './offset-set.ts'
import { chunksOf } from './records.ts'

interface AffectedRequest {
  readonly stores: Stores
  /** Contract topic. */
  readonly topic: string
  readonly newlyRefused: OffsetSet
  readonly impact: Impact | null
  readonly project: Definitions | null
}

const NOTHING: AffectedData = {
  validatedRecords: 0,
  firstAt: null,
  lastAt: null,
  readers: [],
  models: [],
  predictions: [],
}

/** Follows newly refused records to what was made with them, through the validated topic and the predictions. */
export async function affectedData(request: AffectedRequest): Promise<AffectedData> {
  const { stores, topic, newlyRefused, impact } = request
  if (newlyRefused.size === 0) return NOTHING
  const ends = await endOffsets(stores.log, validatedTopic(topic))
  const validated = new OffsetSet(validatedTopic(topic), ends)
  const models = await modelStarts(stores, impact)
  let [firstAt, lastAt]: [number | null, number | null] = [null, null]
  for await (const { records } of chunksOf(stores.log, validatedTopic(topic), ends))
    for (const { partition, offset, headers, timestamp } of records) {
      if (!newlyRefused.hasSource(headers[HEADERS.source])) continue
      validated.add(partition, offset)
      firstAt = Math.min(firstAt ?? timestamp, timestamp)
      lastAt = Math.max(lastAt ?? timestamp, timestamp)
      for (const model of models) if (timestamp < model.startedAt) model.records++
    }
  return {
    validatedRecords: validated.size,
    firstAt,
    lastAt,
    readers: readersOf(impact),
    models: models.filter(({ records }) => records > 0).map(({ startedAt: _, ...model }) => model),
    predictions: await predictions(request, validated),
  }
}

async function modelStarts({ runs }: Stores, impact: Impact | null) {
  const starts = []
  for (const { model, version, aliases, runId } of impact?.recorded?.models ?? []) {
    const run = await runs.run(runId)
    if (run !== undefined) starts.push({ model, version, aliases, records: 0, startedAt: run.startedAt })
  }
  return starts
}

function readersOf(impact: Impact | null): readonly string[] {
  const direct = impact?.nodes.filter(
    ({ via, kind }) => /^(topic|lake-table) /.test(via) && /^(feature-view|warehouse-model)$/.test(kind),
  )
  return (direct ?? []).map(({ kind, name }) => `${kind} ${name}`)
}

/** Every prediction names the record that was scored, in a header. */
async function predictions(
  { stores, topic, project }: AffectedRequest,
  validated: OffsetSet,
): Promise<AffectedData['predictions']> {
  const found = []
  for (const endpoint of project?.endpoints ?? []) {
    if (endpoint.source.topic !== topic) continue
    const count = await countCaused(stores.log, rawTopic(endpoint.predictions), validated)
    if (count > 0) found.push({ endpoint: endpoint.name, count })
  }
  return found
}

async function countCaused(log: TopicLog, topic: string, causes: OffsetSet): Promise<number> {
  let count = 0
  for await (const { records } of chunksOf(log, topic, await endOffsets(log, topic)))
    for (const { headers } of records) if (causes.hasSource(headers[CAUSE_HEADER])) count++
  return count
}
