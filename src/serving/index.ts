/** Endpoints: the champion scores, shadows score beside it, and every prediction is an event on a topic. */
export { defineEndpoint, type EndpointDefinition, type Shadow } from './define.ts'
export type { ScoringModel } from './events.ts'
export type { Prediction, ShadowScore } from './plan.ts'
export type { ContractVersions, LoadedModel, ModelFiles, ModelScorer, OnlineVectors } from './ports.ts'
export { Endpoint, type EndpointOptions } from './run/endpoint.ts'
export { recordServingLineage } from './run/lineage.ts'
export { CAUSE_HEADER, ScoringHop, type ScoringHopOptions } from './run/scoring-hop.ts'
