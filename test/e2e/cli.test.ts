import assert from 'node:assert/strict'
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { tinyProject } from '../tiny-project.ts'

const BIN = fileURLToPath(new URL('../../bin/covenant.mjs', import.meta.url))
const PIPELINE = `import { adHoc, dataGate, definePipeline, defineTrigger, publicationsCurrent } from 'covenant'
export const frost = definePipeline({
  name: 'frost',
  steps: [dataGate({ name: 'sources', checks: [publicationsCurrent(['station.readings'])] })],
})
export const trigger = defineTrigger({ pipeline: 'frost', on: [adHoc()] })
`
const EVENTS = [
  '{"station":"JFK","at":"2026-03-01T11:00:00Z","celsius":4.5}',
  'no json',
  '{"station":"LGA","at":"2026-03-01T11:00:00Z","celsius":451}',
  '',
  '{"station":"EWR","at":"2026-03-01T11:00:00Z","celsius":-3}',
].join('\n')

let folder: string
let stateDir: string

before(() => {
  folder = tinyProject({ 'pipelines/frost.ts': PIPELINE })
  stateDir = join(folder, 'state')
})

after(() => rmSync(folder, { recursive: true }))

/** Runs a verb to its end. */
function covenant(args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, '-p', folder, '-s', stateDir, ...args], {
    encoding: 'utf8',
    input,
    timeout: 30_000,
  })
  return { code: status, stdout, stderr, json: () => JSON.parse(stdout) }
}

/** One sentence on standard error that begins with the program's name, and no stack. */
function assertFails(result: ReturnType<typeof covenant>, code: number, words: RegExp): void {
  assert.equal(result.code, code, result.stderr)
  assert.match(result.stderr, words)
  assert.doesNotMatch(result.stderr, /\n {4}at /)
}

describe('covenant', () => {
  it('makes no state by looking at it', () => {
    assertFails(covenant(['status']), 1, /^covenant: There is no Covenant state .*covenant apply/)
    assert.ok(!existsSync(stateDir))
  })

  it('plans without a change, then applies, then finds nothing to do', () => {
    const outcomes = (result: ReturnType<typeof covenant>) => {
      assert.equal(result.code, 0, result.stderr)
      const { contracts, pipelines } = result.json()
      return [...contracts, ...pipelines].map(({ outcome }: { outcome: string }) => outcome)
    }
    assert.deepEqual(outcomes(covenant(['apply', '--plan', '--json'])), ['registered', 'deployed'])
    assertFails(covenant(['deploy']), 1, /station\.readings is not registered/)
    assert.deepEqual(outcomes(covenant(['apply', '--json'])), ['registered', 'deployed'])
    assert.deepEqual(outcomes(covenant(['apply', '--json'])), ['unchanged', 'unchanged'])
    assert.match(covenant(['deploy']).stdout, /frost +[0-9a-f]{12} +unchanged/)
  })

  it('produces the good lines and tells the others', () => {
    const result = covenant(['produce', 'station.readings', '--json'], EVENTS)
    assert.equal(result.code, 1)
    const { appended, refused, refusedLines } = result.json()
    assert.deepEqual([appended, refused, refusedLines[0].line], [3, 1, 2])
    assertFails(covenant(['produce', 'nope']), 1, /no registered contract.*Known topics: station\.readings/is)
    assertFails(covenant(['produce', 'station.readings', '/nowhere']), 1, /cannot be read/)
  })

  it('stops a run at the gate with exit code 3', () => {
    const result = covenant(['run', 'frost', '--json'])
    assert.equal(result.code, 3, result.stderr)
    assert.equal(result.json().run.outcome, 'aborted')
    const [run] = covenant(['runs', '--json']).json()
    assert.match(covenant(['runs', run.id]).stdout, /aborted[\s\S]*sources/)
    assert.equal(covenant(['signals', '--json']).json()[0].outcome, 'fired')
    assertFails(covenant(['run', 'nope']), 1, /There is no pipeline nope.*Known: frost/)
  })

  it('shows what was validated and why the rest was not', () => {
    assert.deepEqual(covenant(['status', '--json']).json().topics, {
      'station.readings': { raw: 3, validated: 2, deadLetters: 1 },
    })
    const [group] = covenant(['dlq', 'list', '--json']).json()
    assert.match(group.reason, /celsius/)
    assert.match(covenant(['dlq', 'show', group.fingerprint]).stdout, /station\.readings\.raw\/0\/1[\s\S]*"LGA"/)
    assertFails(covenant(['dlq', 'show', 'zzz']), 1, /covenant dlq list/)
    const edges = covenant(['lineage', 'contract:station.readings@1.0.0', '--down', '--json']).json()
    assert.ok(edges.some(({ to }: { to: { id: string } }) => to.id === 'station.readings.validated'))
    assertFails(covenant(['lineage', 'model:nope@1']), 1, /no model:nope@1/)
    assertFails(covenant(['why', 'nope']), 1, /There is no prediction nope/)
  })

  it('tells a wrong command line with exit code 2', () => {
    for (const args of [['nope'], ['--nope'], ['runs', 'a', 'b'], ['dlq', 'show'], ['dev', '--port', '70000'], []])
      assert.equal(covenant(args).code, 2, args.join(' '))
    assertFails(covenant(['run', 'frost', '--param', 'x']), 2, /name=value/)
    assertFails(covenant(['lineage', 'x']), 2, /kind:id/)
    assert.equal(covenant(['nope', '--json']).json().error.code, 'CLI_USAGE')
  })

  it('lints with line and column, and exit code 1', () => {
    const file = join(folder, 'broken.odcs.yaml')
    writeFileSync(file, 'apiVersion: v3.2.0\nkind: DataContract\nversoin: 1.0.0\n')
    const result = covenant(['contract', 'lint', file])
    assert.equal(result.code, 1)
    assert.match(result.stdout, /broken\.odcs\.yaml:3:1 +error +.*versoin.*version/)
    assert.match(covenant(['contract', 'lint']).stdout, /1 contract file: 0 errors/)
    assertFails(covenant(['-p', '/nowhere', 'contract', 'lint']), 1, /covenant\.config\.ts/)
  })

  it('says in one sentence that a folder cannot be written, or that Python is missing', {
    skip: process.platform !== 'linux' && 'needs /proc',
  }, () => {
    assertFails(covenant(['-s', '/proc/covenant', 'apply']), 1, /state folder cannot be written.*--state DIR/)
    const doctor = spawnSync(process.execPath, [BIN, '-p', folder, '-s', stateDir, 'doctor'], {
      encoding: 'utf8',
      env: { ...process.env, COVENANT_VENV: '/nowhere' },
    })
    assert.equal(doctor.status, 1)
    assert.match(doctor.stdout, /✗ Python for steps: .*npm run setup/)
  })

  it('completes verbs in bash', { skip: spawnSync('bash', ['--version']).status !== 0 && 'needs bash' }, () => {
    const script = `${covenant(['completion', 'bash']).stdout}
      COMP_WORDS=(covenant --json dlq s); COMP_CWORD=3; _covenant; echo "\${COMPREPLY[*]}"`
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' })
    assert.deepEqual([stdout, stderr], ['show\n', ''])
  })

  it('runs the loop with its door, alone on its state, until it is told to stop', async () => {
    const dev = spawn(process.execPath, [BIN, '-p', folder, '-s', stateDir, 'dev', '--port', '0'])
    const ended = once(dev, 'close')
    try {
      const address = await addressOf(dev)
      const body = '{"station":"JFK","at":"2026-03-01T12:00:00Z","celsius":5}'
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${address}/topics/station.readings`, { method: 'POST', headers, body })
      assert.equal(answer.status, 202)
      const validated = async () => {
        const topics = (await (await fetch(`${address}/api/topics`)).json()) as Record<string, { validated: number }>
        return topics['station.readings']?.validated
      }
      while ((await validated()) !== 3) await new Promise(setImmediate)
      assert.equal(covenant(['status', '--json']).json().topics['station.readings'].validated, 3)
      assertFails(covenant(['dev', '--port', '0']), 1, /Another Covenant process works on this state folder/)
      assert.equal(covenant(['apply']).code, 0, 'apply works beside the loop')
      const { port } = new URL(address)
      assertFails(covenant(['-s', join(folder, 'other'), 'dev', '--port', port]), 1, /Port \d+ .* is taken/)
    } finally {
      dev.kill('SIGINT')
    }
    assert.deepEqual(await ended, [0, null])
  })
})

/** The address that `dev` says it listens on. */
async function addressOf(dev: ChildProcessWithoutNullStreams): Promise<string> {
  let said = ''
  for await (const text of dev.stderr.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += text
    const [, address] = /listens on (http:\/\/\S+)/.exec(said) ?? []
    if (address) {
      dev.stderr.resume()
      return address
    }
  }
  throw new assert.AssertionError({ message: `covenant dev did not start: ${said}` })
}
