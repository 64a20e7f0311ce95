import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isJsonObject, type JsonObject, messageOf, parseDuration } from '../../../kernel/index.ts'
import type { StepProcess, StepProcessResult } from '../../ports.ts'
import type { CommandStep, PythonStep } from '../../step.ts'
import { stepFailure } from '../failure.ts'
import { collectOutputs, outputFiles } from '../outputs.ts'
import { usedParams } from '../step-key.ts'
import type { Executor, StepResult, Task } from '../task.ts'

/** `python <script> <request.json>`; see `covenant_steps` for the script's side. */
export const pythonExecutor: Executor<PythonStep> = {
  version: 1,
  cacheable: true,
  reads: async () => null,
  async execute(task, work) {
    const { step, project, ports } = task
    return runProcess(task, work, `python ${step.script}`, async (request) => ({
      command: await ports.python.interpreter(),
      args: [join(project, step.script), request],
      env: ports.python.variables(),
    }))
  },
}

/** Any program, with the placeholders in its arguments replaced. */
export const commandExecutor: Executor<CommandStep> = {
  version: 1,
  cacheable: true,
  reads: async () => null,
  execute: (task, work) =>
    runProcess(task, work, task.step.command, async (request, content) => ({
      command: task.step.command,
      args: task.step.args.map((argument) => fillIn(task, argument, { ...content, project: task.project, request })),
      env: {},
    })),
}

type Launch = Pick<StepProcess, 'command' | 'args' | 'env'>

async function runProcess(
  task: Task<PythonStep | CommandStep>,
  work: string,
  label: string,
  launch: (requestFile: string, request: JsonObject) => Promise<Launch>,
): Promise<StepResult> {
  const { step, ports } = task
  const requestFile = join(work, 'request.json')
  const request = requestOf(task, work)
  writeFileSync(requestFile, `${JSON.stringify(request, null, 2)}\n`)
  const { command, args, env } = await launch(requestFile, request)
  const ended = await ports.runner.run({
    command,
    args,
    cwd: work,
    env: { ...(ports.env ?? startEnvironment()), ...env, COVENANT_REQUEST: requestFile },
    timeoutMs: parseDuration(step.timeout)!,
  })
  if (ended.exitCode !== 0) throw processFailure(task, work, label, ended)
  const { metrics, outputs } = readResult(task, join(work, 'result.json'))
  return { outputs: await collectOutputs(step, work, outputs, ports), metrics }
}

/** What a child process is told: where its inputs are, where its outputs go, its parameters. */
function requestOf(task: Task<PythonStep | CommandStep>, work: string): JsonObject {
  const { step, run, inputs } = task
  return {
    step: step.name,
    run: run.id,
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.value])),
    params: usedParams(task),
    outputs: outputFiles(step.outputs, work),
    values: Object.keys(step.outputs).filter((name) => step.outputs[name] === 'json'),
    result: join(work, 'result.json'),
  }
}

/** The few variables without which programs do not start or find their files; nothing else is inherited. */
function startEnvironment(): Readonly<Record<string, string>> {
  const kept = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'SystemRoot']
  const inherited = kept.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]] as const],
  )
  return { ...Object.fromEntries(inherited), TZ: 'UTC' }
}

function readResult(
  { step }: Task<PythonStep | CommandStep>,
  file: string,
): { metrics: Readonly<Record<string, number>>; outputs: JsonObject } {
  if (!existsSync(file)) return { metrics: {}, outputs: {} }
  try {
    const { metrics = {}, outputs = {} } = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>
    if (isJsonObject(metrics) && isJsonObject(outputs))
      return { metrics: metrics as Readonly<Record<string, number>>, outputs }
  } catch (cause) {
    throw stepFailure(step.name, `its result.json is not JSON: ${messageOf(cause)}.`)
  }
  throw stepFailure(step.name, 'its result.json needs the objects "metrics" and "outputs".')
}

function processFailure(task: Task, work: string, label: string, ended: StepProcessResult) {
  const { step, project } = task
  const how = ended.timedOut
    ? `was stopped after its time limit of ${'timeout' in step ? step.timeout : ''}`
    : ended.signal === null
      ? `ended with exit code ${ended.exitCode}`
      : `was killed by ${ended.signal}`
  // Paths of this execution would make the same failure read differently each time.
  const tail = ended.stderrTail.replaceAll(`${work}/`, '').replaceAll(`${project}/`, '').trimEnd()
  return stepFailure(step.name, tail === '' ? `${label} ${how}.` : `${label} ${how}: ${lastLine(tail)}\n${tail}`)
}

function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1).trim()
}

function fillIn({ step }: Task, argument: string, values: JsonObject): string {
  return argument.replace(/\{(\w+)(?:\.(\w+))?\}/g, (placeholder, group: string, name: string | undefined) => {
    const member = values[group]
    const found = name === undefined ? member : isJsonObject(member) ? member[name] : undefined
    if (found === undefined)
      throw stepFailure(step.name, `its argument ${placeholder} names nothing that the step has.`)
    return typeof found === 'string' ? found : JSON.stringify(found)
  })
}
