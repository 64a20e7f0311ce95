import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import fc from 'fast-check'
import { CovenantError } from '../../src/kernel/index.ts'
import type { NewRecord, TopicLog } from '../../src/topic/ports.ts'

const record = (text: string | null, more: Partial<NewRecord> = {}): NewRecord => ({
  key: Buffer.from('k'),
  value: text === null ? null : Buffer.from(text),
  headers: {},
  timestamp: 1_356_998_400_000,
  ...more,
})

const texts = (records: readonly { value: Uint8Array | null }[]) =>
  records.map(({ value }) => (value === null ? null : Buffer.from(value).toString()))

/** What every `TopicLog` must do. `makeLog` gives a log without topics; `reopen` gives the same log after a restart. */
export function topicLogSuite(
  name: string,
  makeLog: () => Promise<{ log: TopicLog; reopen(): Promise<TopicLog>; dispose(): Promise<void> }>,
): void {
  describe(`TopicLog: ${name}`, () => {
    const opened: { dispose(): Promise<void> }[] = []
    after(async () => {
      for (const one of opened) await one.dispose()
    })
    const withTopics = async (...topics: string[]) => {
      const made = await makeLog()
      opened.push(made)
      await made.log.createTopics(topics)
      return made
    }
    ordering(withTopics)
    bytes(withTopics)
    idempotence(withTopics)
    hops(withTopics)
    restarts(withTopics)
  })
}

type WithTopics = (...topics: string[]) => Promise<{ log: TopicLog; reopen(): Promise<TopicLog> }>

function ordering(withTopics: WithTopics): void {
  test('records are read in the order they were appended, with offsets from 0 without gaps', async () => {
    const { log } = await withTopics('t')
    assert.equal(await log.append('t', [record('a'), record('b')]), 2)
    assert.equal(await log.append('t', [record('c')]), 1)
    const records = await log.read('t', 0, 0, 10)
    assert.deepEqual(texts(records), ['a', 'b', 'c'])
    assert.deepEqual(
      records.map(({ topic, partition, offset }) => [topic, partition, offset]),
      [
        ['t', 0, 0],
        ['t', 0, 1],
        ['t', 0, 2],
      ],
    )
    assert.equal(await log.endOffset('t', 0), 3)
  })

  test('a read starts at any offset, gives at most max records and nothing beyond the end', async () => {
    const { log } = await withTopics('t')
    const all = Array.from({ length: 1_500 }, (_, i) => record(`v${i}`))
    await log.append('t', all.slice(0, 700))
    await log.append('t', all.slice(700))
    for (const [from, max] of [
      [0, 1],
      [511, 3],
      [699, 2],
      [700, 900],
      [1_499, 5],
    ] as const)
      assert.deepEqual(texts(await log.read('t', 0, from, max)), texts(all.slice(from, from + max)))
    assert.deepEqual(await log.read('t', 0, 1_500, 5), [])
    assert.deepEqual(await log.read('t', 0, 0, 0), [])
  })

  test('creating topics again leaves them as they are, and topics are listed with their record counts', async () => {
    const { log } = await withTopics('b', 'a')
    await log.append('a', [record('x')])
    await log.createTopics(['a', 'c'])
    assert.deepEqual(await log.topics(), [
      { topic: 'a', partitions: 1, records: 1 },
      { topic: 'b', partitions: 1, records: 0 },
      { topic: 'c', partitions: 1, records: 0 },
    ])
  })

  test('an unknown topic is refused by every method', async () => {
    const { log } = await withTopics('t')
    const refused = (thrown: unknown) => thrown instanceof CovenantError && thrown.code === 'TOPIC_UNKNOWN'
    await assert.rejects(log.append('nope', [record('x')]), refused)
    await assert.rejects(log.read('nope', 0, 0, 1), refused)
    await assert.rejects(log.endOffset('nope', 0), refused)
    await assert.rejects(log.position('c', 'nope', 0), refused)
    await assert.rejects(
      log.hop((transaction) => transaction.append('nope', [record('x')])),
      refused,
    )
  })
}

function bytes(withTopics: WithTopics): void {
  test('keys, values, headers and timestamps come back as they were written', async () => {
    const { log } = await withTopics('t')
    const bytesOrNull = fc.option(fc.uint8Array({ maxLength: 40 }))
    const anyRecord = fc.record({
      key: bytesOrNull,
      value: bytesOrNull,
      headers: fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), { maxKeys: 3 }),
      timestamp: fc.integer({ min: 0, max: 4_102_444_800_000 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecord, { maxLength: 20 }), async (records) => {
        const from = await log.endOffset('t', 0)
        await log.append('t', records)
        const read = await log.read('t', 0, from, 100)
        assert.deepEqual(read.map(plain), records.map(plain))
      }),
      { numRuns: 50 },
    )
  })

  test('a tombstone stays apart from an empty value, and a null key from an empty key', async () => {
    const { log } = await withTopics('t')
    await log.append('t', [record(null), record(''), record('x', { key: null }), record('x', { key: Buffer.alloc(0) })])
    const read = await log.read('t', 0, 0, 10)
    assert.deepEqual(texts(read), [null, '', 'x', 'x'])
    assert.deepEqual(
      read.map(({ key }) => key?.length ?? null),
      [1, 1, null, 0],
    )
  })

  test('a record larger than a batch is kept whole', async () => {
    const { log } = await withTopics('t')
    const large = 'x'.repeat(700_000)
    await log.append('t', [record('a'), record(large), record('b')])
    assert.deepEqual(texts(await log.read('t', 0, 0, 10)), ['a', large, 'b'])
  })
}

const plain = ({ key, value, headers, timestamp }: NewRecord) => ({
  key: key === null ? null : [...key],
  value: value === null ? null : [...value],
  headers: Object.entries(headers),
  timestamp,
})

function idempotence(withTopics: WithTopics): void {
  test('a repeated append adds nothing, an overlapping one only what is new', async () => {
    const { log } = await withTopics('t', 'u')
    const batch = ['a', 'b', 'c', 'd'].map((text) => record(text))
    assert.equal(await log.append('t', batch.slice(0, 2), { producerId: 'p', first: 0 }), 2)
    assert.equal(await log.append('t', batch.slice(0, 2), { producerId: 'p', first: 0 }), 0)
    assert.equal(await log.append('t', batch, { producerId: 'p', first: 0 }), 2)
    assert.equal(await log.append('t', batch.slice(1, 2), { producerId: 'p', first: 1 }), 0)
    assert.equal(await log.append('t', [record('e')], { producerId: 'p', first: 4 }), 1)
    assert.deepEqual(texts(await log.read('t', 0, 0, 10)), ['a', 'b', 'c', 'd', 'e'])
  })

  test('sequences are counted for each producer and topic apart', async () => {
    const { log } = await withTopics('t', 'u')
    for (const producerId of ['p', 'q'])
      for (const topic of ['t', 'u']) assert.equal(await log.append(topic, [record('x')], { producerId, first: 0 }), 1)
  })
}

function hops(withTopics: WithTopics): void {
  test('a hop writes its records and its position together', async () => {
    const { log } = await withTopics('in', 'good', 'bad')
    await log.append('in', [record('a'), record('b')])
    const result = await log.hop((transaction) => {
      transaction.append('good', [record('a')])
      transaction.append('bad', [record('b')])
      transaction.append('good', [record('c')])
      transaction.setPosition('hop', 'in', 0, 2)
      return 'done'
    })
    assert.equal(result, 'done')
    assert.deepEqual(texts(await log.read('good', 0, 0, 10)), ['a', 'c'])
    assert.deepEqual(texts(await log.read('bad', 0, 0, 10)), ['b'])
    assert.equal(await log.position('hop', 'in', 0), 2)
    assert.equal(await log.position('other', 'in', 0), 0)
  })

  test('a hop that throws leaves nothing behind, and the log goes on working', async () => {
    const { log } = await withTopics('in', 'out')
    const boom = new Error('boom')
    const failing = log.hop((transaction) => {
      transaction.append('out', [record('a')])
      transaction.setPosition('hop', 'in', 0, 1)
      throw boom
    })
    await assert.rejects(failing, boom)
    assert.equal(await log.endOffset('out', 0), 0)
    assert.equal(await log.position('hop', 'in', 0), 0)
    assert.equal(await log.append('out', [record('b')]), 1)
  })

  test('a hop with an asynchronous body is rolled back', async () => {
    const { log } = await withTopics('out')
    const asynchronous = log.hop(async (transaction) => transaction.append('out', [record('a')]))
    await assert.rejects(
      asynchronous,
      (thrown) => thrown instanceof CovenantError && thrown.code === 'TOPIC_HOP_ASYNCHRONOUS',
    )
    assert.equal(await log.endOffset('out', 0), 0)
  })
}

function restarts(withTopics: WithTopics): void {
  test('records, positions and sequences are there after a restart', async () => {
    const { log, reopen } = await withTopics('t')
    await log.append('t', [record('a'), record('b')], { producerId: 'p', first: 0 })
    await log.hop((transaction) => transaction.setPosition('c', 't', 0, 1))
    const again = await reopen()
    assert.deepEqual(texts(await again.read('t', 0, 0, 10)), ['a', 'b'])
    assert.equal(await again.position('c', 't', 0), 1)
    assert.equal(await again.append('t', [record('b'), record('c')], { producerId: 'p', first: 1 }), 1)
    assert.deepEqual(texts(await again.read('t', 0, 0, 10)), ['a', 'b', 'c'])
  })
}
