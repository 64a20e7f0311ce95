import type { EpochMs } from '../kernel/index.ts'
import type { LineageEdge, LineageNode } from './ports.ts'

/**
 * The names of things in the lineage graph. Every stage that records an edge makes its nodes here, so that the edges of
 * one stage meet those of the next.
 *
 * @example
 * edge(contractNode('flights.arrived', '1.1.0'), topicNode('flights.arrived.validated'), at)
 */
export function contractNode(topic: string, version: string): LineageNode {
  return { kind: 'contract', id: `${topic}@${version}` }
}

/** A topic by its full name, e.g. `flights.arrived.validated`. */
export function topicNode(topic: string): LineageNode {
  return { kind: 'topic', id: topic }
}

export function lakeTableNode(table: string): LineageNode {
  return { kind: 'table', id: `lake.${table}` }
}

export function warehouseTableNode(model: string): LineageNode {
  return { kind: 'table', id: `warehouse.${model}` }
}

/** A lake table as of a snapshot. */
export function snapshotNode(table: string, snapshotId: number): LineageNode {
  return { kind: 'snapshot', id: `${table}@${snapshotId}` }
}

/** A feature view in one version; `hash` is its content hash, of which 12 digits are shown. */
export function featureViewNode(view: string, hash: string): LineageNode {
  return { kind: 'feature-view', id: `${view}@${hash.slice(0, 12)}` }
}

/** A file that a run made and read: `name` is `<pipeline>.<step>.<output>`. */
export function datasetNode(name: string, sha256: string): LineageNode {
  return { kind: 'dataset', id: `${name}@${sha256.slice(0, 12)}` }
}

export function pipelineNode(pipeline: string, version: string): LineageNode {
  return { kind: 'pipeline', id: `${pipeline}@${version}` }
}

export function runNode(runId: string): LineageNode {
  return { kind: 'run', id: runId }
}

export function modelNode(model: string, version: number): LineageNode {
  return { kind: 'model', id: `${model}@${version}` }
}

export function endpointNode(endpoint: string): LineageNode {
  return { kind: 'endpoint', id: endpoint }
}

/** `to` was made from `from`. */
export function edge(from: LineageNode, to: LineageNode, at: EpochMs): LineageEdge {
  return { from, to, at }
}
