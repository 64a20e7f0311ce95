/** Scheduled audits of lake snapshots against the contract's service levels and quality rules; publish or hold. */
import './events.ts'

export * from './contract-test/index.ts'
export type { ErrorBudget, Incident, LevelEvaluation, LevelPlan } from './levels/define.ts'
export { levelPlans } from './levels/plan.ts'
export { ServiceLevels, type ServiceLevelsOptions } from './levels/run.ts'
export type { Audit, CheckResult, LevelStore, Publication, SlaStore } from './ports.ts'
export { Auditor, type AuditorOptions } from './run.ts'
export { describeCheck } from './verdict.ts'
