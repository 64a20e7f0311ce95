import { CovenantError, nameHint, parseDuration } from '../kernel/index.ts'
import { sqlTextOf } from './sources.ts'
import { parametersOf } from './sql-parameters.ts'
import type { OutputRef, Pipeline, Step } from './step.ts'

/** The parameter that every pipeline has: the moment the run started, ISO 8601. */
export const AS_OF = 'as_of'

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/
const FORMAT = /^[a-z0-9]{1,16}$/

/**
 * The steps of a pipeline in the order they run: every input is made before it is used, a gate runs before every step
 * listed after it, and otherwise the order of the list is kept.
 *
 * `sources` are the texts of the SQL files that steps name, by their path.
 * Throws `PIPELINE_INVALID` with all that is wrong: unknown names (with the nearest known one), names used twice,
 * cycles, durations and parameters that do not exist.
 */
export function planPipeline(pipeline: Pipeline, sources: Readonly<Record<string, string>>): readonly Step[] {
  const problems = [...namesUsedWrongly(pipeline), ...pipeline.steps.flatMap((step) => stepProblems(pipeline, step))]
  if (problems.length > 0) throw invalid(pipeline, problems)
  const sqlProblems = pipeline.steps.flatMap((step) => unknownParameters(pipeline, step, sources))
  if (sqlProblems.length > 0) throw invalid(pipeline, sqlProblems)
  return inOrder(pipeline)
}

/** Names of the outputs that other steps can refer to. */
function outputsOf(step: Step): readonly string[] {
  switch (step.kind) {
    case 'training-set':
      return step.holdout === null ? ['train', 'features', 'rows'] : ['train', 'holdout', 'features', 'rows']
    case 'sql':
      return [step.output]
    case 'data-gate':
    case 'model-gate':
      return ['checks']
    case 'register':
      return ['version']
    default:
      return [...Object.keys(step.outputs), 'metrics']
  }
}

/** Steps that `step` needs outputs of. */
function dependenciesOf(step: Step): readonly string[] {
  return Object.values(step.inputs).flatMap((input) => (input.type === 'output' ? [input.step] : []))
}

/** Every step that `step` was made from, directly or not; `steps` in the order they run. */
export function ancestorsOf(step: Step, steps: readonly Step[]): readonly Step[] {
  const wanted = new Set(dependenciesOf(step))
  for (const earlier of [...steps].reverse())
    if (wanted.has(earlier.name)) for (const name of dependenciesOf(earlier)) wanted.add(name)
  return steps.filter(({ name }) => wanted.has(name))
}

function namesUsedWrongly({ name, params, steps }: Pipeline): readonly string[] {
  const names = steps.map((step) => step.name)
  return [
    ...(NAME.test(name) ? [] : [`The pipeline's name "${name}" may have letters, digits and _ only.`]),
    ...(steps.length > 0 ? [] : ['It has no steps.']),
    ...(AS_OF in params ? [`The parameter ${AS_OF} is always there and cannot be declared.`] : []),
    ...names
      .filter((item) => !NAME.test(item))
      .map((item) => `A step's name "${item}" may have letters, digits and _ only.`),
    ...names.filter((item, index) => names.indexOf(item) < index).map((item) => `Two steps are called "${item}".`),
  ]
}

function stepProblems(pipeline: Pipeline, step: Step): readonly string[] {
  const references = Object.values(step.inputs).filter((input): input is OutputRef => input.type === 'output')
  return [
    ...references.flatMap((reference) => referenceProblems(pipeline, reference)),
    ...('params' in step ? paramProblems(pipeline, step.params) : []),
    ...('outputs' in step ? outputProblems(step.outputs) : []),
    ...('timeout' in step && parseDuration(step.timeout) === undefined
      ? [`its timeout "${step.timeout}" is no duration such as 30m.`]
      : []),
    ...(step.kind === 'data-gate' ? checkProblems(step) : []),
  ].map((problem) => `Step "${step.name}": ${problem}`)
}

function referenceProblems({ steps }: Pipeline, { step, output }: OutputRef): readonly string[] {
  const source = steps.find(({ name }) => name === step)
  if (!source) {
    const names = steps.map(({ name }) => name)
    return [`there is no step "${step}".${nameHint(step, names)}`]
  }
  const outputs = outputsOf(source)
  return outputs.includes(output) ? [] : [`step "${step}" has no output "${output}".${nameHint(output, outputs)}`]
}

function paramProblems(pipeline: Pipeline, params: readonly string[]): readonly string[] {
  const known = [...Object.keys(pipeline.params), AS_OF]
  return params
    .filter((name) => !known.includes(name))
    .map((name) => `the pipeline has no parameter "${name}".${nameHint(name, known)}`)
}

function outputProblems(outputs: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(outputs).flatMap(([name, format]) => [
    ...(NAME.test(name) ? [] : [`the output's name "${name}" may have letters, digits and _ only.`]),
    ...(name === 'metrics' ? ['the output "metrics" is always there and cannot be declared.'] : []),
    ...(FORMAT.test(format)
      ? []
      : [`the format "${format}" of output "${name}" is neither json nor a file extension.`]),
  ])
}

function checkProblems(step: Extract<Step, { kind: 'data-gate' }>): readonly string[] {
  const inputs = Object.keys(step.inputs)
  return step.checks.flatMap((check) => {
    if (check.check === 'publications-current')
      return check.maxAge !== null && parseDuration(check.maxAge) === undefined
        ? [`its maxAge "${check.maxAge}" is no duration such as 2d.`]
        : []
    if (check.input === null) return inputs.length > 0 ? [] : [`the check ${check.check} has no input to look at.`]
    return inputs.includes(check.input) ? [] : [`it has no input "${check.input}".${nameHint(check.input, inputs)}`]
  })
}

function unknownParameters(pipeline: Pipeline, step: Step, sources: Readonly<Record<string, string>>) {
  const known = [...Object.keys(pipeline.params), AS_OF, ...Object.keys(step.inputs)]
  return sqlTextOf(step, sources)
    .flatMap(parametersOf)
    .filter((name) => !known.includes(name))
    .map((name) => `Step "${step.name}": its SQL uses $${name}, which is no parameter.${nameHint(name, known)}`)
}

function inOrder(pipeline: Pipeline): readonly Step[] {
  const waiting = [...pipeline.steps]
  const needs = new Map(waiting.map((step) => [step.name, new Set(dependenciesOf(step))]))
  for (const [index, gate] of waiting.entries())
    if (isGate(gate)) for (const guarded of waiting.slice(index + 1)) needs.get(guarded.name)!.add(gate.name)
  const ordered: Step[] = []
  while (waiting.length > 0) {
    const done = new Set(ordered.map(({ name }) => name))
    const next = waiting.findIndex((step) => [...needs.get(step.name)!].every((name) => done.has(name)))
    if (next < 0) throw invalid(pipeline, [cycleAmong(waiting)])
    ordered.push(...waiting.splice(next, 1))
  }
  return ordered
}

function isGate(step: Step): boolean {
  return step.kind === 'data-gate' || step.kind === 'model-gate'
}

function cycleAmong(steps: readonly Step[]): string {
  const names = steps.map(({ name }) => `"${name}"`).join(', ')
  return `The steps ${names} wait for each other. A gate runs before all steps listed after it: list it after the steps it judges.`
}

function invalid({ name }: Pipeline, problems: readonly string[]): CovenantError {
  return new CovenantError({
    code: 'PIPELINE_INVALID',
    message: problems.join('\n'),
    where: `pipeline ${name}`,
    remedy: 'Mend the definition of the pipeline.',
  })
}
