/** Deployed, versioned pipelines: their definition, deployment and execution. */
import './events.ts'

export {
  type DataCheck,
  labelShareBetween,
  maxNullShare,
  minRows,
  noLeakage,
  publicationsCurrent,
} from './checks.ts'
export {
  commandStep,
  dataGate,
  definePipeline,
  modelByAlias,
  modelGate,
  output,
  pythonStep,
  registerStep,
  sqlStep,
  trainingSetStep,
  typescriptStep,
} from './define.ts'
export {
  type CompileOptions,
  compilePipeline,
  type DeployedPlan,
  type DeployOptions,
  deploy,
} from './deploy.ts'
export type {
  ArtifactStore,
  PipelineStore,
  PipelineVersion,
  PublishedTable,
  PythonEnvironment,
  StepProcess,
  StepProcessResult,
  StepRunner,
  StepServices,
  TrainingSets,
} from './ports.ts'
export { Orchestrator } from './run/orchestrator.ts'
export type { RunRequest } from './run/start.ts'
export type { StepContext, StepReport } from './run/steps/typescript.ts'
export type { OrchestratorOptions, StepOutput, StepOutputs } from './run/task.ts'
export { readSources, sqlTextOf } from './sources.ts'
export type { AliasRef, EvaluationReport, OutputRef, Pipeline, Step, StepInput } from './step.ts'
