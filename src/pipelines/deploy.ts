import { type Clock, contentHash, type EventBus, type JsonObject } from '../kernel/index.ts'
import { planPipeline } from './plan.ts'
import type { PipelineStore, PipelineVersion, PythonEnvironment } from './ports.ts'
import { filesOf, readSources } from './sources.ts'
import type { Pipeline, Step } from './step.ts'

/** What `PipelineVersion.plan` holds. */
export interface DeployedPlan {
  readonly format: 1
  readonly name: string
  readonly description: string | null
  readonly params: JsonObject
  /** In the order they run. */
  readonly steps: readonly Step[]
  /** The source files of each step, by its name. */
  readonly files: Readonly<Record<string, readonly string[]>>
  /** Hash of the Python lock file; `null` for a pipeline without Python steps. */
  readonly environment: string | null
  /** Contract versions that the pipeline was reviewed with, as `topic@version`. */
  readonly contracts: readonly string[]
}

export interface CompileOptions {
  readonly projectDir: string
  readonly python: PythonEnvironment
  readonly clock: Clock
  /** Contract versions of the data that the pipeline reads, as `topic@version`. */
  readonly contracts: readonly string[]
}

export interface DeployOptions extends CompileOptions {
  readonly pipelines: PipelineStore
  readonly events: EventBus
}

/**
 * Freezes a pipeline with the text of its step files. The version is a content hash: the same definition, sources,
 * Python lock file and contract versions are the same version, on every machine.
 *
 * Throws `PIPELINE_INVALID` and `PIPELINE_SOURCE_MISSING`. Nothing is stored: compare it with what is deployed.
 */
export async function compilePipeline(pipeline: Pipeline, options: CompileOptions): Promise<PipelineVersion> {
  const sources = readSources(pipeline, options.projectDir)
  const steps = planPipeline(pipeline, sources)
  const plan: DeployedPlan = {
    format: 1,
    name: pipeline.name,
    description: pipeline.description,
    params: pipeline.params,
    steps,
    files: Object.fromEntries(steps.map((step) => [step.name, filesOf(step, sources)])),
    environment: steps.some(({ kind }) => kind === 'python') ? await options.python.hash() : null,
    contracts: [...options.contracts].sort(),
  }
  return {
    pipeline: pipeline.name,
    version: contentHash({ plan, sources }).slice(0, 12),
    deployedAt: options.clock.now(),
    // Parsed from its own JSON, so that it holds what a store gives back.
    plan: JSON.parse(JSON.stringify(plan)),
    sources,
  }
}

/**
 * Compiles a pipeline and makes the result its deployed version: later runs execute it, whatever happens to the files
 * of the project. Deploying what is deployed already changes nothing.
 *
 * @example await deploy(delay, { projectDir, python, clock, contracts: ['flights.arrived@1.1.0'], pipelines, events })
 */
export async function deploy(pipeline: Pipeline, options: DeployOptions): Promise<PipelineVersion> {
  const compiled = await compilePipeline(pipeline, options)
  const before = await options.pipelines.deployed(pipeline.name)
  if (before?.version === compiled.version) return before
  await options.pipelines.deploy(compiled)
  const at = options.clock.now()
  await options.events.emit('pipelines.deployed', { pipeline: pipeline.name, version: compiled.version, at })
  return (await options.pipelines.deployed(pipeline.name)) ?? compiled
}

/** The plan of a version that a store gave back. */
export function planOf(version: PipelineVersion): DeployedPlan {
  return version.plan as unknown as DeployedPlan
}
