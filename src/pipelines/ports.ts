import type { FeatureService } from '../features/index.ts'
import type { EpochMs, Json } from '../kernel/index.ts'

/** Runs one child process of a step and reports how it ended; the process is killed with its children at `timeoutMs`. */
export interface StepProcess {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  /** All that the process gets: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

export interface StepProcessResult {
  readonly exitCode: number | null
  readonly signal: string | null
  readonly timedOut: boolean
  /** The last 16 KiB of standard error and standard output. */
  readonly stderrTail: string
}

/**
 * Executes the steps that are not TypeScript or SQL. A process never outlives the one that started it, however that
 * one ends. Adapters: embedded (child processes).
 */
export interface StepRunner {
  /** Throws `PIPELINE_STOPPING` (retryable) when the runner was told to stop before the process ended. */
  run(process: StepProcess): Promise<StepProcessResult>
}

/** The Python that steps run on. Adapters: python (a virtual environment made from a lock file). */
export interface PythonEnvironment {
  /** Absolute path of the interpreter; throws `PIPELINE_PYTHON_MISSING` when there is none. */
  interpreter(): Promise<string>
  /** Content hash of the lock file: part of the key of Python steps and of the version of their pipelines. */
  hash(): Promise<string>
  /** Environment variables that a Python step needs, among them where to import `covenant_steps` from. */
  variables(): Readonly<Record<string, string>>
}

/** A deployed, immutable version of a pipeline. */
export interface PipelineVersion {
  readonly pipeline: string
  /** Content hash of definition, step sources, dependency locks and contract versions. */
  readonly version: string
  readonly deployedAt: EpochMs
  /** The frozen definition, as inspectable JSON. */
  readonly plan: Json
  /** Source text of each step file, by its path in the project: what a run executes. */
  readonly sources: Readonly<Record<string, string>>
}

export interface PipelineStore {
  /** Adds a version and makes it the deployed one; a known version is only made the deployed one. */
  deploy(version: PipelineVersion): Promise<void>
  deployed(pipeline: string): Promise<PipelineVersion | undefined>
  version(pipeline: string, version: string): Promise<PipelineVersion | undefined>
  versions(pipeline?: string): Promise<readonly PipelineVersion[]>
}

/** Keeps files by content; a put is complete or absent. */
export interface ArtifactStore {
  /** Copies a file in and returns its SHA-256 and the path relative to `root`. */
  put(file: string): Promise<{ readonly sha256: string; readonly path: string; readonly bytes: number }>
  /** Absolute path for reading. */
  resolve(path: string): string
  has(path: string): Promise<boolean>
}

/** A published lake table, as the pipelines may read it. */
export interface PublishedTable {
  readonly table: string
  readonly topic: string
  /** 0 while nothing is published. */
  readonly snapshotId: number
  readonly publishedAt: EpochMs
  /** Set while publication is held. */
  readonly heldSince: EpochMs | null
  /** Contract versions of the rows, as far as they are known. */
  readonly contractVersions: readonly string[]
}

/** The data that training sets and SQL steps read. Supplied by the runtime from the features and sla stages. */
export interface TrainingSets {
  /** Writes the point-in-time correct features for every row of the spine to a Parquet file; returns the row count. */
  writeTrainingSet(service: FeatureService, spineSql: string, path: string): Promise<number>
  /** Every published table at this moment; equal snapshot ids mean equal data. */
  dataVersion(): Promise<readonly PublishedTable[]>
}

/** What a TypeScript step can call beside SQL. Supplied by the runtime. */
export interface StepServices {
  /**
   * Scores every row of a Parquet file with a model file: the probability of the positive class, in the order of the
   * rows. `features` names the columns in the order that the model expects; null is NaN.
   */
  score(modelFile: string, parquetFile: string, features: readonly string[]): Promise<Float64Array>
}
