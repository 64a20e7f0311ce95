import type { FeatureService } from '../features/index.ts'
import type { Duration, JsonObject } from '../kernel/index.ts'
import type { DataCheck } from './checks.ts'

/** A named output of an earlier step. */
export interface OutputRef {
  readonly type: 'output'
  readonly step: string
  readonly output: string
}

/** The model file that an alias points to; `null` while it points to none. */
export interface AliasRef {
  readonly type: 'alias'
  readonly model: string
  readonly alias: string
}

export type StepInput = OutputRef | AliasRef
export type Inputs = Readonly<Record<string, StepInput>>

/** `json` for a small value that is kept with the run, or the extension of a file: `onnx`, `parquet`, `png` … */
export type Outputs = Readonly<Record<string, string>>

interface StepBase {
  readonly name: string
  readonly inputs: Inputs
}

export interface TrainingSetStep extends StepBase {
  readonly kind: 'training-set'
  readonly service: FeatureService
  /** Path of an `.sql` file of the project, or SQL text; `$name` is a parameter. */
  readonly spine: string
  /** SQL condition over the columns of the set; rows that meet it go to `holdout`, the others to `train`. */
  readonly holdout: string | null
}

export interface SqlStep extends StepBase {
  readonly kind: 'sql'
  readonly sql: string
  readonly output: string
}

export interface TypescriptStep extends StepBase {
  readonly kind: 'typescript'
  readonly module: string
  readonly outputs: Outputs
  readonly params: readonly string[]
}

export interface PythonStep extends StepBase {
  readonly kind: 'python'
  readonly script: string
  readonly outputs: Outputs
  readonly params: readonly string[]
  readonly timeout: Duration
}

export interface CommandStep extends StepBase {
  readonly kind: 'command'
  readonly command: string
  readonly args: readonly string[]
  /** Files of the project that the command reads: part of the deployed version. */
  readonly files: readonly string[]
  readonly outputs: Outputs
  readonly params: readonly string[]
  readonly timeout: Duration
}

export interface DataGateStep extends StepBase {
  readonly kind: 'data-gate'
  readonly checks: readonly DataCheck[]
}

/** Bounds of the champion comparison. A regression is how much worse than the champion the candidate may be. */
export interface ChampionBound {
  readonly model: string
  readonly alias: string
  readonly metric: string
  readonly better: 'higher' | 'lower'
  readonly maxRegression: number
}

export interface SliceBound {
  readonly metric: string
  readonly better: 'higher' | 'lower'
  readonly maxRegression: number
  /** Slices with fewer rows are too small to judge. */
  readonly minRows: number
}

export interface ModelGateStep extends StepBase {
  readonly kind: 'model-gate'
  readonly floors: Readonly<Record<string, number>>
  readonly ceilings: Readonly<Record<string, number>>
  readonly champion: ChampionBound | null
  readonly slices: SliceBound | null
}

export interface RegisterStep extends StepBase {
  readonly kind: 'register'
  readonly model: string
  /** The alias that shall point to the new version, or `null`. */
  readonly promote: string | null
}

export type Step =
  | TrainingSetStep
  | SqlStep
  | TypescriptStep
  | PythonStep
  | CommandStep
  | DataGateStep
  | ModelGateStep
  | RegisterStep

export interface Pipeline {
  readonly kind: 'pipeline'
  readonly name: string
  readonly description: string | null
  /** Parameters with their defaults. `as_of` is always there beside them: the moment the run started. */
  readonly params: JsonObject
  readonly steps: readonly Step[]
}

/** Metrics of a candidate, all of them finite numbers, as a step reports them to a model gate. */
export interface EvaluationReport {
  readonly metrics: Readonly<Record<string, number>>
  /** The champion's metrics on the same rows; `null` where there is none. */
  readonly champion?: Readonly<Record<string, number>> | null
  /** By the name of the slice, e.g. `carrier=UA`. */
  readonly slices?: Readonly<
    Record<
      string,
      {
        readonly rows: number
        readonly metrics: Readonly<Record<string, number>>
        readonly champion?: Readonly<Record<string, number>> | null
      }
    >
  >
}
