import { canonicalJson, isJsonObject, type JsonObject } from '../../../kernel/index.ts'
import type { ModelVersion } from '../../../metadata/index.ts'
import { ancestorsOf } from '../../plan.ts'
import type { RegisterStep } from '../../step.ts'
import { stepFailure } from '../failure.ts'
import { type Executor, type Task, value } from '../task.ts'

/**
 * Registers a model and lets an alias point to it. Done in every run, as its effect lies in the registry; doing it
 * again changes nothing: a model file that is registered with the same signature keeps its version.
 */
export const registerExecutor: Executor<RegisterStep> = {
  version: 1,
  cacheable: false,
  reads: async () => null,
  async execute(task) {
    const registered = await register(task)
    const previous = await promote(task, registered)
    const { model, version } = registered
    return { outputs: { version: value({ model, version, alias: task.step.promote, previous }) } }
  },
}

async function register(task: Task<RegisterStep>): Promise<ModelVersion> {
  const { step, run, inputs, ports } = task
  const artifact = inputs.model?.artifact
  if (!artifact) throw stepFailure(step.name, 'what it registers is a value and not a model file.')
  const signature = signatureOf(task)
  const known = (await ports.models.versions(step.model)).find(
    (version) => version.artifact === artifact.sha256 && canonicalJson(version.signature) === canonicalJson(signature),
  )
  if (known) return known
  return ports.models.register({
    model: step.model,
    runId: run.id,
    artifact: artifact.sha256,
    path: artifact.path,
    createdAt: ports.clock.now(),
    metrics: metricsOf(task),
    signature,
  })
}

/** Features and feature service of the training set that the model was made from. */
function signatureOf({ step, plan, run }: Task<RegisterStep>): JsonObject {
  const trainingSet = ancestorsOf(step, plan.steps).find(({ kind }) => kind === 'training-set')
  const service = trainingSet?.kind === 'training-set' ? trainingSet.service : undefined
  return {
    features: service ? [...service.featureNames] : [],
    service: service?.name ?? null,
    serviceHash: service?.hash ?? null,
    pipeline: run.pipeline,
    pipelineVersion: run.pipelineVersion,
  }
}

function metricsOf({ inputs }: Task<RegisterStep>): Readonly<Record<string, number>> {
  const report = inputs.metrics?.value
  if (!isJsonObject(report)) return {}
  const metrics = isJsonObject(report.metrics) ? report.metrics : report
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, metric]) => (typeof metric === 'number' ? [[name, metric]] : [])),
  )
}

/** Moves the alias where it does not point yet; returns the version that it pointed to before this run. */
async function promote(
  { step, run, ports }: Task<RegisterStep>,
  { model, version }: ModelVersion,
): Promise<number | null> {
  const alias = step.promote
  if (alias === null) return null
  const history = (await ports.models.aliasHistory(model)).filter((change) => change.alias === alias)
  const at = ports.clock.now()
  const last = history.at(-1)
  if (last?.version !== version) await ports.models.setAlias({ model, alias, version, at, runId: run.id })
  // Also when this run moved the alias before it was interrupted: nobody may have heard of it.
  if (last?.version !== version || last.runId === run.id)
    await ports.events.emit('pipelines.model-promoted', { model, version, alias, runId: run.id, at })
  return history.findLast((change) => change.runId !== run.id)?.version ?? null
}
