import type { EpochMs, JsonObject } from '../kernel/index.ts'

/** How a run ended: `aborted` by a data gate, `rejected` by a model gate; neither is a failure. */
export type RunOutcome = 'succeeded' | 'aborted' | 'rejected' | 'failed'

export interface Run {
  readonly id: string
  readonly pipeline: string
  readonly pipelineVersion: string
  /** Kind of the signal that started it: `ad-hoc`, `cron`, `metric` or `data`. */
  readonly trigger: string
  /** The signal in the trigger ledger; `null` for a run started by hand. */
  readonly signalId: string | null
  readonly params: JsonObject
  readonly startedAt: EpochMs
  /** `null` while it runs. */
  readonly finishedAt: EpochMs | null
  readonly outcome: RunOutcome | null
  /** Why it was aborted, rejected or failed; else `null`. */
  readonly reason: string | null
}

export interface StepRecord {
  readonly runId: string
  readonly step: string
  /** Content hash of code, inputs, parameters and environment: equal keys have equal outputs. */
  readonly key: string
  readonly state: 'succeeded' | 'stopped' | 'failed'
  /** True when the outputs of an earlier execution with the same key were taken. */
  readonly cached: boolean
  readonly outputs: JsonObject
  readonly reason: string | null
  /** Real milliseconds of work; 0 when cached. */
  readonly durationMs: number
}

export interface RunStore {
  /** Inserts or replaces the run. */
  putRun(run: Run): Promise<void>
  run(id: string): Promise<Run | undefined>
  /** In order of start; of all pipelines, or of one. */
  runs(pipeline?: string): Promise<readonly Run[]>
  /** Records a finished step with its metrics; a (run, step) that is recorded already is left as it is. */
  putStep(step: StepRecord, metrics: Readonly<Record<string, number>>): Promise<void>
  steps(runId: string): Promise<readonly StepRecord[]>
  /** A succeeded step of any run with this key. */
  stepByKey(key: string): Promise<StepRecord | undefined>
  metrics(runId: string): Promise<Readonly<Record<string, number>>>
}

export interface ModelVersion {
  readonly model: string
  /** 1 upwards. */
  readonly version: number
  readonly runId: string
  /** SHA-256 of the model file. */
  readonly artifact: string
  /** Path of the model file, relative to the artifact root. */
  readonly path: string
  readonly createdAt: EpochMs
  readonly metrics: Readonly<Record<string, number>>
  /** What a scorer must know: feature names in order, feature service hash … */
  readonly signature: JsonObject
}

export interface AliasChange {
  readonly model: string
  readonly alias: string
  readonly version: number
  readonly at: EpochMs
  readonly runId: string | null
}

/** Registered models, their versions and aliases (`champion` is the one that serves). */
export interface ModelRegistry {
  /** Registers the run's model under the next version number; the same run and artifact get their version again. */
  register(version: Omit<ModelVersion, 'version'>): Promise<ModelVersion>
  setAlias(change: AliasChange): Promise<void>
  byAlias(model: string, alias: string): Promise<ModelVersion | undefined>
  version(model: string, version: number): Promise<ModelVersion | undefined>
  /** All versions of a model, or of all models; by model and version. */
  versions(model?: string): Promise<readonly ModelVersion[]>
  /** Every change of an alias, oldest first. */
  aliasHistory(model?: string): Promise<readonly AliasChange[]>
}

/** Something that lineage connects: `kind` and a stable name with its version. */
export interface LineageNode {
  readonly kind:
    | 'contract'
    | 'topic'
    | 'snapshot'
    | 'table'
    | 'feature-view'
    | 'dataset'
    | 'pipeline'
    | 'run'
    | 'model'
    | 'endpoint'
  /** e.g. `flights.arrived@1.1.0`, `delay@7`. */
  readonly id: string
}

export interface LineageEdge {
  readonly from: LineageNode
  readonly to: LineageNode
  readonly at: EpochMs
}

/** The graph of what was made from what. */
export interface LineageStore {
  /** Adds the edges that are not there yet. */
  add(edges: readonly LineageEdge[]): Promise<void>
  /** Everything that `node` was made from (`upstream`) or that was made from it, nearest first. */
  walk(node: LineageNode, direction: 'upstream' | 'downstream'): Promise<readonly LineageEdge[]>
}

/** What a schedule, a replay or another part of the runtime has to remember: small values by name. */
export interface StateStore {
  get(name: string): Promise<string | undefined>
  set(name: string, value: string): Promise<void>
}
