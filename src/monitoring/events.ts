import type { EpochMs } from '../kernel/index.ts'
import type { Alert, MonitorPoint } from './ports.ts'

declare module '../kernel/events.ts' {
  interface StageEvents {
    /** A monitor has run; its points are stored. A run that is repeated tells it again. */
    'monitoring.points': { readonly monitor: string; readonly points: readonly MonitorPoint[]; readonly at: EpochMs }
    /** An alert was raised or resolved. */
    'monitoring.alert': { readonly monitor: string; readonly alert: Alert; readonly at: EpochMs }
  }
}
