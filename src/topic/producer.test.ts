import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { EmbeddedTopicLog } from '../adapters/embedded/topic-log.ts'
import { CovenantError, VirtualClock } from '../kernel/index.ts'
import {
  changeEvent,
  changeRecord,
  contractTopic,
  deadLetterTopic,
  Producer,
  rawTopic,
  tombstone,
  topicCounts,
  validatedTopic,
} from './index.ts'

interface Order {
  id: string
  part: number
  placed_at: string
}

const folder = mkdtempSync(join(tmpdir(), 'covenant-producer-'))
const log = new EmbeddedTopicLog(join(folder, 'topics.db'), 'process')
const clock = new VirtualClock(5_000)
after(async () => {
  await log.close()
  rmSync(folder, { recursive: true })
})
const order = (id: string, placed_at = '2026-01-01T00:00:00Z'): Order => ({ id, part: 1, placed_at })
const sent = async (topic: string) =>
  (await log.read(rawTopic(topic), 0, 0, 100)).map(({ key, value, headers, timestamp }) => ({
    key: key && Buffer.from(key).toString(),
    value: JSON.parse(Buffer.from(value!).toString()) as unknown,
    headers,
    timestamp,
  }))

describe('a producer', () => {
  test('writes JSON to the raw topic with key, contract version and event time', async () => {
    await log.createTopics([rawTopic('orders')])
    const producer = new Producer<Order>({
      log,
      topic: 'orders',
      key: ['id'],
      contractVersion: '1.2.0',
      eventTime: 'placed_at',
      clock,
    })
    assert.equal(await producer.send([order('a')]), 1)
    assert.deepEqual(await sent('orders'), [
      { key: 'a', value: order('a'), headers: { 'cov.version': '1.2.0' }, timestamp: Date.UTC(2026, 0, 1) },
    ])
    await assert.rejects(
      producer.send([order('b', 'yesterday')]),
      (thrown) => thrown instanceof CovenantError && thrown.code === 'TOPIC_EVENT_TIME_INVALID',
    )
  })

  test('takes times that are given, else the clock, and a key of several fields', async () => {
    await log.createTopics([rawTopic('parts')])
    const producer = new Producer<Order>({ log, topic: rawTopic('parts'), key: ['id', 'part'], clock })
    await producer.send([order('a'), order('b')], { timestamps: [1, 2] })
    await producer.send([order('c')], { timestamp: 3 })
    await producer.send([order('d')])
    const records = await sent('parts')
    assert.deepEqual(
      records.map(({ timestamp }) => timestamp),
      [1, 2, 3, 5_000],
    )
    assert.equal(records[0]?.key, '["a",1]')
  })

  test('sends again without repeating', async () => {
    await log.createTopics([rawTopic('again')])
    const producer = new Producer<Order>({ log, topic: 'again', key: ['id'], clock, producerId: 'shop' })
    assert.equal(await producer.send([order('a'), order('b')], { firstSequence: 0 }), 2)
    assert.equal(await producer.send([order('b'), order('c')], { firstSequence: 1 }), 1)
    assert.deepEqual(
      (await sent('again')).map(({ key }) => key),
      ['a', 'b', 'c'],
    )
  })
})

test('change events have the Debezium envelope, keyed by the row', () => {
  const source = { name: 'fleet', db: 'fleet', table: 'planes' }
  const created = changeEvent({ op: 'c', after: { tailnum: 'N1' }, timestamp: 7, source })
  assert.deepEqual(created, {
    before: null,
    after: { tailnum: 'N1' },
    source: { version: '3.3.1.Final', connector: 'postgresql', name: 'fleet', ts_ms: 7, db: 'fleet', table: 'planes' },
    op: 'c',
    ts_ms: 7,
  })
  const deleted = changeRecord(changeEvent({ op: 'd', before: { tailnum: 'N1' }, timestamp: 8, source }), ['tailnum'])
  assert.deepEqual([Buffer.from(deleted.key!).toString(), deleted.timestamp], ['N1', 8])
  const { key, value } = tombstone({ tailnum: 'N1' }, ['tailnum'], 9)
  assert.deepEqual([Buffer.from(key!).toString(), value], ['N1', null])
})

test('topic names lead back to the contract topic, and counts tell all three', async () => {
  for (const name of [rawTopic('x'), validatedTopic('x'), deadLetterTopic('x'), 'x'])
    assert.equal(contractTopic(name), 'x')
  await log.createTopics([rawTopic('x'), deadLetterTopic('x')])
  await log.append(deadLetterTopic('x'), [{ key: null, value: null, headers: {}, timestamp: 0 }])
  assert.deepEqual(await topicCounts(log, ['x', 'unknown']), {
    x: { raw: 0, validated: 0, deadLetters: 1 },
    unknown: { raw: 0, validated: 0, deadLetters: 0 },
  })
})
