import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { READINGS, tinyProject } from '../../../test/tiny-project.ts'
import { EmbeddedTopicLog } from '../../adapters/embedded/topic-log.ts'
import { readContract } from '../../contract/index.ts'
import { buildServer } from '../../http/server.ts'
import { VirtualClock } from '../../kernel/index.ts'
import { openCovenant } from '../../runtime/index.ts'
import { rawTopic, validatedTopic } from '../../topic/index.ts'

const BIN = fileURLToPath(new URL('../../../bin/covenant.mjs', import.meta.url))
const TOPIC = 'station.readings'
/** The readings with a rule that is not enforced yet. */
const WARMER = readContract(
  READINGS.replace('version: 1.0.0', 'version: 1.1.0').replace(
    '    properties:',
    `    quality:
      - id: warm
        type: custom
        engine: cel
        description: readings above freezing
        implementation: this.celsius > 0.0
        customProperties: [{ property: covenant.stage, value: shadow }]
    properties:`,
  ),
  'readings.odcs.yaml',
)

let folder: string
let stateDir: string
before(async () => {
  folder = tinyProject()
  stateDir = join(folder, 'state')
  const covenant = await openCovenant({
    projectDir: folder,
    stateDir,
    clock: new VirtualClock(0),
    durability: 'process',
  })
  try {
    await covenant.apply({ planOnly: false })
    await covenant.append(rawTopic(TOPIC), readings(1, -2))
    await covenant.applyContracts([WARMER])
    await covenant.append(rawTopic(TOPIC), readings(3, -4, 5, 99))
    await covenant.loop.tick()
    const server = await buildServer({ covenant, version: '0.0.0' })
    metrics = (await server.inject('/metrics')).body
    rules = (await server.inject('/api/rules')).json()
    await server.close()
  } finally {
    await covenant.close()
  }
})
after(() => rmSync(folder, { recursive: true }))

let metrics: string
let rules: unknown

function readings(...celsius: readonly number[]) {
  return celsius.map((degrees) => ({
    key: Buffer.from('JFK'),
    value: Buffer.from(JSON.stringify({ station: 'JFK', at: '2026-03-01T11:00:00Z', celsius: degrees })),
    headers: {},
    timestamp: 0,
  }))
}

function covenant(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, '-p', folder, '-s', stateDir, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { code: status, stdout, stderr }
}

test('versions are told with the raw offset from which on they hold', () => {
  const { stdout } = covenant('validation', 'versions', '--json')
  assert.deepEqual(JSON.parse(stdout), [
    { topic: TOPIC, version: '1.0.0', partition: 0, fromOffset: 0 },
    { topic: TOPIC, version: '1.1.0', partition: 0, fromOffset: 2 },
  ])
})

test('a rule that is not enforced is told with the exact fraction that it would refuse', () => {
  assert.match(covenant('validation', 'rules').stdout, /station\.readings +warm +shadow +1\.1\.0 +1 of 3 +mend/)
  assert.deepEqual(rules, [
    {
      topic: TOPIC,
      rule: 'warm',
      stage: 'shadow',
      since: '1.1.0',
      expected: 'readings above freezing',
      evaluated: 3,
      broken: 1,
      next: 'mend',
    },
  ])
  const labels = `{topic="${TOPIC}",rule="warm",stage="shadow",since="1.1.0"}`
  assert.ok(metrics.includes(`covenant_rule_records_total${labels} 3\n`))
  assert.ok(metrics.includes(`covenant_rule_broken_total${labels} 1\n`))
})

test('a topic that was tampered with does not verify', async () => {
  const good = covenant('validation', 'verify', TOPIC)
  assert.equal(good.code, 0, good.stderr)
  assert.match(good.stdout, /station\.readings +6 +5 +1 +the same/)
  const log = new EmbeddedTopicLog(join(stateDir, 'topics.db'))
  const [first] = await log.read(validatedTopic(TOPIC), 0, 0, 1)
  await log.append(validatedTopic(TOPIC), [first!])
  await log.close()
  const bad = covenant('validation', 'verify', TOPIC)
  assert.equal(bad.code, 1)
  assert.match(
    bad.stdout,
    /differs at station\.readings\.raw\/0\/0: station\.readings\.validated\/0\/5 should not be there/,
  )
})

test('an unknown topic is named, with those that are there', () => {
  const { code, stderr } = covenant('validation', 'verify', 'nobody')
  assert.equal(code, 1)
  assert.match(stderr, /There is no topic nobody\..*station\.readings/)
})
