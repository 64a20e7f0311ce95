/** Runs, models, aliases and lineage: what was made when, from what, and how well it did. */
export {
  contractNode,
  datasetNode,
  edge,
  endpointNode,
  featureViewNode,
  lakeTableNode,
  modelNode,
  pipelineNode,
  runNode,
  snapshotNode,
  topicNode,
  warehouseTableNode,
} from './nodes.ts'
export type {
  AliasChange,
  LineageEdge,
  LineageNode,
  LineageStore,
  ModelRegistry,
  ModelVersion,
  Run,
  RunOutcome,
  RunStore,
  StateStore,
  StepRecord,
} from './ports.ts'
export { recordLineage } from './run.ts'
