/** A model in memory. Rows are feature vectors in the order of the signature's feature names; null is NaN. */
export interface LoadedModel {
  /** Probability of the positive class for each row. `rows` holds `rowCount × featureCount` values, row by row. */
  score(rows: Float32Array, rowCount: number): Promise<Float64Array>
  release(): Promise<void>
}

/** Loads model files. Adapters: embedded (onnxruntime). */
export interface ModelScorer {
  load(file: string, featureCount: number): Promise<LoadedModel>
}
