import type { FeatureRequest, FeatureService, FeatureVector } from '../features/index.ts'
import type { EpochMs } from '../kernel/index.ts'

/** A model in memory. Rows are feature vectors in the order of the signature's feature names; null is NaN. */
export interface LoadedModel {
  /** Probability of the positive class for each row. `rows` holds `rowCount × featureCount` values, row by row. */
  score(rows: Float32Array, rowCount: number): Promise<Float64Array>
  release(): Promise<void>
}

/** Loads model files. Adapters: embedded (onnxruntime). */
export interface ModelScorer {
  /** Throws `SERVING_MODEL_UNREADABLE` and `SERVING_MODEL_SHAPE`. */
  load(file: string, featureCount: number): Promise<LoadedModel>
}

/** Where model files lie; `ArtifactStore` has it. */
export interface ModelFiles {
  /** Absolute path of a model version's `path`. */
  resolve(path: string): string
}

/** Feature vectors as of a moment; `OnlineFeatures` has them. */
export interface OnlineVectors {
  get(
    service: FeatureService,
    requests: readonly FeatureRequest[],
    q: EpochMs | readonly EpochMs[],
  ): Promise<readonly FeatureVector[]>
}

/** The newest version of a topic's contract; `Registry` has it. */
export interface ContractVersions {
  latest(
    topic: string,
  ): Promise<{ readonly contract: { readonly version: string; readonly key: readonly string[] } } | undefined>
}
