import type { LakeSnapshot } from './ports.ts'

declare module '../kernel/events.ts' {
  interface StageEvents {
    /**
     * Validated records are in the lake. Delivered at least once: after a start the newest snapshot is told again, for
     * the case that the process died between commit and event.
     */
    'lake.snapshot-committed': { readonly snapshot: LakeSnapshot; readonly tables: LakeSnapshot['tables'] }
  }
}
