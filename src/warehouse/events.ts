import type { EpochMs } from '../kernel/index.ts'

declare module '../kernel/events.ts' {
  interface StageEvents {
    /**
     * A model's rows changed, or it was built anew. Delivered at least once: after a start every model is told of again,
     * for the case that the process died between build and event.
     */
    'warehouse.model-built': {
      readonly model: string
      readonly hash: string
      /** Rows of the model after the build; 0 for a view. */
      readonly rows: number
      readonly sources: readonly { readonly table: string; readonly snapshotId: number }[]
      readonly refs: readonly string[]
      readonly at: EpochMs
    }
  }
}
