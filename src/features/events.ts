import type { EpochMs } from '../kernel/index.ts'

declare module '../kernel/events.ts' {
  interface StageEvents {
    /** A batch view is known as of `at`. Emitted again when the same moment is materialised again. */
    'features.materialized': {
      readonly view: string
      readonly hash: string
      /** Entities whose features changed. */
      readonly rows: number
      /** The warehouse model that the values come from. */
      readonly model: string
      readonly at: EpochMs
    }
  }
}
