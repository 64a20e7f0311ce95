import type { EpochMs } from '../kernel/index.ts'

/** A model version and what it did at an endpoint: `champion`, or the name of a shadow. */
export interface ScoringModel {
  readonly role: string
  readonly model: string
  readonly version: number
}

declare module '../kernel/events.ts' {
  interface StageEvents {
    /** Predictions were appended to the raw topic of the endpoint's predictions. */
    'serving.scored': {
      readonly endpoint: string
      readonly predictions: string
      readonly modelVersions: readonly ScoringModel[]
      readonly rows: number
      /** Records that were passed over: tombstones, events without the key, and those before the first model. */
      readonly skipped: number
      readonly at: EpochMs
    }
    /** A model file was read into memory. */
    'serving.model-loaded': { readonly model: string; readonly version: number; readonly artifact: string }
  }
}
