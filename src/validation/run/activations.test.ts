import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openDeadLetterStore } from '../../../test/dead-letters.ts'
import { planOf, registeredVersion } from '../../../test/random-plans.ts'
import { EmbeddedTopicLog } from '../../adapters/embedded/topic-log.ts'
import { EventBus, VirtualClock } from '../../kernel/index.ts'
import {
  activationsTopic,
  deadLetterTopic,
  HEADERS,
  type NewRecord,
  rawTopic,
  validatedTopic,
} from '../../topic/index.ts'
import { type RegisteredVersion, readActivations, ValidationHop } from '../index.ts'
import { readDeadLetters } from './read-dead-letters.ts'

const topic = 'orders'

function version(contractVersion: string, minimum: number, activeFrom: number): RegisteredVersion {
  const fields = [{ name: 'n', type: 'integer', required: true, rules: { minimum } }] as const
  return registeredVersion(planOf(fields, { topic, contractVersion, hash: contractVersion }), activeFrom)
}

function record(n: number, named?: string): NewRecord {
  const headers = named === undefined ? {} : { [HEADERS.version]: named }
  return { key: null, value: Buffer.from(`{"n":${n}}`), headers, timestamp: n }
}

async function setUp(t: { after(body: () => Promise<void>): void }, batchSize?: number) {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-activations-'))
  const log = new EmbeddedTopicLog(join(folder, 'topics.db'), 'process')
  t.after(async () => {
    await log.close()
    rmSync(folder, { recursive: true })
  })
  await log.createTopics([rawTopic(topic), validatedTopic(topic), deadLetterTopic(topic)])
  const versions: RegisteredVersion[] = [version('1.0.0', 0, 0)]
  const open = () =>
    new ValidationHop({
      log,
      registry: { versionsOf: async () => [...versions] },
      clock: new VirtualClock(0),
      events: new EventBus(),
      ...(batchSize === undefined ? {} : { batchSize }),
    })
  const validated = async () => (await log.read(validatedTopic(topic), 0, 0, 100)).map(({ headers }) => headers)
  return { log, versions, open, validated }
}

test('a record is held against the version that was newest when it was appended, however late it is judged', async (t) => {
  const { log, versions, open, validated } = await setUp(t)
  await log.append(rawTopic(topic), [record(5), record(6)])
  versions.push(version('1.1.0', 10, 2))
  await log.append(rawTopic(topic), [record(5), record(15)])
  versions.push(version('1.2.0', 20, 4), version('1.3.0', 30, 4))
  await log.append(rawTopic(topic), [record(25), record(35)])
  await open().run(topic)
  assert.deepEqual(
    (await validated()).map((headers) => [headers[HEADERS.source], headers[HEADERS.version]]),
    [
      ['orders.raw/0/0', '1.0.0'],
      ['orders.raw/0/1', '1.0.0'],
      ['orders.raw/0/3', '1.1.0'],
      ['orders.raw/0/5', '1.3.0'],
    ],
  )
  assert.deepEqual(await readActivations(log, topic), [
    { version: '1.1.0', partition: 0, fromOffset: 2 },
    { version: '1.2.0', partition: 0, fromOffset: 4 },
    { version: '1.3.0', partition: 0, fromOffset: 4 },
  ])
  await log.append(rawTopic(topic), [record(1)])
  await open().run(topic)
  assert.equal(await log.endOffset(activationsTopic(topic), 0), 3)
})

test('a version whose registration was still under way while a batch was judged holds from the next batch on', async (t) => {
  const { log, versions, open } = await setUp(t)
  await log.append(rawTopic(topic), [record(5), record(5), record(5)])
  const hop = open()
  await hop.run(topic)
  versions.push(version('1.1.0', 10, 1))
  await log.append(rawTopic(topic), [record(5)])
  await hop.run(topic)
  assert.deepEqual(await readActivations(log, topic), [{ version: '1.1.0', partition: 0, fromOffset: 3 }])
  assert.deepEqual(
    (await readDeadLetters({ log, deadLetters: await openDeadLetterStore() }, topic)).map(
      ({ source, version: held }) => [source, held],
    ),
    [['orders.raw/0/3', '1.1.0']],
  )
})

test('a version that a record names is known from its activation on', async (t) => {
  const { log, versions, open, validated } = await setUp(t, 1)
  await log.append(rawTopic(topic), [record(50, '1.0.0'), record(50, '1.1.0')])
  versions.push(version('1.1.0', 10, 2))
  await log.append(rawTopic(topic), [record(50, '1.1.0'), record(5, '1.0.0')])
  await open().run(topic)
  assert.deepEqual(
    (await readDeadLetters({ log, deadLetters: await openDeadLetterStore() }, topic)).map((letter) => [
      letter.source,
      letter.version,
      letter.class,
    ]),
    [['orders.raw/0/1', '1.1.0', 'unknown-schema']],
  )
  assert.deepEqual(
    (await validated()).map((headers) => headers[HEADERS.version]),
    ['1.0.0', '1.1.0', '1.0.0'],
  )
})

test('a topic with one version needs no record of it', async (t) => {
  const { log, open } = await setUp(t)
  await log.append(rawTopic(topic), [record(5)])
  await open().run(topic)
  assert.deepEqual(
    (await log.topics()).map((info) => info.topic),
    ['orders.dlq', 'orders.raw', 'orders.validated'],
  )
})
