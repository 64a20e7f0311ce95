import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, describe, it } from 'node:test'
import { thresholdPipeline } from '../../../test/pipelines/pipeline.ts'
import { openTestbed, projectDir, publishedTable, START, type Testbed } from '../../../test/pipelines/testbed.ts'
import { DAY_MS } from '../../kernel/index.ts'
import {
  commandStep,
  dataGate,
  definePipeline,
  minRows,
  output,
  type Pipeline,
  pythonStep,
  sqlStep,
  typescriptStep,
} from '../index.ts'

const ALL_STEPS = ['set', 'data_gate', 'train', 'evaluate', 'model_gate', 'register']

describe('orchestrator', () => {
  const folders: string[] = []
  const open: Testbed[] = []
  const folder = () => {
    folders.push(mkdtempSync(join(tmpdir(), 'covenant-pipelines-')))
    return folders.at(-1)!
  }
  const testbed = async () => {
    open.push(await openTestbed(folder()))
    return open.at(-1)!
  }
  /** A project of its own that a test may change. */
  const project = (files: Readonly<Record<string, string>>) => {
    const copy = folder()
    cpSync(projectDir, copy, { recursive: true })
    for (const [file, text] of Object.entries(files)) writeFileSync(join(copy, file), text)
    return copy
  }
  const runOnce = async (bed: Testbed, pipeline: Pipeline, from?: string) => {
    await bed.deploy(pipeline, from)
    return bed.orchestrator.run({ pipeline: pipeline.name, trigger: 'ad-hoc' })
  }
  afterEach(async () => {
    for (const bed of open.splice(0)) await bed.close()
  })
  after(() => {
    for (const path of folders) rmSync(path, { recursive: true, force: true })
  })

  it('runs every kind of step and promotes what passes the gates', async () => {
    const bed = await testbed()
    const promoted: string[] = []
    bed.events.on(
      'pipelines.model-promoted',
      ({ model, version, alias }) => void promoted.push(`${model}@${version} ${alias}`),
    )
    const run = await runOnce(bed, thresholdPipeline())
    assert.equal(run.reason, null)
    assert.equal(run.outcome, 'succeeded')
    assert.deepEqual(
      await stepsOf(bed, run.id),
      ALL_STEPS.map((step) => `${step} succeeded`),
    )
    const champion = await bed.models.byAlias('threshold', 'champion')
    assert.equal(champion?.version, 1)
    assert.ok(champion!.metrics.accuracy! > 0.8)
    assert.deepEqual(champion!.signature.features, ['x'])
    assert.deepEqual(promoted, ['threshold@1 champion'])
    assert.deepEqual(Object.keys(await bed.runs.metrics(run.id)).sort(), ['accuracy', 'train_threshold'])
    const note = (await bed.runs.steps(run.id))[3]!.outputs.note as { path: string }
    assert.equal(readFileSync(bed.artifacts.resolve(note.path), 'utf8'), 'evaluated with covenant\n')
  })

  it('leads from the model back to the contract version', async () => {
    const bed = await testbed()
    const run = await runOnce(bed, thresholdPipeline())
    const edges = await bed.lineage.walk({ kind: 'model', id: 'threshold@1' }, 'upstream')
    const names = edges.map(({ from, to }) => `${from.kind}:${from.id.replace(/@[0-9a-f]{12}$/, '@…')} → ${to.kind}`)
    assert.equal(names[0], `run:${run.id} → model`)
    for (const expected of [
      'pipeline:threshold@… → run',
      'dataset:threshold.set.train@… → run',
      'contract:things@1.0.0 → dataset',
      'snapshot:things@1 → dataset',
      'feature-view:things@… → dataset',
      'table:warehouse.things → feature-view',
    ])
      assert.ok(names.includes(expected), `${expected} in\n${names.join('\n')}`)
  })

  it('does nothing twice: a second run with the same inputs takes every result that was there', async () => {
    const bed = await testbed()
    await runOnce(bed, thresholdPipeline())
    const second = await bed.orchestrator.run({ pipeline: 'threshold', trigger: 'cron' })
    // The champion is another one now, so the steps that compare with it are done; so is the registration, always.
    assert.deepEqual(await stepsOf(bed, second.id), [
      'set cached',
      'data_gate cached',
      'train cached',
      'evaluate succeeded',
      'model_gate succeeded',
      'register succeeded',
    ])
    const third = await bed.orchestrator.run({ pipeline: 'threshold', trigger: 'metric' })
    assert.deepEqual(
      (await stepsOf(bed, third.id)).slice(0, 5),
      ALL_STEPS.slice(0, 5).map((step) => `${step} cached`),
    )
    assert.deepEqual(await bed.runs.metrics(third.id), await bed.runs.metrics(second.id))
    assert.equal((await bed.models.versions('threshold')).length, 1)
    assert.equal((await bed.models.aliasHistory('threshold')).length, 1)
  })

  it('does again only what depends on a changed parameter', async () => {
    const bed = await testbed()
    await runOnce(bed, thresholdPipeline())
    const run = await bed.orchestrator.run({ pipeline: 'threshold', trigger: 'ad-hoc', params: { shift: 0.01 } })
    assert.deepEqual(await stepsOf(bed, run.id), [
      'set cached',
      'data_gate cached',
      ...ALL_STEPS.slice(2).map((step) => `${step} succeeded`),
    ])
  })

  it('makes a new training set when other data is published or time has passed', async () => {
    const bed = await testbed()
    const first = await runOnce(bed, thresholdPipeline())
    bed.published.tables = [publishedTable(2)]
    const second = await bed.orchestrator.run({ pipeline: 'threshold', trigger: 'data' })
    assert.equal((await stepsOf(bed, second.id))[0], 'set succeeded')
    // The rows are the same, so the file is, and what follows from it is known.
    assert.equal((await stepsOf(bed, second.id))[2], 'train cached')
    bed.clock.advanceTo(START + DAY_MS)
    const third = await bed.orchestrator.run({ pipeline: 'threshold', trigger: 'data' })
    assert.equal((await stepsOf(bed, third.id))[2], 'train succeeded')
    const again = await bed.orchestrator.run({
      pipeline: 'threshold',
      trigger: 'ad-hoc',
      params: { as_of: String(first.params.as_of) },
    })
    assert.equal((await stepsOf(bed, again.id))[0], 'set cached')
  })

  it('aborts before training when the data gate stops it', async () => {
    const bed = await testbed()
    const run = await runOnce(bed, thresholdPipeline({ rows: 150 }))
    assert.equal(run.outcome, 'aborted')
    assert.equal(run.reason, 'The data gate stopped the run: rows of train: 49, expected at least 200 rows.')
    assert.deepEqual(await stepsOf(bed, run.id), ['set succeeded', 'data_gate stopped'])
    const { checks } = (await bed.runs.steps(run.id))[1]!.outputs as { checks: { value: { passed: boolean }[] } }
    assert.equal(checks.value.filter(({ passed }) => !passed).length, 1)
    assert.ok(checks.value.length > 6)
  })

  it('aborts on data that is held, old or not there', async () => {
    const bed = await testbed()
    await bed.deploy(thresholdPipeline())
    const reason = async (tables: typeof bed.published.tables) => {
      bed.published.tables = tables
      const run = await bed.orchestrator.run({
        pipeline: 'threshold',
        trigger: 'data',
        signalId: JSON.stringify(tables),
      })
      return `${run.outcome}: ${run.reason}`
    }
    assert.match(
      await reason([]),
      /^aborted: .*publication of things: nothing is published, expected published within 2d/,
    )
    assert.match(
      await reason([{ ...publishedTable(1), heldSince: START - DAY_MS }]),
      /^aborted: .*held since 2013-01-31T00:00:00.000Z/,
    )
    assert.match(
      await reason([{ ...publishedTable(1), publishedAt: START - 3 * DAY_MS }]),
      /^aborted: .*published at 2013-01-29/,
    )
  })

  it('keeps the champion when the model gate stops the run', async () => {
    const bed = await testbed()
    await runOnce(bed, thresholdPipeline())
    const worse = await bed.orchestrator.run({ pipeline: 'threshold', trigger: 'ad-hoc', params: { shift: 0.25 } })
    assert.equal(worse.outcome, 'rejected')
    assert.match(
      worse.reason!,
      /^The model gate stopped the run: accuracy: 0\.\d+, expected at most 0.05 worse than champion threshold@1 \(\d/,
    )
    assert.match(worse.reason!, /accuracy of part=A \(\d+ rows\): /)
    assert.equal((await bed.models.versions('threshold')).length, 1)
    const low = await runOnce(bed, thresholdPipeline({ shift: 0.001 }, 0.999))
    assert.equal(low.outcome, 'rejected')
    assert.match(low.reason!, /accuracy: 0\.\d+, expected at least 0.999/)
  })

  it('runs the deployed text, whatever happens to the working tree', async () => {
    const bed = await testbed()
    const from = project({})
    const first = await bed.deploy(thresholdPipeline(), from)
    for (const file of ['train.py', 'threshold.py', 'evaluate.ts', 'accuracy.ts', 'spine.sql'])
      writeFileSync(join(from, 'steps', file), 'this is no program (')
    const run = await bed.orchestrator.run({ pipeline: 'threshold', trigger: 'ad-hoc' })
    assert.equal(run.outcome, 'succeeded', run.reason ?? '')
    cpSync(projectDir, from, { recursive: true })
    assert.equal((await bed.deploy(thresholdPipeline(), from)).version, first.version)
  })

  it('loads the code of a new version, also of modules that a step imports, and can still run the old one', async () => {
    const bed = await testbed()
    const step = typescriptStep({ name: 'say', module: 'steps/say.ts', outputs: { said: 'json' } })
    const pipeline = definePipeline({ name: 'words', steps: [step] })
    const say = `import { word } from './word.ts'\nexport const run = () => ({ outputs: { said: word } })\n`
    const versions: string[] = []
    const from = project({ 'steps/say.ts': say, 'steps/word.ts': '' })
    for (const word of ['one', 'two']) {
      writeFileSync(join(from, 'steps/word.ts'), `export const word: string = '${word}'\n`)
      versions.push((await bed.deploy(pipeline, from)).version)
      const run = await bed.orchestrator.run({ pipeline: 'words', trigger: 'ad-hoc' })
      assert.deepEqual((await bed.runs.steps(run.id))[0]!.outputs.said, { type: 'value', value: word })
    }
    bed.clock.advanceTo(START + 1)
    const old = await bed.orchestrator.run({ pipeline: 'words', trigger: 'ad-hoc', version: versions[0]! })
    assert.deepEqual((await bed.runs.steps(old.id))[0]!.outputs.said, { type: 'value', value: 'one' })
  })

  it('returns a finished run as it is and gives a run that is in progress to everybody who asks', async () => {
    const bed = await testbed()
    await bed.deploy(thresholdPipeline())
    const request = { pipeline: 'threshold', trigger: 'ad-hoc', runId: 'run-mine' }
    const [first, second] = await Promise.all([bed.orchestrator.run(request), bed.orchestrator.run(request)])
    assert.deepEqual(first, second)
    assert.deepEqual(await bed.orchestrator.run(request), first)
    assert.equal((await bed.runs.steps('run-mine')).length, 6)
  })

  it('refuses what was not deployed, unknown parameters and foreign run ids', async () => {
    const bed = await testbed()
    const run = await runOnce(bed, thresholdPipeline())
    const ask = (more: object) => bed.orchestrator.run({ pipeline: 'threshold', trigger: 'ad-hoc', ...more })
    await assert.rejects(ask({ pipeline: 'treshold' }), {
      code: 'PIPELINE_NOT_DEPLOYED',
      message: 'Pipeline treshold is not deployed. Did you mean "threshold"?',
    })
    await assert.rejects(ask({ version: 'abc' }), { code: 'PIPELINE_NOT_DEPLOYED' })
    await assert.rejects(ask({ params: { row: 5 } }), {
      code: 'PIPELINE_UNKNOWN_PARAM',
      message: /Did you mean "rows"\?/,
    })
    await assert.rejects(ask({ params: { rows: 'many' } }), { code: 'PIPELINE_UNKNOWN_PARAM' })
    await assert.rejects(ask({ params: { as_of: 'soon' } }), { code: 'PIPELINE_UNKNOWN_PARAM' })
    await bed.deploy(definePipeline({ name: 'other', steps: [sqlStep({ name: 'a', sql: 'SELECT 1' })] }))
    await assert.rejects(ask({ pipeline: 'other', runId: run.id }), { code: 'PIPELINE_RUN_MISMATCH' })
  })

  it('runs commands and SQL, with inputs, parameters and files where they are asked for', async () => {
    const bed = await testbed()
    const pipeline = definePipeline({
      name: 'commands',
      params: { greeting: "it's $HOME" },
      steps: [
        sqlStep({ name: 'rows', sql: 'SELECT $greeting AS said, $as_of AS moment;' }),
        sqlStep({
          name: 'more',
          sql: 'SELECT said, year(moment) AS year FROM read_parquet($rows)',
          inputs: { rows: output('rows', 'data') },
        }),
        commandStep({
          name: 'copy',
          command: 'sh',
          args: [
            '-c',
            'cp "$1" "$2" && printf %s "$3" > "$4"',
            'sh',
            '{inputs.rows}',
            '{outputs.copy}',
            '{params.greeting}',
            '{outputs.text}',
          ],
          inputs: { rows: output('more', 'data') },
          outputs: { copy: 'parquet', text: 'txt' },
          params: ['greeting'],
        }),
      ],
    })
    const run = await runOnce(bed, pipeline)
    assert.equal(run.outcome, 'succeeded', run.reason ?? '')
    const { copy, text } = (await bed.runs.steps(run.id))[2]!.outputs as Record<string, { path: string }>
    assert.equal(readFileSync(bed.artifacts.resolve(text!.path), 'utf8'), "it's $HOME")
    assert.deepEqual(await bed.engine.query(`FROM read_parquet('${bed.artifacts.resolve(copy!.path)}')`), [
      { said: "it's $HOME", year: 2013 },
    ])
  })

  describe('records in one sentence', () => {
    const failing = async (
      pipeline: Pipeline,
      files: Readonly<Record<string, string>> = {},
      prepare?: (bed: Testbed) => void,
    ) => {
      const bed = await testbed()
      prepare?.(bed)
      const run = await runOnce(bed, pipeline, project(files))
      assert.equal(run.outcome, 'failed')
      return run.reason!
    }
    const python = (script: string, more: object = {}) => ({
      pipeline: definePipeline({ name: 'py', steps: [pythonStep({ name: 'go', script: 'steps/go.py', ...more })] }),
      files: { 'steps/go.py': script },
    })
    const typescript = (text: string, more: object = {}) => ({
      pipeline: definePipeline({ name: 'ts', steps: [typescriptStep({ name: 'go', module: 'steps/go.ts', ...more })] }),
      files: { 'steps/go.ts': text },
    })

    it('a Python that is not there', async () => {
      const reason = await failing(thresholdPipeline(), {}, (bed) => {
        bed.installed.interpreter = '/nowhere/bin/python'
      })
      assert.equal(
        reason,
        'Step "train" failed: There is no Python interpreter at /nowhere/bin/python. Set it up with: npm run setup.',
      )
    })

    it('a Python environment that changed since the pipeline was deployed', async () => {
      const bed = await testbed()
      await bed.deploy(thresholdPipeline())
      bed.installed.lockFile = join(project({ 'requirements.txt': 'duckdb==9\n' }), 'requirements.txt')
      const run = await bed.orchestrator.run({ pipeline: 'threshold', trigger: 'ad-hoc' })
      assert.equal(
        run.reason,
        'Step "train" failed: the Python lock file is not the one that this pipeline version was deployed with. Deploy it again: covenant apply.',
      )
    })

    it('a script that raises, with the end of what it said', async () => {
      const { pipeline, files } = python('print("hello")\nraise ValueError("no rows to learn from")\n')
      const reason = await failing(pipeline, files)
      assert.match(
        reason,
        /^Step "go" failed: python steps\/go.py ended with exit code 1: ValueError: no rows to learn from\n/,
      )
      assert.match(reason, /hello\nTraceback/)
      assert.doesNotMatch(reason, /covenant-pipelines-/)
    })

    it('a script that is killed', async () => {
      const { pipeline, files } = python('import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n')
      assert.equal(await failing(pipeline, files), 'Step "go" failed: python steps/go.py was killed by SIGKILL.')
    })

    it('a script that takes too long', async () => {
      const { pipeline, files } = python('while True: pass\n', { timeout: '500ms' })
      assert.equal(
        await failing(pipeline, files),
        'Step "go" failed: python steps/go.py was stopped after its time limit of 500ms.',
      )
    })

    it('an output that was not written, or not given', async () => {
      const nothing = 'import covenant_steps\ncovenant_steps.load().done()\n'
      const file = python(nothing, { outputs: { model: 'onnx' } })
      assert.equal(
        await failing(file.pipeline, file.files),
        'Step "go" failed: it ended without an error but did not write its file of output "model".',
      )
      const report = python(nothing, { outputs: { report: 'json' } })
      assert.match(await failing(report.pipeline, report.files), /did not give its value of output "report"\.$/)
    })

    it('a metric that is no number, and a name that the step does not have', async () => {
      const nan = python('import covenant_steps\ncovenant_steps.load().metric("auc", float("nan"))\n')
      assert.match(await failing(nan.pipeline, nan.files), /metric "auc" of step "go" is nan, which is no number/)
      const unknown = python('import covenant_steps\ncovenant_steps.load().input("trian")\n')
      assert.match(await failing(unknown.pipeline, unknown.files), /step "go" has no input "trian"/)
      const infinite = typescript('export const run = () => ({ metrics: { auc: 1 / 0 } })')
      assert.match(await failing(infinite.pipeline, infinite.files), /its metric "auc" is Infinity and no number/)
    })

    it('a module that throws, does not parse or has no run', async () => {
      const throws = typescript('export async function run() { throw new RangeError("too far") }')
      assert.equal(await failing(throws.pipeline, throws.files), 'Step "go" failed: too far')
      const broken = typescript('export const = 1')
      assert.match(await failing(broken.pipeline, broken.files), /steps\/go.ts cannot be loaded: /)
      const empty = typescript('export const walk = 1')
      assert.match(await failing(empty.pipeline, empty.files), /steps\/go.ts exports no function run\. Write: /)
      const extra = typescript('export const run = () => ({ outputs: { a: 1 } })')
      assert.match(await failing(extra.pipeline, extra.files), /gave a value "a" that it does not declare/)
    })

    it('SQL that the engine refuses, and a gate on a column that is not there', async () => {
      const sql = definePipeline({ name: 'sql', steps: [sqlStep({ name: 'go', sql: 'SELECT * FROM no_such_table' })] })
      assert.match(await failing(sql), /^Step "go" failed: .*no_such_table/)
      const gate = definePipeline({
        name: 'gate',
        steps: [
          sqlStep({ name: 'rows', sql: 'SELECT 1 AS a' }),
          dataGate({
            name: 'gate',
            inputs: { rows: output('rows', 'data') },
            checks: [minRows(1), { check: 'max-null-share', column: 'b', share: 0, input: null }],
          }),
        ],
      })
      assert.match(await failing(gate), /^Step "gate" failed: .*"?b"?/)
    })
  })

  it('leaves a run unfinished when the process is told to stop, and finishes it later', async () => {
    const bed = await testbed()
    const script =
      'import covenant_steps, time, os\nstep = covenant_steps.load()\nopen(step.output("mark"), "w").close()\nwhile not os.path.exists(step.param("go")): time.sleep(0.01)\nstep.done()\n'
    const go = join(folder(), 'go')
    const steps = [pythonStep({ name: 'wait', script: 'steps/wait.py', params: ['go'], outputs: { mark: 'txt' } })]
    await bed.deploy(definePipeline({ name: 'waiting', params: { go }, steps }), project({ 'steps/wait.py': script }))
    const request = { pipeline: 'waiting', trigger: 'ad-hoc', runId: 'run-w' }
    const started = new Promise<void>((resolve) => void bed.events.on('pipelines.run-started', () => resolve()))
    const running = bed.orchestrator.run(request)
    await started
    bed.runner.stop()
    await assert.rejects(running, { code: 'PIPELINE_STOPPING', retryable: true })
    assert.equal((await bed.runs.run('run-w'))?.finishedAt, null)
    assert.deepEqual(await bed.runs.steps('run-w'), [])
    await bed.close()
    open.splice(open.indexOf(bed), 1)
    writeFileSync(go, '')
    const reopened = await openTestbed(folders.find((path) => path.startsWith(tmpdir()) && isStateOf(path, bed))!)
    open.push(reopened)
    assert.equal((await reopened.orchestrator.run(request)).outcome, 'succeeded')
  })
})

async function stepsOf(bed: Testbed, runId: string): Promise<readonly string[]> {
  return (await bed.runs.steps(runId)).map(({ step, state, cached }) => `${step} ${cached ? 'cached' : state}`)
}

function isStateOf(path: string, bed: Testbed): boolean {
  return bed.artifacts.resolve('a').startsWith(path)
}
