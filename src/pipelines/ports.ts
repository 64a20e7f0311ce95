import type { EpochMs, Json } from '../kernel/index.ts'

/** Runs one child process of a step and reports how it ended; the process is killed with its children at `timeoutMs`. */
export interface StepProcess {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

export interface StepProcessResult {
  readonly exitCode: number | null
  readonly signal: string | null
  readonly timedOut: boolean
  /** The last 16 KiB of standard error. */
  readonly stderrTail: string
}

/** Executes steps that are not TypeScript. Adapters: python, embedded (any command). */
export interface StepRunner {
  run(process: StepProcess): Promise<StepProcessResult>
  /** Absolute path of the Python interpreter for steps; throws `PIPELINE_PYTHON_MISSING` when there is none. */
  pythonPath(): Promise<string>
  /** Content hash of the Python environment's lock file: part of the key of Python steps. */
  environmentHash(): Promise<string>
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
}
