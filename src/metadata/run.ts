import type { EventBus } from '../kernel/index.ts'
// The events that it listens to are declared where they happen.
import type {} from '../registry/index.ts'
import { contractTopic, deadLetterTopic, rawTopic, validatedTopic } from '../topic/index.ts'
import type {} from '../warehouse/index.ts'
import {
  contractNode,
  edge,
  featureViewNode,
  lakeTableNode,
  snapshotNode,
  topicNode,
  warehouseTableNode,
} from './nodes.ts'
import type { LineageEdge, LineageStore } from './ports.ts'

export interface LineageRecorder {
  /** Adds edges that are not there yet. */
  record(edges: readonly LineageEdge[]): Promise<void>
  /** Stops listening. */
  stop(): void
}

/** Edges that were stored already are not sent to the store again, until this many are remembered. */
const REMEMBERED_EDGES_MAX = 50_000

/**
 * Listens to the stages and keeps what was made from what:
 *
 * - contract version → validated topic; raw topic → validated topic and → dead letter topic
 * - validated topic → lake table → snapshot of it; contract version → snapshot that has rows of it
 * - lake table, warehouse model → warehouse model → feature view
 *
 * Models and views hang on the table, not on each of its snapshots: a daily build adds no edge to the graph. Which
 * snapshots a training set saw is an edge of the pipelines stage, from those snapshots to the dataset.
 *
 * @example
 * const lineage = recordLineage(events, lineageStore)
 * await lineage.record([edge(modelNode('delay', 7), endpointNode('delay'), clock.now())])
 */
export function recordLineage(events: EventBus, lineage: LineageStore): LineageRecorder {
  const remembered = new Set<string>()
  const record = async (edges: readonly LineageEdge[]): Promise<void> => {
    const fresh = edges.filter((candidate) => !remembered.has(keyOf(candidate)))
    if (fresh.length === 0) return
    await lineage.add(fresh)
    if (remembered.size > REMEMBERED_EDGES_MAX) remembered.clear()
    for (const added of fresh) remembered.add(keyOf(added))
  }
  const subscriptions = [...listenToStreams(events, record), ...listenToTables(events, record)]
  return {
    record,
    stop: () => {
      for (const unsubscribe of subscriptions) unsubscribe()
    },
  }
}

type Record = LineageRecorder['record']

function listenToStreams(events: EventBus, record: Record) {
  return [
    events.on('registry.version-registered', ({ topic, version, at }) =>
      record([edge(contractNode(topic, version), topicNode(validatedTopic(topic)), at)]),
    ),
    events.on('validation.batch', ({ topic, contractVersions, validated, deadLetters, at }) => {
      const raw = topicNode(rawTopic(topic))
      const conforming = topicNode(validatedTopic(topic))
      return record([
        ...contractVersions.map((version) => edge(contractNode(topic, version), conforming, at)),
        ...(validated > 0 ? [edge(raw, conforming, at)] : []),
        ...(deadLetters > 0 ? [edge(raw, topicNode(deadLetterTopic(topic)), at)] : []),
      ])
    }),
    events.on('lake.snapshot-committed', ({ snapshot, tables }) =>
      record(
        tables.flatMap(({ table, topic, contractVersions }) => {
          const taken = snapshotNode(table, snapshot.id)
          return [
            edge(topicNode(topic), lakeTableNode(table), snapshot.committedAt),
            edge(lakeTableNode(table), taken, snapshot.committedAt),
            ...contractVersions.map((version) =>
              edge(contractNode(contractTopic(topic), version), taken, snapshot.committedAt),
            ),
          ]
        }),
      ),
    ),
  ]
}

function listenToTables(events: EventBus, record: Record) {
  return [
    events.on('sla.audited', ({ audit, publication }) =>
      // A publication may stand at a snapshot in which this table got no rows, which the lake did not tell of.
      record(
        publication.snapshotId === audit.snapshotId
          ? [edge(lakeTableNode(audit.table), snapshotNode(audit.table, audit.snapshotId), audit.auditedAt)]
          : [],
      ),
    ),
    events.on('warehouse.model-built', ({ model, sources, refs, at }) =>
      record([
        ...sources.map(({ table }) => edge(lakeTableNode(table), warehouseTableNode(model), at)),
        ...refs.map((ref) => edge(warehouseTableNode(ref), warehouseTableNode(model), at)),
      ]),
    ),
    events.on('features.materialized', ({ view, hash, model, at }) =>
      record([edge(warehouseTableNode(model), featureViewNode(view, hash), at)]),
    ),
  ]
}

function keyOf({ from, to }: LineageEdge): string {
  return `${from.kind}:${from.id}→${to.kind}:${to.id}`
}
