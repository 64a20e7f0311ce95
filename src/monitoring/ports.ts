import type { FeatureService } from '../features/index.ts'
import type { EpochMs } from '../kernel/index.ts'

/** One value of a monitor for one window. */
export interface MonitorPoint {
  readonly monitor: string
  /** `auc`, `log-loss`, `drift`, `prediction-drift`, `skew` … */
  readonly metric: string
  /** What it is about: a model alias (`champion`, `frozen`), a feature; empty for the whole. */
  readonly subject: string
  /** Start (inclusive) and end (exclusive) of the window. */
  readonly windowStart: EpochMs
  readonly windowEnd: EpochMs
  readonly value: number
  /** Rows that the value was computed from. */
  readonly rows: number
}

export interface Alert {
  readonly id: string
  /** `sla`, `drift`, `performance`, `skew`. */
  readonly source: string
  readonly subject: string
  readonly message: string
  readonly raisedAt: EpochMs
  /** `null` while it is open. */
  readonly resolvedAt: EpochMs | null
}

export interface MonitorStore {
  /** Adds all points; points of the same monitor, metric, subject and window are replaced. */
  putPoints(points: readonly MonitorPoint[]): Promise<void>
  points(monitor: string, metric?: string): Promise<readonly MonitorPoint[]>
  putAlert(alert: Alert): Promise<void>
  alerts(): Promise<readonly Alert[]>
}

/** What the distributions of a model's features are compared with. Supplied by the runtime. */
export interface ReferenceData {
  /** SQL relation of a model version's training set, with a column for each feature; `null` where it is not known. */
  trainingSet(model: string, version: number): Promise<string | null>
}

/** Recomputes feature vectors offline; `OfflineFeatures` does. */
export interface FeatureRecomputation {
  /** SQL that gives each row of the spine (the members of a request, `q TIMESTAMP`, others) with its features. */
  trainingSetSql(service: FeatureService, options: { readonly spine: string }): Promise<string>
}
