import type { Incident } from './levels/define.ts'
import type { Audit, Publication } from './ports.ts'

declare module '../kernel/events.ts' {
  interface StageEvents {
    /**
     * An audit is recorded. This and the events below are delivered at least once: after a start the newest audit of
     * each contract is told again, for the case that the process died between record and event.
     */
    'sla.audited': { readonly audit: Audit; readonly publication: Publication }
    /** An incident is opened or closed; told until its alert is known to be raised. */
    'sla.incident': { readonly incident: Incident }
    /** A breach began: publication is held from now on. */
    'sla.breached': { readonly audit: Audit; readonly publication: Publication }
    /** A breach ended: what was held is published. */
    'sla.recovered': { readonly audit: Audit; readonly publication: Publication; readonly heldSince: number }
  }
}
