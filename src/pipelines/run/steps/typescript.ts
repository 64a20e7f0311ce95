import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Json, type JsonObject, messageOf, nameHint } from '../../../kernel/index.ts'
import type { SqlEngine } from '../../../lake/index.ts'
import type { StepServices } from '../../ports.ts'
import type { TypescriptStep } from '../../step.ts'
import { stepFailure } from '../failure.ts'
import { collectOutputs, outputFiles } from '../outputs.ts'
import { usedParams } from '../step-key.ts'
import type { Executor, Task } from '../task.ts'

/**
 * What a TypeScript step gets.
 *
 * @example
 * import type { StepContext, StepReport } from 'covenant'
 * export async function run({ inputs, sql }: StepContext): Promise<StepReport> {
 *   const [row] = await sql.query(`SELECT count(*) AS rows FROM read_parquet('${inputs.holdout}')`)
 *   return { metrics: { rows: Number(row!.rows) } }
 * }
 */
export interface StepContext extends StepServices {
  /** By name: the absolute path of a file, or a value; `null` for an alias that points to nothing. */
  readonly inputs: Readonly<Record<string, Json>>
  /** The parameters that the step declares. */
  readonly params: JsonObject
  /** Absolute path to write the output `name` to. */
  outputPath(name: string): string
  readonly sql: SqlEngine
}

/** What a TypeScript step returns: metrics of the run, and the values of its `json` outputs. */
export interface StepReport {
  readonly metrics?: Readonly<Record<string, number>>
  readonly outputs?: Readonly<Record<string, unknown>>
}

/** Imports the step's module from the deployed files and calls its `run`, in this process. */
export const typescriptExecutor: Executor<TypescriptStep> = {
  version: 1,
  cacheable: true,
  reads: async () => null,
  async execute(task, work) {
    const { step, ports } = task
    const run = await loadRun(task)
    const report = (await run(contextOf(task, work))) ?? {}
    // Through JSON, so that later steps of this run get what they get when the value comes from the store.
    const values = JSON.parse(JSON.stringify(report.outputs ?? {})) as JsonObject
    return { outputs: await collectOutputs(step, work, values, ports), metrics: report.metrics ?? {} }
  },
}

type RunFunction = (context: StepContext) => Promise<StepReport | undefined> | StepReport | undefined

async function loadRun({ step, project }: Task<TypescriptStep>): Promise<RunFunction> {
  let module: Readonly<Record<string, unknown>>
  try {
    module = await import(pathToFileURL(join(project, step.module)).href)
  } catch (cause) {
    throw stepFailure(step.name, `${step.module} cannot be loaded: ${messageOf(cause)}`)
  }
  if (typeof module.run === 'function') return module.run as RunFunction
  throw stepFailure(
    step.name,
    `${step.module} exports no function run.`,
    'Write: export async function run(context) { … }',
  )
}

function contextOf(task: Task<TypescriptStep>, work: string): StepContext {
  const { step, inputs, ports } = task
  const files = outputFiles(step.outputs, work)
  return {
    ...ports.services,
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.value])),
    params: usedParams(task),
    outputPath(name) {
      const file = files[name]
      if (file !== undefined) return file
      throw stepFailure(step.name, `it declares no file output "${name}".${nameHint(name, Object.keys(files))}`)
    },
    sql: ports.engine,
  }
}
