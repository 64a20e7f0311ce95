import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { openDeadLetterStore } from '../../../test/dead-letters.ts'
import { planOf, registeredVersion } from '../../../test/random-plans.ts'
import { EmbeddedTopicLog } from '../../adapters/embedded/topic-log.ts'
import type { FieldPlan, ValidationPlan } from '../../contract/index.ts'
import { EventBus, VirtualClock } from '../../kernel/index.ts'
import { deadLetterTopic, HEADERS, type NewRecord, rawTopic, validatedTopic } from '../../topic/index.ts'
import { type RegisteredVersion, ValidationHop } from '../index.ts'
import { migrationPath } from './migrate.ts'
import { readDeadLetters } from './read-dead-letters.ts'
import { ValidatorCache, VersionTimeline } from './version-timeline.ts'

const topic = 'orders'
const field = (name: string, type: FieldPlan['type'], rules = {}): FieldPlan => ({ name, type, required: true, rules })
const plan = (contractVersion: string, fields: readonly FieldPlan[], more: Partial<ValidationPlan> = {}) =>
  planOf(fields, { topic, contractVersion, hash: contractVersion, ...more })

/** 1.x has cents; 2.x has an amount of at least 1; 3.x has it with its currency, and another key. */
const V1 = registeredVersion(plan('1.0.0', [field('id', 'string'), field('cents', 'integer')], { key: ['id'] }))
const V2 = registeredVersion(
  plan('2.0.0', [field('id', 'string'), field('amount', 'number', { minimum: 1 })], { key: ['id'] }),
  2,
  [{ fromMajor: 1, expression: '{"id": id, "amount": cents / 100}' }],
)
const V3 = registeredVersion(
  plan('3.0.0', [field('order', 'string'), field('price', 'object')], { key: ['order'] }),
  4,
  [{ fromMajor: 2, expression: '{"order": "o-" & id, "price": {"amount": amount, "currency": "EUR"}}' }],
)

const record = (value: object, version?: string): NewRecord => ({
  key: Buffer.from('key'),
  value: Buffer.from(JSON.stringify(value)),
  headers: version === undefined ? { trace: 'x' } : { trace: 'x', [HEADERS.version]: version },
  timestamp: 7,
})

async function hop(t: { after(body: () => Promise<void>): void }, versions: RegisteredVersion[], raw: NewRecord[]) {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-migrate-'))
  const log = new EmbeddedTopicLog(join(folder, 'topics.db'), 'process')
  t.after(async () => {
    await log.close()
    rmSync(folder, { recursive: true })
  })
  await log.createTopics([rawTopic(topic), validatedTopic(topic), deadLetterTopic(topic)])
  await log.append(rawTopic(topic), raw)
  const registry = { versionsOf: async () => versions }
  await new ValidationHop({ log, registry, clock: new VirtualClock(0), events: new EventBus() }).run(topic)
  const validated = await log.read(validatedTopic(topic), 0, 0, 100)
  return {
    letters: await readDeadLetters({ log, deadLetters: await openDeadLetterStore() }, topic),
    rawLetters: await log.read(deadLetterTopic(topic), 0, 0, 100),
    validated: validated.map(({ key, value, headers, timestamp }) => ({
      key: Buffer.from(key!).toString(),
      text: Buffer.from(value!).toString(),
      headers,
      timestamp,
    })),
  }
}

describe('a record of an earlier major version', () => {
  test('is brought to the newest version at its offset, over the versions between', async (t) => {
    const cents = record({ id: 'a', cents: 250 }, '1.0.0')
    const { validated, letters } = await hop(t, [V1, V2, V3], [cents, cents, cents, cents, cents])
    assert.deepEqual(letters, [])
    assert.deepEqual(
      validated.map(({ text, key, headers }) => [text, key, headers[HEADERS.version], headers[HEADERS.migratedFrom]]),
      [
        ['{"id":"a","cents":250}', 'key', '1.0.0', undefined],
        ['{"id":"a","cents":250}', 'key', '1.0.0', undefined],
        ['{"id":"a","amount":2.5}', 'key', '2.0.0', '1.0.0'],
        ['{"id":"a","amount":2.5}', 'key', '2.0.0', '1.0.0'],
        ['{"order":"o-a","price":{"amount":2.5,"currency":"EUR"}}', 'o-a', '3.0.0', '1.0.0'],
      ],
    )
    assert.deepEqual(validated[2]!.headers, {
      trace: 'x',
      [HEADERS.version]: '2.0.0',
      [HEADERS.migratedFrom]: '1.0.0',
      [HEADERS.source]: 'orders.raw/0/2',
    })
    assert.equal(validated[2]!.timestamp, 7)
  })

  test('is a dead letter by its own version, by the migration, or by the version it is brought to', async (t) => {
    const newest = registeredVersion(V2.plan, 0, V2.contract.migrations)
    const raw = [
      record({ id: 'a' }, '1.0.0'),
      record({ id: 'b', cents: 50 }, '1.0.0'),
      record({ id: 'c', amount: 0.5 }),
      record({ id: 'd', cents: 100 }, '1.0.0'),
    ]
    const { validated, letters, rawLetters } = await hop(t, [V1, newest], raw)
    assert.deepEqual(
      letters.map(({ source, stage, version, reason }) => [source, stage, version, reason]),
      [
        ['orders.raw/0/0', 'schema', '1.0.0', 'cents is required'],
        ['orders.raw/0/1', 'transform', '2.0.0', 'amount must be at least 1'],
        ['orders.raw/0/2', 'schema', '2.0.0', 'amount must be at least 1'],
      ],
    )
    assert.notEqual(letters[1]!.fingerprint, letters[2]!.fingerprint)
    assert.equal(letters[1]!.text, '{"id":"b","cents":50}')
    assert.equal(rawLetters[1]!.headers[HEADERS.migratedFrom], '1.0.0')
    assert.deepEqual(
      validated.map(({ text }) => text),
      ['{"id":"d","amount":1}'],
    )
  })

  test('that the migration fails on is a dead letter that says so', async (t) => {
    const newest = registeredVersion(V2.plan, 0, [{ fromMajor: 1, expression: '{"id": id + 1}' }])
    const { letters } = await hop(t, [V1, newest], [record({ id: 'secret', cents: 1 }, '1.0.0')])
    const [letter] = letters
    assert.equal(letter!.stage, 'transform')
    assert.equal(letter!.reason, 'the record must be a record that the migration from major 1 to 2.0.0 can take')
    assert.equal(letter!.violations[0]!.got, 'JSONata error T2001 at character 11')
  })

  test('stays in its version where no migration leads to the newest', async (t) => {
    const newest = registeredVersion(V2.plan, 0)
    const { validated } = await hop(t, [V1, newest], [record({ id: 'a', cents: 1 }, '1.0.0')])
    assert.deepEqual(
      validated.map(({ text, headers }) => [text, headers[HEADERS.version]]),
      [['{"id":"a","cents":1}', '1.0.0']],
    )
  })
})

describe('the way of migrations', () => {
  const path = (fromMajor: number, ...versions: readonly (readonly [string, readonly number[]])[]) => {
    const registered = versions.map(([version, majors]) =>
      registeredVersion(
        plan(version, []),
        0,
        majors.map((from) => ({ fromMajor: from, expression: `${from}->${version}` })),
      ),
    )
    const timeline = new VersionTimeline(
      registered,
      registered.map((each) => ({ version: each.plan.contractVersion, partition: 0, fromOffset: 0 })),
      0,
      new ValidatorCache(),
    )
    const active = timeline.activeWith(timeline.newestAt(0))
    return migrationPath(fromMajor, active)?.map(({ expression }) => expression) ?? null
  }

  test('is the direct one where there is one', () => {
    assert.deepEqual(path(1, ['1.0.0', []], ['2.0.0', [1]], ['3.0.0', [1, 2]]), ['1->3.0.0'])
  })
  test('goes over the newest version of the highest major between', () => {
    assert.deepEqual(path(1, ['1.0.0', []], ['2.0.0', [1]], ['2.1.0', [1]], ['3.0.0', [2]]), ['1->2.1.0', '2->3.0.0'])
    assert.deepEqual(path(1, ['1.0.0', []], ['2.0.0', [1]], ['3.0.0', [1]], ['4.0.0', [2, 3]]), [
      '1->3.0.0',
      '3->4.0.0',
    ])
  })
  test('does not exist backwards, within a major, over a gap, or over a version that nobody registered', () => {
    assert.equal(path(2, ['1.0.0', []], ['2.0.0', [1]]), null)
    assert.equal(path(3, ['1.0.0', []], ['2.0.0', [1]]), null)
    assert.equal(path(1, ['1.0.0', []], ['2.0.0', []], ['3.0.0', [2]]), null)
    assert.equal(path(1, ['1.0.0', []], ['3.0.0', [2]]), null)
  })
})
