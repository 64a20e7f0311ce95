import type { EpochMs } from '../kernel/index.ts'

declare module '../kernel/events.ts' {
  interface StageEvents {
    /**
     * A contract version is registered. Delivered at least once: it is told again, with the same content, when the same
     * version is applied again, for the case that the process died between registration and event.
     */
    'registry.version-registered': {
      readonly contractId: string
      readonly version: string
      readonly topic: string
      /** When it was registered. */
      readonly at: EpochMs
    }
  }
}
