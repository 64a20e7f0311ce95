import type { EpochMs } from '../../kernel/index.ts'
import { validatedTopic } from '../../topic/index.ts'
import {
  type BatchFeatureView,
  type FeatureService,
  type FeatureView,
  isBatch,
  isStream,
  type OnDemandView,
  type StreamFeatureView,
} from '../define/types.ts'
import { compileOnDemandView } from '../plan/expression-function.ts'
import { entityKey, type FeaturePlan, featurePlan } from '../plan/feature-plan.ts'
import type {
  FeatureRequest,
  FeatureValue,
  FeatureVector,
  OnlineEvent,
  OnlineRow,
  OnlineStore,
  ViewSource,
} from '../ports.ts'
import { aggregateWindows, firstAtOrAfter, offsetRanges } from './windows.ts'

export interface OnlineFeaturesOptions {
  readonly store: OnlineStore
}

/** What one view contributes to a vector. */
interface Part {
  readonly values: readonly FeatureValue[]
  readonly source: ViewSource
}

/** Reads one view for all requests of a call: `q[i]` is the moment of `requests[i]`. */
type ReadView = (requests: readonly FeatureRequest[], q: readonly EpochMs[]) => Promise<readonly Part[]>

/**
 * Reads feature vectors for serving: the values that the offline retrieval would give for the same moment, as long as
 * the moment is not further back than the store's retention.
 */
export class OnlineFeatures {
  readonly #store: OnlineStore
  readonly #readers = new Map<string, readonly ReadView[]>()

  constructor(options: OnlineFeaturesOptions) {
    this.#store = options.store
  }

  /**
   * The vectors of `requests` as of `q` (one moment for all, or one for each), in their order. Events and rows count
   * when they were known strictly before `q`. What is missing gives nulls, and 0 for counts of a stream view.
   *
   * @example
   * const [vector] = await online.get(service, [{ origin: 'JFK', sched_dep: '2013-01-01T10:15:00Z' }], clock.now())
   */
  async get(
    service: FeatureService,
    requests: readonly FeatureRequest[],
    q: EpochMs | readonly EpochMs[],
  ): Promise<readonly FeatureVector[]> {
    const moments = typeof q === 'number' ? requests.map(() => q) : q
    const parts = await Promise.all(this.#readersOf(service).map((read) => read(requests, moments)))
    return requests.map((_request, index) => ({
      names: service.featureNames,
      values: parts.flatMap((part) => part[index]!.values),
      sources: parts.map((part) => part[index]!.source),
    }))
  }

  #readersOf(service: FeatureService): readonly ReadView[] {
    const known = this.#readers.get(service.hash)
    if (known) return known
    const readers = service.views.map((view) => viewReader(this.#store, view))
    this.#readers.set(service.hash, readers)
    return readers
  }
}

function viewReader(store: OnlineStore, view: FeatureView | OnDemandView): ReadView {
  if (isStream(view)) return streamReader(store, view)
  if (isBatch(view)) return batchReader(store, view)
  return onDemandReader(view as OnDemandView)
}

function onDemandReader(view: OnDemandView): ReadView {
  const functions = compileOnDemandView(view)
  const source: ViewSource = { type: 'on-demand', view: view.name, hash: view.hash }
  return async (requests) =>
    requests.map((request) => ({ values: functions.map((evaluate) => evaluate(request)), source }))
}

/** Requests for the same entity and moment share one lookup and one part. */
function grouped(plan: FeaturePlan, requests: readonly FeatureRequest[], q: readonly EpochMs[]) {
  const groups = new Map<string, { readonly key: string; readonly before: EpochMs }>()
  const ids = requests.map((request, index) => {
    const key = entityKey(plan.keys, request)
    if (key === undefined) return undefined
    const id = `${q[index]} ${key}`
    if (!groups.has(id)) groups.set(id, { key, before: q[index]! })
    return id
  })
  return { groups, ids }
}

function batchReader(store: OnlineStore, view: BatchFeatureView): ReadView {
  const plan = featurePlan(view)
  const nothing = batchPart(view, plan, undefined)
  return async (requests, q) => {
    const { groups, ids } = grouped(plan, requests, q)
    const rows = await store.getRows(plan.onlineName, [...groups.values()])
    const parts = new Map([...groups.keys()].map((id, index) => [id, batchPart(view, plan, rows[index])]))
    return ids.map((id) => (id === undefined ? nothing : parts.get(id)!))
  }
}

function batchPart(view: BatchFeatureView, plan: FeaturePlan, row: OnlineRow | undefined): Part {
  const { name, hash, source } = view
  return {
    values: row?.values ?? plan.aggregates.map(() => null),
    source: {
      type: 'batch',
      view: name,
      hash,
      model: source.model,
      eventTime: row?.eventTime ?? null,
      createdTime: row?.createdTime ?? null,
    },
  }
}

function streamReader(store: OnlineStore, view: StreamFeatureView): ReadView {
  const plan = featurePlan(view)
  const nothing = streamPart(view, plan, [], 0)
  return async (requests, q) => {
    const { groups, ids } = grouped(plan, requests, q)
    const events = await eventsByKey(store, plan, [...groups.values()])
    const parts = new Map(
      [...groups].map(([id, { key, before }]) => [id, streamPart(view, plan, events.get(key)!, before)]),
    )
    return ids.map((id) => (id === undefined ? nothing : parts.get(id)!))
  }
}

async function eventsByKey(
  store: OnlineStore,
  plan: FeaturePlan,
  lookups: readonly { readonly key: string; readonly before: EpochMs }[],
): Promise<ReadonlyMap<string, readonly OnlineEvent[]>> {
  if (lookups.length === 0) return new Map()
  const keys = [...new Set(lookups.map(({ key }) => key))]
  let from = Number.POSITIVE_INFINITY
  let before = Number.NEGATIVE_INFINITY
  for (const lookup of lookups) {
    from = Math.min(from, lookup.before - plan.widestMs)
    before = Math.max(before, lookup.before)
  }
  const events = await store.getEvents(plan.onlineName, keys, from, before)
  return new Map(keys.map((key, index) => [key, events[index]!]))
}

function streamPart(view: StreamFeatureView, plan: FeaturePlan, events: readonly OnlineEvent[], q: EpochMs): Part {
  const range = { from: firstAtOrAfter(events, q - plan.widestMs), to: firstAtOrAfter(events, q) }
  return {
    values: aggregateWindows(plan, events, q),
    source: {
      type: 'stream',
      view: view.name,
      hash: view.hash,
      topic: validatedTopic(view.source.topic),
      events: range.to - range.from,
      offsets: offsetRanges(events, range),
      eventTime: range.to > range.from ? events[range.to - 1]!.time : null,
    },
  }
}
