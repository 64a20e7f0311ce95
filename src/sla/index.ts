/** Scheduled audits of lake snapshots against the contract's service levels and quality rules; publish or hold. */
import './events.ts'

export type { Audit, CheckResult, Publication, SlaStore } from './ports.ts'
export { Auditor, type AuditorOptions } from './run.ts'
export { describeCheck } from './verdict.ts'
