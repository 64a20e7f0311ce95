import type { Clock, EventBus, Json, JsonObject } from '../../kernel/index.ts'
import type { SqlEngine } from '../../lake/index.ts'
import type { LineageStore, ModelRegistry, Run, RunStore } from '../../metadata/index.ts'
import type { DeployedPlan } from '../deploy.ts'
import type {
  ArtifactStore,
  PipelineStore,
  PythonEnvironment,
  StepRunner,
  StepServices,
  TrainingSets,
} from '../ports.ts'
import type { Sources } from '../sources.ts'
import type { Step } from '../step.ts'

/** Everything that runs need, supplied by the runtime. */
export interface OrchestratorOptions {
  readonly pipelines: PipelineStore
  readonly runs: RunStore
  readonly models: ModelRegistry
  readonly lineage: LineageStore
  readonly artifacts: ArtifactStore
  readonly runner: StepRunner
  readonly python: PythonEnvironment
  readonly trainingSets: TrainingSets
  readonly engine: SqlEngine
  readonly services: StepServices
  readonly events: EventBus
  readonly clock: Clock
  /** Folder for deployed sources (`versions/`) and for files of running steps (`work/`). */
  readonly folder: string
  /** Folder of the package `covenant`, which TypeScript steps import. */
  readonly packageRoot: string
  /** Environment variables of child processes; by default the few that programs need to start. */
  readonly env?: Readonly<Record<string, string>>
}

/** What a step leaves behind: a file in the artifact store, or a small value. */
export type StepOutput =
  | { readonly type: 'artifact'; readonly sha256: string; readonly path: string; readonly bytes: number }
  | { readonly type: 'value'; readonly value: Json }

export type StepOutputs = Readonly<Record<string, StepOutput>>

/** An input as the step gets it. `identity` is what the step's key knows of it. */
export interface ResolvedInput {
  readonly identity: string
  readonly artifact: { readonly sha256: string; readonly path: string } | null
  /** Absolute path of the file, or the value. */
  readonly value: Json
}

/** One step of one run, with everything it needs. */
export interface Task<S extends Step = Step> {
  readonly step: S
  readonly run: Run
  readonly plan: DeployedPlan
  readonly sources: Sources
  /** Folder with the deployed files. */
  readonly project: string
  readonly inputs: Readonly<Record<string, ResolvedInput>>
  /** The pipeline's parameters and `as_of`. */
  readonly params: JsonObject
  readonly ports: OrchestratorOptions
}

export interface StepResult {
  /** Set by a gate that stops the run: why, in words. */
  readonly stopped?: string
  readonly outputs: StepOutputs
  readonly metrics?: Readonly<Record<string, number>>
}

/** How steps of one kind are done. A step that cannot do its work throws; its run is recorded as failed. */
export interface Executor<S extends Step> {
  /** Counts up when the same definition would give other outputs: results of earlier versions are not taken. */
  readonly version: number
  /** False for a step whose effect lies outside its outputs: it is done in every run. */
  readonly cacheable: boolean
  /** What the step reads beside its code, inputs and parameters: part of its key. */
  reads(task: Task<S>): Promise<Json>
  /** `work` is an empty folder of this execution, removed afterwards. */
  execute(task: Task<S>, work: string): Promise<StepResult>
}

export function value(content: Json): StepOutput {
  return { type: 'value', value: content }
}
