import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Json, JsonObject } from '../../kernel/index.ts'
import { stepFailure } from './failure.ts'
import { type OrchestratorOptions, type StepOutput, type StepOutputs, value } from './task.ts'

const JSON_VALUE = 'json'

/** Absolute paths that a step writes its file outputs to: `<work>/<name>.<extension>`. */
export function outputFiles(outputs: Readonly<Record<string, string>>, work: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(outputs)
      .filter(([, format]) => format !== JSON_VALUE)
      .map(([name, format]) => [name, join(work, `${name}.${format}`)]),
  )
}

/**
 * Takes over what a step has made: its files into the artifact store, its values as they are.
 * Throws a step failure for a declared output that is not there, and for a value that was not declared.
 */
export async function collectOutputs(
  step: { readonly name: string; readonly outputs: Readonly<Record<string, string>> },
  work: string,
  values: JsonObject,
  { artifacts }: Pick<OrchestratorOptions, 'artifacts'>,
): Promise<StepOutputs> {
  const collected: Record<string, StepOutput> = {}
  for (const [name, format] of Object.entries(step.outputs))
    if (format === JSON_VALUE && values[name] === undefined) throw missing(step.name, name, 'did not give its value')
    else if (format === JSON_VALUE) collected[name] = value(values[name] as Json)
  for (const [name, file] of Object.entries(outputFiles(step.outputs, work))) {
    if (!existsSync(file)) throw missing(step.name, name, 'did not write its file')
    collected[name] = { type: 'artifact', ...(await artifacts.put(file)) }
  }
  const undeclared = Object.keys(values).find((name) => step.outputs[name] !== JSON_VALUE)
  if (undeclared === undefined) return collected
  throw stepFailure(
    step.name,
    `it gave a value "${undeclared}" that it does not declare.`,
    `Declare outputs: { ${undeclared}: 'json' }.`,
  )
}

function missing(step: string, output: string, what: string) {
  return stepFailure(step, `it ended without an error but ${what} of output "${output}".`)
}
