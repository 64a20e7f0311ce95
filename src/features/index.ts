/** Entities, feature views and services: offline, online and straight from the stream, from one definition. */
import './events.ts'

export {
  batch,
  count,
  last,
  max,
  mean,
  min,
  stream,
  sum,
} from './define/aggregates.ts'
export { defineEntity, defineFeatureService, defineFeatureView, defineOnDemandView } from './define/definitions.ts'
export {
  add,
  constant,
  dayOfWeek,
  divide,
  field,
  hourOfDay,
  indexOf,
  minuteOfDay,
  month,
  multiply,
  subtract,
} from './define/expressions.ts'
export {
  type AggregateName,
  type BatchFeatureView,
  type Entity,
  type Expression,
  type FeatureService,
  type FeatureView,
  isBatch,
  isStream,
  type OnDemandView,
  type StreamFeatureView,
  type WindowFeature,
} from './define/types.ts'
export { entityKey, featurePlan } from './plan/feature-plan.ts'
export { trainingSetSql } from './plan/training-set.ts'
export type {
  FeatureRequest,
  FeatureVector,
  OnlineStore,
} from './ports.ts'
export { BatchMaterializer } from './run/batch-materializer.ts'
export { OfflineFeatures } from './run/offline-features.ts'
export { OnlineFeatures } from './run/online-features.ts'
export { StreamFeatures } from './run/stream-features.ts'
