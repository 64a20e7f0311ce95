import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { GitRepository } from '../../../test/git-project.ts'
import { ENDPOINT, READINGS, tinyProject } from '../../../test/tiny-project.ts'
import { EmbeddedTopicLog } from '../../adapters/embedded/topic-log.ts'
import { type Contract, compileValidationPlan, readContract } from '../../contract/index.ts'
import { EventBus, VirtualClock } from '../../kernel/index.ts'
import { LakeHop } from '../../lake/index.ts'
import { contractNode, edge, modelNode } from '../../metadata/index.ts'
import { CAUSE_HEADER } from '../../serving/index.ts'
import { changeEvent, changeRecord, HEADERS, type NewRecord, rawTopic, tombstone } from '../../topic/index.ts'
import { ValidationHop } from '../../validation/index.ts'
import { applyContracts } from '../apply.ts'
import { checkContracts } from '../check/run.ts'
import { registryOf } from '../covenant.ts'
import { lockState } from '../state-lock.ts'
import { openAnalytics, openStores, type Stores } from '../stores.ts'
import { rawVerdicts } from './raw-verdicts.ts'
import { timeMachine } from './run.ts'

const FILE = 'contracts/readings.odcs.yaml'
const TOPIC = 'station.readings'
const clock = new VirtualClock(Date.parse('2026-01-01'))
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

const bounded = (version: string, maximum: number, extra = '') =>
  READINGS.replace('version: 1.0.0', `version: ${version}`).replace('maximum: 60', `maximum: ${maximum}`) + extra

/** A project under git whose working tree proposes `proposed`, and a state in which the earlier versions are applied. */
async function proposal(versions: readonly string[], proposed: string, files: Readonly<Record<string, string>> = {}) {
  const folder = tinyProject({ [FILE]: versions.at(-1)!, ...files })
  folders.push(folder)
  const repository = new GitRepository(folder)
  repository.commit()
  repository.write({ [FILE]: proposed })
  const stores = await openStores({ stateDir: join(folder, '.covenant'), durability: 'process' })
  const registry = registryOf(stores, clock)
  for (const text of versions) await applyContracts([readContract(text, FILE)], { registry, log: stores.log })
  return { folder, stores, registry }
}

async function travel(folder: string, stores: Stores, window: { since?: number; limit?: number } = {}) {
  const { reviewed, project } = await checkContracts({ projectDir: folder, clock, stores, againstRegistry: false })
  return timeMachine(reviewed, { stores, stateDir: join(folder, '.covenant'), clock, project, ...window })
}

function record(value: string, headers: Readonly<Record<string, string>> = {}, timestamp = 1_000): NewRecord {
  return { key: Buffer.from('k'), value: Buffer.from(value), headers, timestamp }
}

const reading = (celsius: unknown, station: unknown = 'EWR') =>
  JSON.stringify({ station, at: '2026-01-01T00:00:00Z', celsius })

describe('the time machine', () => {
  it('counts exactly what validating every record again would', async () => {
    const celsius = fc.oneof(fc.integer({ min: -120, max: 120 }), fc.constantFrom(null, 'warm', 60, 60.5, -90))
    const event = fc.oneof(
      fc.tuple(celsius, fc.constantFrom('EWR', null)).map(([degrees, station]) => reading(degrees, station)),
      fc.constantFrom('{', '[]', ''),
    )
    const named = fc.constantFrom(undefined, '1.0.0', '2.1.0', '2.2.0', '9.9.9')
    const records = fc.array(fc.tuple(event, named), { maxLength: 60 })
    const bound = fc.integer({ min: 0, max: 120 })
    await fc.assert(
      fc.asyncProperty(records, bound, bound, async (list, now, then) => {
        const registered = [versionOf(bounded('1.0.0', 50)), versionOf(bounded('2.1.0', now))]
        const { verdicts, newlyRefused } = await withLog(async (log) => {
          await log.append(
            rawTopic(TOPIC),
            list.map(([text, version]) => record(text, version ? { [HEADERS.version]: version } : {})),
          )
          return rawVerdicts({ log, registered, proposed: versionOf(bounded('2.2.0', then)) })
        })
        const judged = list.filter(([, version]) => version === undefined || version.startsWith('2.'))
        const today = judged.map(([text, version]) => version !== '2.2.0' && conforms(text, now))
        const proposed = judged.map(([text]) => conforms(text, then))
        const count = (test: (index: number) => boolean) => judged.filter((_, index) => test(index)).length
        const { newlyRefusedBy, newlyAcceptedBy: _, ...counts } = verdicts
        assert.deepEqual(counts, {
          records: list.length,
          concerned: judged.length,
          refusedToday: count((index) => !today[index]),
          refusedProposed: count((index) => !proposed[index]),
          newlyRefused: count((index) => today[index]! && !proposed[index]),
          newlyAccepted: count((index) => !today[index] && proposed[index]!),
        })
        // Only the upper bound differs, so every newly refused record breaks that rule alone.
        const byRule = newlyRefusedBy.reduce((sum, group) => sum + group.count, 0)
        assert.deepEqual([byRule, newlyRefused.size], [counts.newlyRefused, counts.newlyRefused])
      }),
    )
  })

  it('leaves records of an earlier major version to it, unless a migration brings them to the proposed one', async () => {
    const migration = `customProperties:
  - property: covenant.migrations
    value:
      - fromMajor: 1
        expression: '$merge([$, {"celsius": celsius + 30}])'
`
    const list = [
      record(reading(20), { [HEADERS.version]: '1.0.0' }),
      record(reading(50), { [HEADERS.version]: '1.0.0' }),
      record(reading(50)),
    ]
    for (const [extra, concerned, refused] of [
      ['', 1, 0],
      [migration, 3, 1],
    ] as const) {
      const { folder, stores } = await proposal([bounded('1.0.0', 60)], bounded('2.0.0', 70, extra))
      await stores.log.append(rawTopic(TOPIC), list)
      const [report] = await travel(folder, stores)
      assert.deepEqual([report!.raw.records, report!.raw.concerned, report!.raw.newlyRefused], [3, concerned, refused])
      await stores.close()
    }
  })

  it('shows values of public fields only', async () => {
    const open = (text: string) => text.replace('maximum: 60 }', 'maximum: 60 }\n        classification: public')
    for (const [text, shown] of [
      [READINGS, 'a number'],
      [open(READINGS), '55'],
    ] as const) {
      const { folder, stores } = await proposal(
        [text],
        text.replace('version: 1.0.0', 'version: 2.0.0').replace('maximum: 60', 'maximum: 50'),
      )
      await stores.log.append(rawTopic(TOPIC), [record(reading(20)), record(reading(55))])
      const [report] = await travel(folder, stores)
      assert.deepEqual(report!.raw.newlyRefusedBy, [
        {
          ruleId: 'celsius.maximum',
          count: 1,
          examples: [
            {
              source: 'station.readings.raw/0/1',
              timestamp: 1_000,
              violations: [{ path: 'celsius', expected: 'at most 50', got: shown }],
            },
          ],
        },
      ])
      await stores.close()
    }
  })

  it('looks at the newest records, or at those since a moment, where it is told to', async () => {
    const { folder, stores } = await proposal([READINGS], bounded('2.0.0', 50))
    await stores.log.append(
      rawTopic(TOPIC),
      Array.from({ length: 10 }, (_, index) => record(reading(55), {}, index)),
    )
    assert.equal((await travel(folder, stores, { limit: 3 }))[0]!.raw.newlyRefused, 3)
    assert.equal((await travel(folder, stores, { since: 6 }))[0]!.raw.newlyRefused, 4)
    assert.equal((await travel(folder, stores, { since: 6, limit: 7 }))[0]!.raw.records, 4)
    await stores.close()
  })

  it('works beside a running loop, and follows newly refused records to models and predictions', async () => {
    const predictions = READINGS.replaceAll(TOPIC, 'frost.predictions')
    const { folder, stores, registry } = await proposal([READINGS], bounded('2.0.0', 50), {
      'serving/frost.ts': ENDPOINT,
      'contracts/frost.odcs.yaml': predictions,
    })
    await withLake(folder, stores)
    const lock = lockState(join(folder, '.covenant'))
    try {
      await applyContracts([readContract(predictions, 'frost')], { registry, log: stores.log })
      const degrees = [55, 20, 99, 58]
      await stores.log.append(
        rawTopic(TOPIC),
        degrees.map((each, index) => record(reading(each), {}, index * 10)),
      )
      await new ValidationHop({ log: stores.log, registry, clock, events: new EventBus() }).run(TOPIC)
      // 99 is refused today: the record 58 stands at offset 2 of the validated topic.
      const cause = (offset: number) => ({ [CAUSE_HEADER]: `station.readings.validated/0/${offset}` })
      await stores.log.append(
        rawTopic('frost.predictions'),
        [0, 1, 2, 2].map((offset) => record('{}', cause(offset))),
      )
      await stores.runs.putRun({
        id: 'run-1',
        pipeline: 'frost',
        pipelineVersion: 'v',
        trigger: 'ad-hoc',
        signalId: null,
        params: {},
        startedAt: 15,
        finishedAt: 16,
        outcome: 'succeeded',
        reason: null,
      })
      await stores.models.register({
        model: 'frost',
        runId: 'run-1',
        artifact: 'a',
        path: 'a',
        createdAt: 16,
        metrics: {},
        signature: {},
      })
      await stores.lineage.add([edge(contractNode(TOPIC, '1.0.0'), modelNode('frost', 1), 16)])
      const [report] = await travel(folder, stores)
      assert.deepEqual([report!.raw.newlyRefused, report!.raw.refusedToday], [2, 1])
      assert.match(JSON.stringify(report!.lake), /"skipped".*Another process works on the state folder/)
      assert.deepEqual(report!.affected, {
        validatedRecords: 2,
        firstAt: 0,
        lastAt: 30,
        readers: [],
        models: [{ model: 'frost', version: 1, aliases: [], records: 1 }],
        predictions: [{ endpoint: 'frost', count: 3 }],
      })
    } finally {
      lock.release()
      await stores.close()
    }
  })

  it('says how many open dead letters would pass', async () => {
    const { folder, stores } = await proposal([READINGS], bounded('2.0.0', 100))
    await stores.log.append(
      rawTopic(TOPIC),
      [70, 99, 120, 20].map((each) => record(reading(each))),
    )
    await new ValidationHop({
      log: stores.log,
      registry: registryOf(stores, clock),
      clock,
      events: new EventBus(),
    }).run(TOPIC)
    const [report] = await travel(folder, stores)
    assert.deepEqual(
      report!.deadLetters.map(({ open, pass }) => [open, pass]),
      [[3, 2]],
    )
    assert.equal(report!.raw.newlyAccepted, 2)
    await stores.close()
  })

  it('holds the rows of the lake against both versions, quality rules included', async () => {
    const quality = `    quality:
      - id: mild
        type: sql
        query: SELECT count(*) FROM {object} WHERE celsius > 40
        mustBe: 0
`
    const proposed = bounded('2.0.0', 50).replace('    properties:', `${quality}    properties:`)
    const { folder, stores } = await proposal([READINGS], proposed)
    await stores.log.append(
      rawTopic(TOPIC),
      [20, 45, 55, 58, 99].map((each) => record(reading(each))),
    )
    await new ValidationHop({
      log: stores.log,
      registry: registryOf(stores, clock),
      clock,
      events: new EventBus(),
    }).run(TOPIC)
    await withLake(folder, stores)
    const [report] = await travel(folder, stores)
    assert.deepEqual(report!.lake, {
      status: 'checked',
      rows: 4,
      failingToday: 0,
      failingProposed: 2,
      checks: [
        {
          id: 'celsius.maximum',
          kind: 'schema',
          today: { status: 'pass', failed: 0 },
          proposed: { status: 'fail', failed: 2 },
        },
        { id: 'mild', kind: 'quality', today: null, proposed: { status: 'fail', failed: 3 } },
      ],
    })
    // What is in the lake and newly refused is what the validated topic says of it.
    assert.equal(report!.affected.validatedRecords, 2)
    await stores.close()
  })

  it('takes change events apart', async () => {
    const text = readFileSync(join(import.meta.dirname, '../../../examples/flights/contracts/planes.odcs.yaml'), 'utf8')
    const narrower = text.replace('version: 1.0.0', 'version: 2.0.0').replace('maximum: 2030', 'maximum: 2000')
    const { folder, stores } = await proposal([text], narrower)
    await stores.log.append(rawTopic('planes'), planeChanges(readContract(text, 'planes')))
    await new ValidationHop({
      log: stores.log,
      registry: registryOf(stores, clock),
      clock,
      events: new EventBus(),
    }).run('planes')
    await withLake(folder, stores)
    const [report] = await travel(folder, stores)
    // Of the four, a delete and a tombstone hold no row to look at.
    assert.deepEqual(
      { ...report!.lake, checks: 0 },
      { status: 'checked', rows: 2, failingToday: 0, failingProposed: 1, checks: 0 },
    )
    const { newlyRefusedBy, ...counts } = report!.raw
    assert.deepEqual(counts, {
      records: 4,
      concerned: 4,
      refusedToday: 0,
      refusedProposed: 1,
      newlyRefused: 1,
      newlyAccepted: 0,
      newlyAcceptedBy: [],
    })
    assert.deepEqual(
      newlyRefusedBy.map(({ ruleId, examples }) => [ruleId, examples[0]?.violations[0]?.got]),
      [['after.year.maximum', '2004']],
    )
    await stores.close()
  })
})

function versionOf(text: string) {
  const contract = readContract(text, FILE)
  return { contract, plan: compileValidationPlan(contract), activeFrom: [] }
}

async function withLog<T>(body: (log: EmbeddedTopicLog) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-time-'))
  folders.push(folder)
  const log = new EmbeddedTopicLog(join(folder, 'topics.db'), 'process')
  try {
    await log.createTopics([rawTopic(TOPIC)])
    return await body(log)
  } finally {
    await log.close()
  }
}

/** Brings what is validated into the lake, and closes it. */
async function withLake(folder: string, stores: Stores): Promise<void> {
  const analytics = await openAnalytics(join(folder, '.covenant'))
  const registry = registryOf(stores, clock)
  await new LakeHop({ log: stores.log, registry, lake: analytics.lake, clock, events: new EventBus() }).run()
  await analytics.close()
}

/** Written without the product's validator: a reading by the rules of the contract with this upper bound. */
function conforms(text: string, maximum: number): boolean {
  let event: { station?: unknown; celsius?: unknown }
  try {
    event = JSON.parse(text)
  } catch {
    return false
  }
  if (Array.isArray(event)) return false
  const { station, celsius } = event
  return typeof station === 'string' && typeof celsius === 'number' && celsius >= -90 && celsius <= maximum
}

function planeChanges({ key, fields }: Contract): readonly NewRecord[] {
  const row = (year: number) => {
    const full: Record<string, unknown> = {
      tailnum: 'N10156',
      year,
      type: 'Fixed wing multi engine',
      manufacturer: 'EMBRAER',
      model: 'EMB-145XR',
      engines: 2,
      seats: 55,
      engine: 'Turbo-fan',
      operator: 'EV',
      departures: 1,
      updated_at: '2013-01-01T00:00:00Z',
    }
    return Object.fromEntries(fields.map(({ name }) => [name, full[name] ?? null])) as Record<string, never>
  }
  const source = { name: 'fleet', db: 'fleet', table: 'planes' }
  const change = (op: 'c' | 'u' | 'd', before: number | null, after: number | null) =>
    changeRecord(
      changeEvent({
        op,
        before: before === null ? null : row(before),
        after: after === null ? null : row(after),
        timestamp: 1_000,
        source,
      }),
      key,
    )
  return [change('c', null, 1999), change('u', 1999, 2004), change('d', 2004, null), tombstone(row(2004), key, 1_000)]
}
