import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { openDeadLetterStore } from '../../../test/dead-letters.ts'
import { planOf, registeredVersion } from '../../../test/random-plans.ts'
import { EmbeddedTopicLog } from '../../adapters/embedded/topic-log.ts'
import type { ValidationPlan } from '../../contract/index.ts'
import { CovenantError, EventBus, VirtualClock } from '../../kernel/index.ts'
import { deadLetterTopic, HEADERS, type NewRecord, rawTopic, validatedTopic } from '../../topic/index.ts'
import { deadLetterSummary, readDeadLetters, showDeadLetter, type ValidationBatch, ValidationHop } from '../index.ts'

const topic = 'flights'
const folder = mkdtempSync(join(tmpdir(), 'covenant-hop-'))
const logs: EmbeddedTopicLog[] = []
after(async () => {
  for (const log of logs) await log.close()
  rmSync(folder, { recursive: true })
})

const version = (contractVersion: string, minimum: number): ValidationPlan =>
  planOf(
    [
      { name: 'tailnum', type: 'string', required: true, rules: {} },
      { name: 'distance', type: 'integer', required: false, rules: { minimum } },
    ],
    { contractId: 'flights-contract', contractVersion, topic, hash: contractVersion },
  )

const record = (text: string | null, headers = {}, timestamp = 1_000): NewRecord => ({
  key: Buffer.from('key'),
  value: text === null ? null : Buffer.from(text, 'latin1'),
  headers,
  timestamp,
})

async function setUp(batchSize = 2_000) {
  const log = new EmbeddedTopicLog(join(folder, `${logs.length}.db`), 'process')
  logs.push(log)
  await log.createTopics([rawTopic(topic), validatedTopic(topic), deadLetterTopic(topic)])
  const plans = [version('1.0.0', 0), version('1.1.0', 50)]
  const versions = plans.map((plan) => registeredVersion(plan))
  const registry = { versionsOf: async (name: string) => (name === topic ? versions : []) }
  const events = new EventBus()
  const batches: ValidationBatch[] = []
  events.on('validation.batch', (batch) => void batches.push(batch))
  const hop = new ValidationHop({ log, registry, clock: new VirtualClock(5_000), events, batchSize })
  const sources = { log, deadLetters: await openDeadLetterStore() }
  return { log, sources, hop, batches, raw: (...records: NewRecord[]) => log.append(rawTopic(topic), records) }
}

describe('the validation hop', () => {
  test('moves conforming records on with their version and source, bytes, key and time unchanged', async () => {
    const { log, hop, raw } = await setUp()
    await raw(record('{"tailnum":"N1", "more": 1.0}', { trace: 'x' }, 77))
    assert.deepEqual(await hop.run(topic), { topic, read: 1, validated: 1, deadLetters: 0 })
    const [moved] = await log.read(validatedTopic(topic), 0, 0, 10)
    assert.equal(Buffer.from(moved!.value!).toString(), '{"tailnum":"N1", "more": 1.0}')
    assert.equal(Buffer.from(moved!.key!).toString(), 'key')
    assert.equal(moved!.timestamp, 77)
    assert.deepEqual(moved!.headers, { trace: 'x', 'cov.version': '1.1.0', 'cov.src': 'flights.raw/0/0' })
  })

  test('keeps violating records as dead letters with all reasons', async () => {
    const { log, sources, hop, raw } = await setUp()
    await raw(record('{"tailnum":"N1"}'), record('{"distance":17}', { trace: 'x' }, 88), record('{"tailnum":"\xff"}'))
    assert.deepEqual(await hop.run(topic), { topic, read: 3, validated: 1, deadLetters: 2 })
    const [schema, wire] = await readDeadLetters(sources, topic)
    assert.equal(schema!.reason, 'distance must be at least 50; tailnum is required')
    assert.deepEqual(
      schema!.violations.map(({ ruleId }) => ruleId),
      ['tailnum.required', 'distance.minimum'],
    )
    assert.deepEqual(
      [
        schema!.source,
        schema!.contract,
        schema!.version,
        schema!.stage,
        schema!.class,
        schema!.timestamp,
        schema!.text,
      ],
      ['flights.raw/0/1', 'flights-contract', '1.1.0', 'schema', 'permanent', 88, '{"distance":17}'],
    )
    assert.match(schema!.fingerprint, /^[0-9a-f]{12}$/)
    assert.deepEqual([wire!.stage, wire!.violations[0]!.code], ['wire', 'encoding'])
    assert.deepEqual(wire!.value, Buffer.from('{"tailnum":"\xff"}', 'latin1'))
    const [letter] = await log.read(deadLetterTopic(topic), 0, 0, 10)
    assert.equal(letter!.headers.trace, 'x')
    assert.deepEqual(await showDeadLetter(sources, topic, 1), { ...wire, history: [] })
    assert.equal(await showDeadLetter(sources, topic, 2), undefined)
  })

  test('holds a record against the version that it names, else against the newest', async () => {
    const { log, sources, hop, raw, batches } = await setUp()
    const short = '{"tailnum":"N1","distance":17}'
    await raw(
      record(short),
      record(short, { [HEADERS.version]: '1.0.0' }),
      record(short, { [HEADERS.version]: '9.0.0' }),
    )
    await hop.run(topic)
    const [moved, ...others] = await log.read(validatedTopic(topic), 0, 0, 10)
    assert.deepEqual([moved!.headers[HEADERS.version], others.length], ['1.0.0', 0])
    const letters = await readDeadLetters(sources, topic)
    assert.deepEqual(
      letters.map((letter) => [letter.version, letter.class, letter.reason]),
      [
        ['1.1.0', 'permanent', 'distance must be at least 50'],
        ['9.0.0', 'unknown-schema', 'the record must be of a registered contract version'],
      ],
    )
    assert.deepEqual(batches[0]!.contractVersions, ['1.0.0', '1.1.0'])
  })

  test('drains in batches, tells of each, and reads nothing twice', async () => {
    const { log, hop, raw, batches } = await setUp(2)
    await raw(...Array.from({ length: 5 }, (_, i) => record(`{"tailnum":"N${i}"}`)))
    assert.equal((await hop.run(topic)).read, 5)
    assert.equal((await hop.run(topic)).read, 0)
    assert.equal(await log.position('validation/flights', rawTopic(topic), 0), 5)
    assert.deepEqual(
      batches.map(({ fromOffset, toOffset, validated, at }) => [fromOffset, toOffset, validated, at]),
      [
        [0, 2, 2, 5_000],
        [2, 4, 2, 5_000],
        [4, 5, 1, 5_000],
      ],
    )
  })

  test('groups dead letters by the rules they broke', async () => {
    const { sources, hop, raw } = await setUp()
    await raw(
      record('{}', {}, 3),
      record('{"tailnum":null}', {}, 1),
      record('{"tailnum":7}', {}, 2),
      record('{"tailnum":8}', {}, 9),
    )
    await raw(record('{}', {}, 2))
    await hop.run(topic)
    const groups = await deadLetterSummary(sources, [topic])
    assert.deepEqual(
      groups.map(({ reason, count, firstAt, lastAt, example }) => [reason, count, firstAt, lastAt, example]),
      [
        ['tailnum is required', 3, 1, 3, 'flights.raw/0/0'],
        ['tailnum must be a string', 2, 2, 9, 'flights.raw/0/2'],
      ],
    )
    const { fingerprint } = groups[1]!
    assert.equal((await readDeadLetters(sources, topic, { fingerprint })).length, 2)
    assert.equal((await readDeadLetters(sources, topic, { fingerprint, limit: 1 })).length, 1)
  })

  test('refuses a topic without a contract and says what to do', async () => {
    const { hop } = await setUp()
    await assert.rejects(
      hop.run('unknown'),
      (thrown) =>
        thrown instanceof CovenantError &&
        thrown.code === 'VALIDATION_CONTRACT_MISSING' &&
        /covenant apply/.test(thrown.remedy ?? ''),
    )
  })
})
