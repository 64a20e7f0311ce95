import { CovenantError, type JsonObject, nameHint, stableId, toIso } from '../../kernel/index.ts'
import type { Run } from '../../metadata/index.ts'
import { planOf } from '../deploy.ts'
import { AS_OF } from '../plan.ts'
import type { PipelineVersion } from '../ports.ts'
import type { OrchestratorOptions } from './task.ts'

export interface RunRequest {
  readonly pipeline: string
  /** A deployed version; by default the one that is deployed now. */
  readonly version?: string
  /** Values for parameters of the pipeline; `as_of` (ISO 8601) may be set to run as of another moment. */
  readonly params?: JsonObject
  /** Kind of the signal: `ad-hoc`, `cron`, `metric`, `data`. */
  readonly trigger: string
  readonly signalId?: string | null
  /** Of an unfinished run to go on with, or the id to give a new one; by default one made of the request and the time. */
  readonly runId?: string
}

type Ports = Pick<OrchestratorOptions, 'pipelines' | 'runs' | 'clock'>

/** Finds the run that is asked for, or records a new one as started. */
export async function startRun(request: RunRequest, ports: Ports): Promise<{ run: Run; version: PipelineVersion }> {
  const known = request.runId === undefined ? undefined : await ports.runs.run(request.runId)
  if (known && known.pipeline !== request.pipeline) throw otherPipeline(known, request)
  // A run that is resumed stays with its version, whatever was deployed since.
  const version = await versionOf(request.pipeline, known?.pipelineVersion ?? request.version, ports)
  if (known) return { run: known, version }
  const run = newRun(request, version, ports)
  const twin = await ports.runs.run(run.id)
  if (twin) return { run: twin, version }
  await ports.runs.putRun(run)
  return { run, version }
}

function newRun(request: RunRequest, version: PipelineVersion, { clock }: Ports): Run {
  const { pipeline, trigger, signalId = null } = request
  const startedAt = clock.now()
  const params = { ...resolveParams(request, version), [AS_OF]: asOf(request, startedAt) }
  const identity = [pipeline, version.version, params, trigger, signalId, startedAt]
  return {
    id: request.runId ?? stableId('run', ...identity),
    pipeline,
    pipelineVersion: version.version,
    trigger,
    signalId,
    params,
    startedAt,
    finishedAt: null,
    outcome: null,
    reason: null,
  }
}

async function versionOf(
  pipeline: string,
  version: string | undefined,
  { pipelines }: Ports,
): Promise<PipelineVersion> {
  const found = version === undefined ? await pipelines.deployed(pipeline) : await pipelines.version(pipeline, version)
  if (found) return found
  const names = [...new Set((await pipelines.versions()).map((known) => known.pipeline))]
  throw new CovenantError({
    code: 'PIPELINE_NOT_DEPLOYED',
    message:
      version === undefined
        ? `Pipeline ${pipeline} is not deployed.${names.includes(pipeline) ? '' : nameHint(pipeline, names)}`
        : `Pipeline ${pipeline} has no deployed version ${version}.`,
    remedy: 'Deploy it with: covenant apply.',
  })
}

function resolveParams({ params = {} }: RunRequest, version: PipelineVersion): JsonObject {
  const plan = planOf(version)
  const known = [...Object.keys(plan.params), AS_OF]
  for (const [name, given] of Object.entries(params)) {
    if (!known.includes(name))
      throw badParam(`Pipeline ${plan.name} has no parameter "${name}".${nameHint(name, known)}`)
    const standard = plan.params[name]
    if (standard !== undefined && standard !== null && given !== null && typeof given !== typeof standard)
      throw badParam(`Parameter "${name}" of pipeline ${plan.name} is a ${typeof standard}, not a ${typeof given}.`)
  }
  return { ...plan.params, ...params }
}

function asOf({ params = {} }: RunRequest, startedAt: number): string {
  const given = params[AS_OF]
  if (given === undefined) return toIso(startedAt)
  const time = typeof given === 'string' ? Date.parse(given) : Number.NaN
  if (Number.isNaN(time)) throw badParam(`Parameter "${AS_OF}" is ${JSON.stringify(given)}, expected an ISO 8601 time.`)
  return toIso(time)
}

function badParam(message: string): CovenantError {
  return new CovenantError({
    code: 'PIPELINE_UNKNOWN_PARAM',
    message,
    remedy: 'Mend the params of the run, or declare them in the pipeline and deploy it.',
  })
}

function otherPipeline(known: Run, request: RunRequest): CovenantError {
  return new CovenantError({
    code: 'PIPELINE_RUN_MISMATCH',
    message: `Run ${known.id} is one of pipeline ${known.pipeline}, not of ${request.pipeline}.`,
    remedy: 'Ask for it with its own pipeline, or choose another run id.',
  })
}
