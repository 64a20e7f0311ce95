import type { Step } from '../step.ts'
import { dataGateExecutor } from './steps/data-gate.ts'
import { modelGateExecutor } from './steps/model-gate.ts'
import { commandExecutor, pythonExecutor } from './steps/process.ts'
import { registerExecutor } from './steps/register.ts'
import { sqlExecutor } from './steps/sql.ts'
import { trainingSetExecutor } from './steps/training-set.ts'
import { typescriptExecutor } from './steps/typescript.ts'
import type { Executor } from './task.ts'

const EXECUTORS: { readonly [K in Step['kind']]: Executor<Extract<Step, { kind: K }>> } = {
  'training-set': trainingSetExecutor,
  sql: sqlExecutor,
  typescript: typescriptExecutor,
  python: pythonExecutor,
  command: commandExecutor,
  'data-gate': dataGateExecutor,
  'model-gate': modelGateExecutor,
  register: registerExecutor,
}

/** How a step of this kind is done. */
export function executorOf(step: Step): Executor<Step> {
  // A step's kind chooses the executor for exactly this kind of step, which the type checker cannot follow.
  return EXECUTORS[step.kind] as unknown as Executor<Step>
}
