/** Scheduled audits of lake snapshots against the contract's service levels and quality rules; publish or hold. */
import './events.ts'

export { ERRORS as SLA_ERRORS } from './errors.ts'
export { type AuditPlan, auditPlan, type CheckPlan } from './plan.ts'
export type { Audit, CheckResult, Publication, SlaStore } from './ports.ts'
export { Auditor, type AuditorOptions } from './run.ts'
