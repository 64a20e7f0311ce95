import { contentHash, type Json } from '../../kernel/index.ts'
import { AS_OF } from '../plan.ts'
import { sqlTextOf } from '../sources.ts'
import { parametersOf } from '../sql-parameters.ts'
import { stepFailure } from './failure.ts'
import type { Task } from './task.ts'

/**
 * What a step's outputs follow from, as one hash: its definition and code, the parameters it uses, the content of its
 * inputs, its environment and what else it reads. Equal keys have equal outputs, whatever pipeline or run they are of.
 */
export async function stepKey(task: Task, executorVersion: number, reads: Json): Promise<string> {
  const { name: _name, inputs: _inputs, ...definition } = task.step
  const code = (task.plan.files[task.step.name] ?? []).map((file) => [file, task.sources[file] ?? null])
  return contentHash({
    definition,
    executorVersion,
    code,
    params: usedParams(task),
    inputs: Object.fromEntries(Object.entries(task.inputs).map(([name, { identity }]) => [name, identity])),
    environment: await environmentOf(task),
    reads,
  })
}

/** The parameters that a step declares, or that its SQL names. */
export function usedParams({ step, params, sources }: Task): Readonly<Record<string, Json>> {
  const names = 'params' in step ? step.params : sqlTextOf(step, sources).flatMap(parametersOf)
  return Object.fromEntries(
    Object.entries(params).filter(([name]) => names.includes(name) || (name === AS_OF && step.kind === 'training-set')),
  )
}

async function environmentOf({ step, plan, ports }: Task): Promise<string | null> {
  if (step.kind !== 'python') return null
  const environment = await ports.python.hash()
  if (environment === plan.environment) return environment
  throw stepFailure(
    step.name,
    'the Python lock file is not the one that this pipeline version was deployed with.',
    'Deploy it again: covenant apply.',
  )
}
