import type { Audit, Publication } from './ports.ts'

declare module '../kernel/events.ts' {
  interface StageEvents {
    /** An audit is recorded. Delivered at least once: after a start the newest audits are told again. */
    'sla.audited': { readonly audit: Audit; readonly publication: Publication }
    /** A breach began: publication is held from now on. */
    'sla.breached': { readonly audit: Audit; readonly publication: Publication }
    /** A breach ended: what was held is published. */
    'sla.recovered': { readonly audit: Audit; readonly publication: Publication; readonly heldSince: number }
  }
}
