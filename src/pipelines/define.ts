import type { FeatureService } from '../features/index.ts'
import type { Duration, JsonObject } from '../kernel/index.ts'
import type { DataCheck } from './checks.ts'
import type {
  AliasRef,
  ChampionBound,
  CommandStep,
  DataGateStep,
  Inputs,
  ModelGateStep,
  OutputRef,
  Outputs,
  Pipeline,
  PythonStep,
  RegisterStep,
  SliceBound,
  SqlStep,
  Step,
  TrainingSetStep,
  TypescriptStep,
} from './step.ts'

/**
 * Declares a pipeline: steps that depend on each other through named outputs. Steps run one after the other, in an
 * order in which every input is there, else as they are listed; a gate guards every step listed after it.
 *
 * @example
 * export const delay = definePipeline({
 *   name: 'delay',
 *   params: { rounds: 200 },
 *   steps: [
 *     trainingSetStep({ name: 'set', service, spine: 'steps/spine.sql', holdout: "q >= $as_of - INTERVAL 28 DAY" }),
 *     dataGate({ name: 'data_gate', inputs: { train: output('set', 'train') }, checks: [minRows(10_000)] }),
 *     pythonStep({
 *       name: 'train', script: 'steps/train.py', params: ['rounds'],
 *       inputs: { train: output('set', 'train') }, outputs: { model: 'onnx' },
 *     }),
 *     registerStep({ name: 'register', model: 'delay', from: output('train', 'model'), promote: 'champion' }),
 *   ],
 * })
 */
export function definePipeline(definition: {
  readonly name: string
  readonly description?: string
  readonly params?: JsonObject
  readonly steps: readonly Step[]
}): Pipeline {
  const { name, description = null, params = {}, steps } = definition
  return freeze({ kind: 'pipeline', name, description, params, steps })
}

/** Refers to an output of a step; steps that report metrics have an output `metrics`. */
export function output(step: string, name: string): OutputRef {
  return freeze({ type: 'output', step, output: name })
}

/** Refers to the model file that an alias points to when the step runs, so that a step can compare with it. */
export function modelByAlias(model: string, alias = 'champion'): AliasRef {
  return freeze({ type: 'alias', model, alias })
}

/**
 * Point-in-time correct features of a service for every row of the spine (columns: entity keys, members of on-demand
 * views, `q TIMESTAMP`, and others that are carried along, such as the label). Outputs: `train` (Parquet), `holdout`
 * (Parquet, when a condition for it is given), `features` (names in order) and `rows`.
 */
export function trainingSetStep(definition: {
  readonly name: string
  readonly service: FeatureService
  readonly spine: string
  readonly holdout?: string
}): TrainingSetStep {
  return freeze({ kind: 'training-set', inputs: {}, ...definition, holdout: definition.holdout ?? null })
}

/**
 * The result of a query as a Parquet file. `$name` stands for a parameter, or for the file of an input:
 * `SELECT * FROM read_parquet($train)`. Its output is called `data` unless `output` names it.
 */
export function sqlStep(definition: {
  readonly name: string
  readonly sql: string
  readonly inputs?: Inputs
  readonly output?: string
}): SqlStep {
  const { name, sql, inputs = {}, output: outputName = 'data' } = definition
  return freeze({ kind: 'sql', name, sql, inputs, output: outputName })
}

/** A module of the project that exports `run(context: StepContext)`. It runs in this process and has no time limit. */
export function typescriptStep(definition: {
  readonly name: string
  readonly module: string
  readonly inputs?: Inputs
  readonly outputs?: Outputs
  readonly params?: readonly string[]
}): TypescriptStep {
  const { name, module, inputs = {}, outputs = {}, params = [] } = definition
  return freeze({ kind: 'typescript', name, module, inputs, outputs, params })
}

/** A Python script of the project, run with the virtual environment of the set-up; see `covenant_steps`. */
export function pythonStep(definition: {
  readonly name: string
  readonly script: string
  readonly inputs?: Inputs
  readonly outputs?: Outputs
  readonly params?: readonly string[]
  readonly timeout?: Duration
}): PythonStep {
  const { name, script, inputs = {}, outputs = {}, params = [], timeout = '1h' } = definition
  return freeze({ kind: 'python', name, script, inputs, outputs, params, timeout })
}

/**
 * Any program. In `args`, `{inputs.train}`, `{outputs.model}`, `{params.rounds}`, `{project}` (the folder with the
 * deployed files) and `{request}` (a file with all of them, the same as a Python step gets) are replaced.
 */
export function commandStep(definition: {
  readonly name: string
  readonly command: string
  readonly args?: readonly string[]
  readonly files?: readonly string[]
  readonly inputs?: Inputs
  readonly outputs?: Outputs
  readonly params?: readonly string[]
  readonly timeout?: Duration
}): CommandStep {
  const { name, command, args = [], files = [], inputs = {}, outputs = {}, params = [], timeout = '1h' } = definition
  return freeze({ kind: 'command', name, command, args, files, inputs, outputs, params, timeout })
}

/** Stops the run as `aborted` when the data is not fit for training. Output: `checks`. */
export function dataGate(definition: {
  readonly name: string
  readonly inputs?: Inputs
  readonly checks: readonly DataCheck[]
}): DataGateStep {
  const { name, inputs = {}, checks } = definition
  return freeze({ kind: 'data-gate', name, inputs, checks })
}

/**
 * Stops the run as `rejected` when the candidate is not good enough. `report` is an `EvaluationReport` from a step.
 * Where it holds the champion's metrics on the same rows, these are compared; else those that were recorded when the
 * champion was registered. Without a champion only floors and ceilings count. Output: `checks`.
 */
export function modelGate(definition: {
  readonly name: string
  readonly report: OutputRef
  readonly floors?: Readonly<Record<string, number>>
  readonly ceilings?: Readonly<Record<string, number>>
  readonly champion?: Pick<ChampionBound, 'model' | 'metric' | 'maxRegression'> & Partial<ChampionBound>
  readonly slices?: Pick<SliceBound, 'metric' | 'maxRegression'> & Partial<SliceBound>
}): ModelGateStep {
  const { name, report, floors = {}, ceilings = {}, champion, slices } = definition
  return freeze({
    kind: 'model-gate',
    name,
    inputs: { report },
    floors,
    ceilings,
    champion: champion ? { alias: 'champion', better: 'higher', ...champion } : null,
    slices: slices ? { better: 'higher', minRows: 1, ...slices } : null,
  })
}

/**
 * Registers a model file under the next version of `model`, and lets the alias `promote` point to it. The signature
 * takes its feature names from the training set that the model was made from. Output: `version`.
 */
export function registerStep(definition: {
  readonly name: string
  readonly model: string
  readonly from: OutputRef
  readonly promote?: string | null
  /** Where the version's metrics come from: an evaluation report or a `metrics` output. */
  readonly metricsFrom?: OutputRef
}): RegisterStep {
  const { name, model, from, promote = null, metricsFrom } = definition
  const inputs: Inputs = metricsFrom ? { model: from, metrics: metricsFrom } : { model: from }
  return freeze({ kind: 'register', name, model, inputs, promote })
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) freeze(member)
  return Object.freeze(value)
}
