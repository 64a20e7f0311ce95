import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type JsonObject, stopwatchMs } from '../../kernel/index.ts'
import { edge, pipelineNode, type Run, type RunOutcome, runNode, type StepRecord } from '../../metadata/index.ts'
import { planOf } from '../deploy.ts'
import type { PipelineVersion } from '../ports.ts'
import type { Step } from '../step.ts'
import { executorOf } from './execute.ts'
import { failureReason, isStopping, stepFailure } from './failure.ts'
import { resolveInputs } from './inputs.ts'
import { stepEdges } from './lineage.ts'
import { materialise } from './materialise.ts'
import { type RunRequest, startRun } from './start.ts'
import { stepKey } from './step-key.ts'
import { type Executor, type OrchestratorOptions, type StepOutputs, type StepResult, type Task, value } from './task.ts'

type Finished = Map<string, StepOutputs>
/** A step that is done, before it is recorded. */
type Done = Omit<StepRecord, 'runId' | 'step'> & { readonly outputs: JsonObject & StepOutputs }

/**
 * Executes deployed pipeline versions, step by step. Every finished step is recorded with a key of all that its
 * outputs follow from; a step whose key is known is not done again. That is also how a run goes on after a crash:
 * ask for the same run id, and it continues behind its last recorded step.
 *
 * @example
 * const run = await orchestrator.run({ pipeline: 'delay', trigger: 'ad-hoc' })
 * run.outcome // 'succeeded' | 'aborted' | 'rejected' | 'failed'
 */
export class Orchestrator {
  readonly #ports: OrchestratorOptions
  readonly #running = new Map<string, Promise<Run>>()

  constructor(options: OrchestratorOptions) {
    this.#ports = options
  }

  /**
   * Starts a run, or finishes an unfinished one; a finished run is returned as it is. A gate that stops the run or a
   * step that fails is an outcome, not an error.
   *
   * Throws `PIPELINE_NOT_DEPLOYED`, `PIPELINE_UNKNOWN_PARAM`, `PIPELINE_RUN_MISMATCH`; and `PIPELINE_STOPPING` when the
   * process is told to stop: the run is unfinished then.
   */
  async run(request: RunRequest): Promise<Run> {
    const { run, version } = await startRun(request, this.#ports)
    if (run.finishedAt !== null) return run
    const running = this.#running.get(run.id) ?? this.#continue(run, version)
    this.#running.set(run.id, running)
    return running.finally(() => this.#running.delete(run.id))
  }

  async #continue(run: Run, version: PipelineVersion): Promise<Run> {
    const { runs, lineage, events, folder, packageRoot } = this.#ports
    const work = join(folder, 'work', run.id)
    rmSync(work, { recursive: true, force: true })
    await lineage.add([edge(pipelineNode(run.pipeline, run.pipelineVersion), runNode(run.id), run.startedAt)])
    await events.emit('pipelines.run-started', { run })
    const project = materialise(version, folder, packageRoot)
    const recorded = new Map((await runs.steps(run.id)).map((record) => [record.step, record]))
    const finished: Finished = new Map()
    const plan = planOf(version)
    for (const step of plan.steps) {
      const frame = { step, run, plan, sources: version.sources, project, params: run.params, ports: this.#ports }
      const record = recorded.get(step.name) ?? (await this.#runStep(frame, finished, work))
      if (record.state !== 'succeeded') return this.#finish(run, outcomeOf(step, record), record.reason)
      finished.set(step.name, record.outputs as StepOutputs)
    }
    return this.#finish(run, 'succeeded', null)
  }

  async #runStep(frame: Omit<Task, 'inputs'>, finished: Finished, work: string): Promise<StepRecord> {
    const { run, step } = frame
    const startedMs = stopwatchMs()
    const done = await this.#do(frame, finished, work)
    const durationMs = done.cached ? 0 : stopwatchMs() - startedMs
    const record: StepRecord = { runId: run.id, step: step.name, ...done, durationMs }
    await this.#ports.runs.putStep(record, metricsOf(done.outputs))
    await this.#ports.events.emit('pipelines.step-finished', { run, step: record })
    return record
  }

  /** Does the step or takes its known result. Its lineage is stored before it is recorded, so that none gets lost. */
  async #do(frame: Omit<Task, 'inputs'>, finished: Finished, work: string): Promise<Done> {
    const { step } = frame
    const done: Done = { key: '', state: 'succeeded', cached: false, outputs: {}, reason: null, durationMs: 0 }
    let key = ''
    try {
      const task: Task = { ...frame, inputs: await resolveInputs(step, finished, this.#ports) }
      const executor = executorOf(step)
      key = await stepKey(task, executor.version, await executor.reads(task))
      const known = executor.cacheable ? await this.#known(key) : undefined
      const { outputs, stopped } = known ?? (await inWorkFolder(work, task, executor))
      await this.#ports.lineage.add(await stepEdges(task, outputs))
      if (stopped !== undefined) return { ...done, key, state: 'stopped', outputs, reason: stopped }
      return { ...done, key, cached: known !== undefined, outputs }
    } catch (error) {
      if (isStopping(error)) throw error
      return { ...done, key, state: 'failed', reason: failureReason(step.name, error) }
    }
  }

  /** The outputs of an earlier step with this key, if its files are still there. */
  async #known(key: string): Promise<StepResult | undefined> {
    const record = await this.#ports.runs.stepByKey(key)
    if (!record) return undefined
    const outputs = record.outputs as StepOutputs
    for (const output of Object.values(outputs))
      if (output.type === 'artifact' && !(await this.#ports.artifacts.has(output.path))) return undefined
    return { outputs }
  }

  async #finish(run: Run, outcome: RunOutcome, reason: string | null): Promise<Run> {
    const { runs, events, clock, folder } = this.#ports
    rmSync(join(folder, 'work', run.id), { recursive: true, force: true })
    const finished: Run = { ...run, finishedAt: clock.now(), outcome, reason }
    await runs.putRun(finished)
    await events.emit('pipelines.run-finished', { run: finished })
    return finished
  }
}

async function inWorkFolder(parent: string, task: Task, executor: Executor<Step>): Promise<StepResult> {
  mkdirSync(parent, { recursive: true })
  const work = mkdtempSync(join(parent, `${task.step.name}-`))
  try {
    const result = await executor.execute(task, work)
    const metrics = result.metrics ?? {}
    for (const [name, metric] of Object.entries(metrics))
      if (!Number.isFinite(metric))
        throw stepFailure(task.step.name, `its metric "${name}" is ${metric} and no number.`)
    return Object.keys(metrics).length === 0
      ? result
      : { ...result, outputs: { ...result.outputs, metrics: value(metrics) } }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function outcomeOf(step: Step, { state }: StepRecord): RunOutcome {
  if (state === 'failed') return 'failed'
  return step.kind === 'data-gate' ? 'aborted' : 'rejected'
}

function metricsOf(outputs: StepOutputs): Readonly<Record<string, number>> {
  const { metrics } = outputs
  return metrics?.type === 'value' ? (metrics.value as Readonly<Record<string, number>>) : {}
}
