import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { openOrders, order, orderVersion, TOPIC } from '../../../test/dead-letters.ts'
import { orderRecord, orderTopic, orderVersions } from '../../../test/order-versions.ts'
import { EmbeddedTopicLog } from '../../adapters/embedded/topic-log.ts'
import { type RegistryTables, registryMigrations, SqlRegistryStore } from '../../adapters/sql/registry-store.ts'
import { compileValidationPlan } from '../../contract/index.ts'
import { EventBus, migrateToLatest, openKysely, VirtualClock } from '../../kernel/index.ts'
import { Registry } from '../../registry/index.ts'
import {
  deadLetterTopic,
  endOffsets,
  HEADERS,
  rawTopic,
  type TopicLog,
  type TopicRecord,
  validatedTopic,
} from '../../topic/index.ts'
import {
  discardDeadLetters,
  readDeadLetters,
  readRuleCounts,
  replayDeadLetters,
  ValidationHop,
  verifyTopic,
} from '../index.ts'

const folder = mkdtempSync(join(tmpdir(), 'covenant-reprocess-'))
const logs: EmbeddedTopicLog[] = []
after(async () => {
  for (const log of logs) await log.close()
  rmSync(folder, { recursive: true })
})

async function openLog(): Promise<TopicLog> {
  const log = new EmbeddedTopicLog(join(folder, `${logs.length}.db`), 'process')
  logs.push(log)
  await log.createTopics([rawTopic(orderTopic), validatedTopic(orderTopic), deadLetterTopic(orderTopic)])
  return log
}

async function openRegistry(log: TopicLog): Promise<Registry> {
  const database = openKysely<RegistryTables>(':memory:')
  await migrateToLatest(database, 'registry_migrations', registryMigrations)
  return new Registry({
    store: new SqlRegistryStore(database),
    clock: new VirtualClock(0),
    events: new EventBus(),
    endOffsets: (topic) => endOffsets(log, rawTopic(topic)),
  })
}

const hopOver = (log: TopicLog, registry: Registry, batchSize: number) =>
  new ValidationHop({ log, registry, clock: new VirtualClock(0), events: new EventBus(), batchSize })

const all = async (log: TopicLog, topic: string) =>
  (await log.read(topic, 0, 0, await log.endOffset(topic, 0))).map(({ topic: _, ...record }) => record)

type Step =
  | { readonly do: 'append'; readonly records: number }
  | { readonly do: 'apply' }
  | { readonly do: 'validate'; readonly batchSize: number; readonly batches: number }

const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('append' as const), records: fc.integer({ min: 1, max: 40 }) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('apply' as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('validate' as const),
        batchSize: fc.integer({ min: 1, max: 30 }),
        batches: fc.integer({ min: 1, max: 3 }),
      }),
    },
  ),
  { minLength: 5, maxLength: 25 },
)

/** Long enough that each version meets records of each kind. */
const everything: readonly Step[] = orderVersions.flatMap((): readonly Step[] => [
  { do: 'append', records: 150 },
  { do: 'validate', batchSize: 20, batches: 4 },
  { do: 'apply' },
])

/** Does the steps, with a new hop for each validation, which may stop before the end of the raw topic. */
async function live(script: readonly Step[]): Promise<{ log: TopicLog; registry: Registry }> {
  const log = await openLog()
  const registry = await openRegistry(log)
  let versions = 1
  let sent = 0
  await registry.apply(orderVersions.slice(0, 1))
  for (const step of script)
    if (step.do === 'append') {
      const records = Array.from({ length: step.records }, () => orderRecord(sent++))
      await log.append(rawTopic(orderTopic), records)
    } else if (step.do === 'apply') {
      const changes = await registry.apply(orderVersions.slice(0, ++versions))
      assert.deepEqual(
        changes.filter(({ outcome }) => outcome === 'refused').map(({ message }) => message),
        [],
      )
    } else await hopOver(stopping(log, step.batches), registry, step.batchSize).run(orderTopic)
  await hopOver(log, registry, 2_000).run(orderTopic)
  return { log, registry }
}

/** The log as a hop sees it that is stopped after some batches. */
function stopping(log: TopicLog, batches: number): TopicLog {
  let left = batches
  return new Proxy(log, {
    get(target, name) {
      if (name === 'read')
        return (topic: string, ...where: [number, number, number]) =>
          topic === rawTopic(orderTopic) && left-- <= 0 ? Promise.resolve([]) : target.read(topic, ...where)
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

test('validating the raw topic again gives the same topics byte for byte, whatever was approved or judged when', async () => {
  const seen = { versions: new Set<string>(), stages: new Set<string>(), migrated: 0, warned: 0 }
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 50 }), async (script, batchSize) => {
      const { log, registry } = await live(script)
      const again = await openLog()
      await again.append(rawTopic(orderTopic), await all(log, rawTopic(orderTopic)))
      await hopOver(again, registry, batchSize).run(orderTopic)
      for (const topic of [validatedTopic(orderTopic), deadLetterTopic(orderTopic)])
        assert.deepEqual(await all(again, topic), await all(log, topic))
      assert.deepEqual(await readRuleCounts(again, orderTopic), await readRuleCounts(log, orderTopic))
      const { difference } = await verifyTopic(orderTopic, { log, registry })
      assert.equal(difference, null)
      note(seen, await all(log, validatedTopic(orderTopic)), await all(log, deadLetterTopic(orderTopic)))
    }),
    { numRuns: 40, examples: [[everything, 7]] },
  )
  assert.deepEqual([...seen.versions].sort(), ['1.0.0', '1.1.0', '1.2.0', '2.0.0', '3.0.0'])
  assert.deepEqual([...seen.stages].sort(), ['rule', 'schema', 'transform'])
  assert.ok(seen.migrated > 0 && seen.warned > 0)
})

function note(
  seen: { versions: Set<string>; stages: Set<string>; migrated: number; warned: number },
  validated: readonly Omit<TopicRecord, 'topic'>[],
  deadLetters: readonly Omit<TopicRecord, 'topic'>[],
): void {
  for (const { headers } of validated) {
    seen.versions.add(headers[HEADERS.version]!)
    if (headers[HEADERS.migratedFrom] !== undefined) seen.migrated++
    if (headers[HEADERS.warnings] !== undefined) seen.warned++
  }
  for (const { headers } of deadLetters) seen.stages.add(headers[HEADERS.stage]!)
}

test('rule counts are what counting by hand gives, and only the stage warn marks records', async () => {
  const { log } = await live([
    { do: 'append', records: 200 },
    { do: 'apply' },
    { do: 'append', records: 200 },
    { do: 'validate', batchSize: 7, batches: 20 },
    { do: 'apply' },
    { do: 'append', records: 200 },
  ])
  const validated = await all(log, validatedTopic(orderTopic))
  const expected = (['1.1.0', '1.2.0'] as const).map((version) => {
    const records = validated.filter(({ headers }) => headers[HEADERS.version] === version)
    const broken = records.filter(({ value }) => JSON.parse(Buffer.from(value!).toString()).cents >= 900)
    const marked = records.filter(({ headers }) => headers[HEADERS.warnings] !== undefined)
    assert.deepEqual(marked, version === '1.2.0' ? broken : [])
    const stage = version === '1.1.0' ? ('shadow' as const) : ('warn' as const)
    return { version, rule: 'small', stage, evaluated: records.length, broken: broken.length }
  })
  assert.ok(expected.every(({ evaluated, broken }) => broken > 0 && broken < evaluated))
  assert.deepEqual(await readRuleCounts(log, orderTopic), expected)
})

test('a difference is told with the raw record that it is about', async () => {
  const { log, registry } = await live([{ do: 'append', records: 10 }])
  const [first] = await log.read(validatedTopic(orderTopic), 0, 0, 1)
  const changed = (record: TopicRecord) => ({ ...record, value: Buffer.from('{}') })
  const forged = new Proxy(log, {
    get(target, name) {
      if (name === 'read')
        return async (topic: string, ...where: [number, number, number]) => {
          const records = await target.read(topic, ...where)
          return topic === validatedTopic(orderTopic) ? records.map((r) => (r.offset === 0 ? changed(r) : r)) : records
        }
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  const { difference } = await verifyTopic(orderTopic, { log: forged, registry })
  assert.deepEqual(difference, {
    source: first!.headers[HEADERS.source],
    message: 'orders.validated/0/0 has another value',
  })
})

test('records that waited for an earlier one of their key verify, and so does what was replayed', async (t) => {
  const versions = [orderVersion('1.0.0', 0, { blockKey: true })]
  const orders = await openOrders(versions, 3)
  t.after(() => orders.close())
  const registry = { versionsOf: async () => versions }
  await orders.raw(order('a', -1), order('b', 2), order('a', 3), order('a', 'x'), order('b', 4))
  await orders.openHop().run(TOPIC)
  versions.push({ ...orderVersion('1.1.0', -5, { blockKey: true }), activeFrom: [5] })
  await replayDeadLetters(orders.parts(), { dryRun: false, actor: 'ana' })
  await orders.raw(order('a', 5))
  await orders.openHop().run(TOPIC)
  const { difference, records, validated, deadLetters } = await verifyTopic(TOPIC, { log: orders.log, registry })
  assert.equal(difference, null)
  assert.deepEqual([records, validated + deadLetters], [8, 8])
})

test('a record that waits for another one of its key is counted by a rule when it goes on, once', async (t) => {
  const first = orderVersion('1.0.0', 0, { blockKey: true })
  const rule = orderVersions[1]!.rules[0]!
  const staged = compileValidationPlan({ ...orderVersions[1]!, rules: [{ ...rule, expression: 'this.cents < 900' }] })
  const versions = [{ ...first, plan: { ...staged, topic: TOPIC } }]
  const orders = await openOrders(versions)
  t.after(() => orders.close())
  const record = (cents: unknown) => ({ ...order('a', 0), value: Buffer.from(JSON.stringify({ id: 'a', cents })) })
  await orders.raw(record('none'), record(950), record(5))
  const hop = orders.openHop()
  await hop.run(TOPIC)
  assert.deepEqual(await readRuleCounts(orders.log, TOPIC), [])
  const [bad] = await readDeadLetters(orders, TOPIC)
  await discardDeadLetters(orders.parts(), {
    dryRun: false,
    actor: 'ana',
    topic: TOPIC,
    sources: [bad!.source],
    reason: 'x',
  })
  await replayDeadLetters(orders.parts(), { dryRun: false, actor: 'ana' })
  await hop.run(TOPIC)
  assert.deepEqual(await readRuleCounts(orders.log, TOPIC), [
    { version: '1.1.0', rule: 'small', stage: 'shadow', evaluated: 2, broken: 1 },
  ])
})
