import type { Json, JsonObject } from '../kernel/index.ts'
import type { LakeStore, SqlEngine } from '../lake/index.ts'
import type { LineageEdge, ModelVersion, Run } from '../metadata/index.ts'
import type { Project } from './project.ts'
import type { Stores } from './stores.ts'

/** Everything that one prediction rests on, nearest first. */
export interface Explanation {
  readonly prediction: JsonObject
  /** The prediction as a record. */
  readonly recorded: RecordOrigin
  /** The record that was scored; `null` where the prediction does not name one. */
  readonly scored: (RecordOrigin & { readonly event: Json }) | null
  readonly model: ModelVersion | null
  readonly run: Run | null
  /** Datasets, snapshots, tables and contract versions that the model was made from. */
  readonly upstream: readonly LineageEdge[]
  readonly features: readonly FeatureOrigin[]
  /** The same as text for a terminal. */
  readonly lines: readonly string[]
}

/** Where a record came in, and what it was validated against. */
export interface RecordOrigin {
  /** `topic/partition/offset` of the raw record. */
  readonly source: string
  /** Contract topic. */
  readonly contract: string
  readonly contractVersion: string
}

export interface WhyParts {
  readonly project: Project
  readonly stores: Stores
  readonly engine: SqlEngine
  readonly lake: LakeStore
}

/** Where a view's values of a prediction came from. */
export interface FeatureOrigin {
  readonly view: string
  /** Version of the view that the model was trained with; of an on-demand view, as the project has it. */
  readonly viewHash: string
  /** The version that the project declares now, where it is another one; else `null`. */
  readonly declaredHash: string | null
  readonly values: Readonly<Record<string, Json>>
  /** Batch views: the warehouse model, when the row was materialised, and the lake tables behind the model. */
  readonly batch: {
    readonly model: string
    readonly materializedAt: string | null
    readonly tables: readonly string[]
  } | null
  /** Stream views: the records inside the widest window before the prediction. */
  readonly events: {
    readonly topic: string
    readonly count: number
    /** Raw records, as `topic/partition/offset`. */
    readonly first: string | null
    readonly last: string | null
    readonly contractVersions: readonly string[]
    /** `topic/partition/offset` of the raw records, oldest first; of many, the newest 200. */
    readonly sources: readonly string[]
  } | null
}
