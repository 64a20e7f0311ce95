import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  commandStep,
  dataGate,
  definePipeline,
  minRows,
  modelGate,
  output,
  pythonStep,
  registerStep,
  type Step,
  sqlStep,
} from './index.ts'
import { ancestorsOf, planPipeline } from './plan.ts'

const plan = (...steps: readonly Step[]) =>
  planPipeline(definePipeline({ name: 'p', params: { rounds: 1 }, steps }), {})
const names = (...steps: readonly Step[]) => plan(...steps).map(({ name }) => name)
const command = (name: string, ...from: readonly string[]) =>
  commandStep({
    name,
    command: 'true',
    inputs: Object.fromEntries(from.map((step) => [step, output(step, 'file')])),
    outputs: { file: 'txt' },
  })

describe('plan of a pipeline', () => {
  it('runs every step after those it needs, and otherwise as listed', () => {
    assert.deepEqual(names(command('c', 'b'), command('a'), command('b', 'a'), command('d')), ['a', 'b', 'c', 'd'])
    assert.deepEqual(names(command('x'), command('y'), command('z')), ['x', 'y', 'z'])
  })

  it('keeps both promises for any graph', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 12 }), (graph) => {
        // Step i needs only earlier steps, so there is no cycle; then the list is reversed to make it hard.
        const needs = graph.map((from, index) => (index === 0 ? [] : from.map((item) => `s${item % index}`)))
        const steps = needs.map((from, index) => command(`s${index}`, ...new Set(from)))
        const ordered = names(...steps.toReversed())
        for (const [index, from] of needs.entries())
          for (const name of from) assert.ok(ordered.indexOf(name) < ordered.indexOf(`s${index}`))
        assert.deepEqual(
          names(...steps),
          steps.map(({ name }) => name),
        )
      }),
    )
  })

  it('lets a gate guard every step listed after it, also those that need nothing of it', () => {
    const rows = sqlStep({ name: 'rows', sql: 'SELECT 1' })
    const gate = dataGate({ name: 'gate', inputs: { data: output('late', 'data') }, checks: [minRows(1)] })
    const late = sqlStep({ name: 'late', sql: 'SELECT 2', inputs: { before: output('rows', 'data') } })
    assert.deepEqual(names(rows, late, gate, command('costly')), ['rows', 'late', 'gate', 'costly'])
    assert.throws(() => plan(rows, gate, late), { message: /A gate runs before all steps listed after it/ })
  })

  it('knows what a step was made from', () => {
    const steps = plan(command('a'), command('b', 'a'), command('other'), command('c', 'b'))
    assert.deepEqual(
      ancestorsOf(steps[3]!, steps).map(({ name }) => name),
      ['a', 'b'],
    )
  })

  it('names every unknown name and the nearest known one', () => {
    const wrong = () =>
      plan(
        sqlStep({ name: 'rows', sql: 'SELECT $ruonds' }),
        pythonStep({
          name: 'train',
          script: 'train.py',
          inputs: { rows: output('row', 'data') },
          params: ['round'],
          timeout: 'long',
        }),
        modelGate({ name: 'gate', report: output('train', 'metric') }),
        registerStep({ name: 'rows', model: 'm', from: output('train', 'modell') }),
        dataGate({ name: 'check', checks: [minRows(3)] }),
      )
    assert.throws(wrong, (error: Error) => {
      for (const expected of [
        'Two steps are called "rows".',
        'Step "train": there is no step "row". Did you mean "rows"?',
        'Step "train": the pipeline has no parameter "round". Did you mean "rounds"?',
        'Step "train": its timeout "long" is no duration such as 30m.',
        'Step "gate": step "train" has no output "metric". Did you mean "metrics"?',
        'Step "rows": step "train" has no output "modell".',
        'Step "check": the check min-rows has no input to look at.',
      ])
        assert.ok(error.message.includes(expected), `${expected} in\n${error.message}`)
      return true
    })
    assert.throws(() => plan(sqlStep({ name: 'rows', sql: 'SELECT $ruonds' })), {
      code: 'PIPELINE_INVALID',
      message: 'Step "rows": its SQL uses $ruonds, which is no parameter. Did you mean "rounds"?',
    })
  })

  it('refuses cycles, no steps, odd names and a declared as_of', () => {
    assert.throws(() => plan(command('a', 'b'), command('b', 'a')), {
      message: /The steps "a", "b" wait for each other/,
    })
    assert.throws(() => plan(command('a', 'a')), { message: /"a" wait/ })
    assert.throws(() => plan(), { message: 'It has no steps.' })
    assert.throws(() => plan(command('no good')), { message: /"no good" may have letters/ })
    const declared = definePipeline({ name: 'p', params: { as_of: 'x' }, steps: [command('a')] })
    assert.throws(() => planPipeline(declared, {}), { message: /as_of is always there/ })
  })

  it('gives frozen definitions', () => {
    const pipeline = definePipeline({ name: 'p', steps: [command('a')] })
    assert.throws(() => Object.assign(pipeline.steps[0]!, { name: 'b' }), TypeError)
  })
})
