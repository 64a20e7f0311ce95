/** Opens a project on a state folder and runs it: in real time, or over history. */

export { tableName } from '../lake/index.ts'
export { describeCheck } from '../sla/index.ts'
export { rawTopic, topicCounts, validatedTopic } from '../topic/index.ts'
export { deadLetterSummary } from '../validation/index.ts'
export type { ApplyOptions, ApplyResult, PipelineDeployment } from './apply.ts'
export { applyBeside } from './apply-beside.ts'
export { type Covenant, type CovenantOptions, openCovenant, registryOf, subjectsOf } from './covenant.ts'
export { discardInTopics, replayTopics } from './dead-letters.ts'
export { deployPipelines } from './deploy.ts'
export type { Explanation, FeatureOrigin } from './explanation.ts'
export { checkInstallation, type InstallationFinding, packageVersion, sitePackages } from './installation.ts'
export { keepTicking, type LiveOptions } from './live.ts'
export { Loop } from './loop.ts'
export { lintContracts, loadContracts, loadProject, type Project, refuseNoProject } from './project.ts'
export {
  type PlannedMigration,
  planMigrations,
  writeBaselines,
  writeMigrations,
} from './push/migrations.ts'
export type { PushProgress } from './push/run.ts'
export { databaseSchemas } from './push/targets.ts'
export {
  type Feed,
  type FeedBatch,
  type ReplayAction,
  type ReplayOptions,
  type ReplayProgress,
  replay,
} from './replay.ts'
export { serviceLevels } from './service-levels.ts'
export { openStores, type Stores } from './stores.ts'
