import type { EpochMs } from '../kernel/index.ts'
import type { LedgerEntry } from './ports.ts'

declare module '../kernel/events.ts' {
  interface StageEvents {
    /** Entries of the ledger changed: signals arrived, wait, were merged, deferred, refused, or started a run. */
    'triggers.decided': { readonly pipeline: string; readonly entries: readonly LedgerEntry[]; readonly at: EpochMs }
  }
}
