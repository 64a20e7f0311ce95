import { contentHash } from '../../kernel/index.ts'
import type { AliasRef, OutputRef, Step } from '../step.ts'
import { stepFailure } from './failure.ts'
import type { OrchestratorOptions, ResolvedInput, StepOutputs } from './task.ts'

/**
 * The inputs of a step: files by absolute path, values as they are. `finished` holds the outputs of the earlier steps.
 * Throws a step failure where an earlier step left out an optional output, such as `metrics`.
 */
export async function resolveInputs(
  step: Step,
  finished: ReadonlyMap<string, StepOutputs>,
  ports: Pick<OrchestratorOptions, 'artifacts' | 'models'>,
): Promise<Readonly<Record<string, ResolvedInput>>> {
  const resolved: Record<string, ResolvedInput> = {}
  for (const [name, input] of Object.entries(step.inputs))
    resolved[name] = input.type === 'alias' ? await modelInput(input, ports) : outputInput(step, input, finished, ports)
  return resolved
}

async function modelInput(
  { model, alias }: AliasRef,
  { models, artifacts }: Pick<OrchestratorOptions, 'artifacts' | 'models'>,
): Promise<ResolvedInput> {
  const version = await models.byAlias(model, alias)
  if (!version) return { identity: 'none', artifact: null, value: null }
  const artifact = { sha256: version.artifact, path: version.path }
  return { identity: artifact.sha256, artifact, value: artifacts.resolve(artifact.path) }
}

function outputInput(
  step: Step,
  reference: OutputRef,
  finished: ReadonlyMap<string, StepOutputs>,
  { artifacts }: Pick<OrchestratorOptions, 'artifacts'>,
): ResolvedInput {
  const found = finished.get(reference.step)?.[reference.output]
  if (!found) throw stepFailure(step.name, `step "${reference.step}" gave no output "${reference.output}".`)
  if (found.type === 'value') return { identity: contentHash(found.value), artifact: null, value: found.value }
  return {
    identity: found.sha256,
    artifact: { sha256: found.sha256, path: found.path },
    value: artifacts.resolve(found.path),
  }
}
