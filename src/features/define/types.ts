import type { Duration } from '../../kernel/index.ts'

export interface Entity {
  readonly kind: 'entity'
  readonly name: string
  /** The columns that identify one entity, in order. Without any there is one entity: the whole stream or model. */
  readonly keys: readonly string[]
  readonly description: string | null
}

export type AggregateName = 'mean' | 'sum' | 'count' | 'min' | 'max' | 'last'

/**
 * A windowed aggregate over events. Windows are `[q - window, q)`: strictly before the moment `q` that is asked for, so
 * that the scored event never sees itself. `last` is the newest value within the window; nulls are skipped by every
 * aggregate but `last`, where the row wins, not the value. Empty windows give `null`, `count` gives 0.
 */
export interface WindowFeature {
  readonly aggregate: AggregateName
  /** Column or event member, a number or boolean (0 or 1); text counts as null. `count` without one counts events. */
  readonly field: string | null
  readonly window: Duration
}

/** Computed by a schedule from a warehouse model; known from the moment it was materialised. */
export interface BatchSource {
  readonly type: 'batch'
  /** Warehouse model with the entity's key columns, the time column and the fields. */
  readonly model: string
  readonly eventTime: string
  /** Cron expression in UTC: when the view is materialised. */
  readonly schedule: string
}

/** Fed straight from a validated topic; known as soon as the record is validated. */
export interface StreamSource {
  readonly type: 'stream'
  readonly topic: string
}

export interface FeatureView {
  readonly kind: 'feature-view'
  readonly name: string
  readonly entity: Entity
  readonly source: BatchSource | StreamSource
  readonly features: Readonly<Record<string, WindowFeature>>
  readonly description: string | null
  /** Content hash: the version of the view. */
  readonly hash: string
}

/** A feature view that is materialised on a schedule. */
export type BatchFeatureView = FeatureView & { readonly source: BatchSource }
/** A feature view that is fed from a topic. */
export type StreamFeatureView = FeatureView & { readonly source: StreamSource }

/** An expression over the members of a request, with the same meaning in TypeScript and in SQL. */
export type Expression =
  | { readonly op: 'field'; readonly field: string }
  | { readonly op: 'constant'; readonly value: number }
  /** 0–23, or 0–1439, in an IANA time zone, of an ISO timestamp member. */
  | { readonly op: 'hourOfDay' | 'minuteOfDay'; readonly field: string; readonly timeZone: string }
  /** 1 (Monday) – 7 (Sunday) as ISO 8601 counts, or 1 (January) – 12. */
  | { readonly op: 'dayOfWeek' | 'month'; readonly field: string; readonly timeZone: string }
  /** Position of the member's value in `values`, or `values.length` for any other value and for null. */
  | { readonly op: 'indexOf'; readonly field: string; readonly values: readonly string[] }
  | {
      readonly op: 'add' | 'subtract' | 'multiply' | 'divide'
      readonly left: Expression
      readonly right: Expression
    }

/** Features that follow from the request alone. */
export interface OnDemandView {
  readonly kind: 'on-demand-view'
  readonly name: string
  readonly features: Readonly<Record<string, Expression>>
  readonly description: string | null
  readonly hash: string
}

/** The named, ordered set of features that a model is trained on and served with. */
export interface FeatureService {
  readonly kind: 'feature-service'
  readonly name: string
  readonly views: readonly (FeatureView | OnDemandView)[]
  /** `<view>__<feature>` in the order of the views: the columns of a training set and of a feature vector. */
  readonly featureNames: readonly string[]
  readonly description: string | null
  readonly hash: string
}

export function isBatch(view: FeatureView | OnDemandView): view is BatchFeatureView {
  return view.kind === 'feature-view' && view.source.type === 'batch'
}

export function isStream(view: FeatureView | OnDemandView): view is StreamFeatureView {
  return view.kind === 'feature-view' && view.source.type === 'stream'
}
