import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openOrders, order, orderVersion, TOPIC } from '../../../test/dead-letters.ts'
import { deadLetterTopic, rawTopic, validatedTopic } from '../../topic/index.ts'
import { type Pause, type RegisteredVersion, resumeTopic } from '../index.ts'

const BREAKER = { breaker: { maxRatio: 0.5, minRecords: 4 } }
const ACTOR = { actor: 'ana', accept: false }

async function setUp(t: { after(body: () => Promise<void>): void }, batchSize = 6) {
  const versions: RegisteredVersion[] = [orderVersion('1.0.0', 0, BREAKER)]
  const orders = await openOrders(versions, batchSize)
  t.after(() => orders.close())
  const heard: (readonly [string, Pause])[] = []
  orders.events.on('validation.paused', ({ pause }) => void heard.push(['paused', pause]))
  orders.events.on('validation.resumed', ({ pause }) => void heard.push(['resumed', pause]))
  const standing = async () => ({
    position: await orders.log.position(`validation/${TOPIC}`, rawTopic(TOPIC), 0),
    validated: await orders.numbers(validatedTopic(TOPIC)),
    letters: await orders.numbers(deadLetterTopic(TOPIC)),
  })
  return {
    ...orders,
    versions,
    heard,
    standing,
    numbered: (...ns: number[]) => orders.raw(...ns.map((n) => order('k', n))),
  }
}

test('a batch that is too bad is not written: the topic is paused with the evidence, and stays so', async (t) => {
  const { openHop, numbered, standing, pauses, heard } = await setUp(t)
  await numbered(1, 2, 3, 4, -5, -6)
  await numbered(7, -8, -9, -10)
  const report = await openHop().run(TOPIC)
  assert.deepEqual([report.read, report.validated, report.deadLetters], [6, 4, 2])
  const expected = { position: 6, validated: [1, 2, 3, 4], letters: [-5, -6] }
  assert.deepEqual(await standing(), expected)
  const pause = (await pauses.pause(TOPIC))!
  assert.deepEqual(report.paused, pause)
  assert.deepEqual(
    { ...pause, reasons: pause.reasons.map(({ reason, count, example }) => [reason, count, example]) },
    {
      ...{ topic: TOPIC, partition: 0, fromOffset: 6, toOffset: 10, records: 4, violating: 3, maxRatio: 0.5 },
      ...{ pausedAt: 5_000, resumed: null, reasons: [['n must be at least 0', 3, 'orders.raw/0/7']] },
    },
  )
  await numbered(11, 12, 13, 14)
  assert.deepEqual((await openHop().run(TOPIC)).paused, pause)
  assert.deepEqual(await standing(), expected)
  assert.deepEqual(heard, [['paused', pause]])
})

test('resuming tries the batch again: with the mended contract it passes, without it the topic is paused again', async (t) => {
  const { openHop, numbered, standing, pauses, clock, versions, heard } = await setUp(t)
  await numbered(-1, -2, -3, 4)
  await openHop().run(TOPIC)
  await resumeTopic({ pauses, clock }, TOPIC, ACTOR)
  assert.equal((await openHop().run(TOPIC)).paused?.resumed, null)
  assert.equal((await standing()).position, 0)
  versions[0] = orderVersion('1.0.0', -10, BREAKER)
  await resumeTopic({ pauses, clock }, TOPIC, ACTOR)
  assert.equal((await openHop().run(TOPIC)).paused, undefined)
  assert.deepEqual((await standing()).validated, [-1, -2, -3, 4])
  assert.equal(await pauses.pause(TOPIC), undefined)
  assert.deepEqual(
    heard.map(([what]) => what),
    ['paused', 'paused', 'resumed'],
  )
})

test('accepting takes exactly the batch that was shown, and judges the next one anew', async (t) => {
  const { openHop, numbered, standing, pauses, clock } = await setUp(t)
  await numbered(-1, -2, -3, 4)
  await openHop().run(TOPIC)
  await numbered(-5, -6, -7, -8)
  await resumeTopic({ pauses, clock }, TOPIC, { ...ACTOR, accept: true })
  assert.equal((await openHop().run(TOPIC)).paused?.fromOffset, 4)
  assert.deepEqual(await standing(), { position: 4, validated: [4], letters: [-1, -2, -3] })
  await assert.rejects(
    resumeTopic({ pauses, clock }, 'weather', ACTOR),
    (thrown) => (thrown as { code?: string }).code === 'VALIDATION_NOT_PAUSED',
  )
})

test('whatever comes, every batch is written whole or not at all, as its share of violations says', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 7 }),
      async (numbers, batchSize) => {
        const orders = await openOrders([orderVersion('1.0.0', 0, BREAKER)], batchSize)
        try {
          await orders.raw(...numbers.map((n) => order(null, n)))
          await orders.openHop().run(TOPIC)
          const expected: number[] = []
          for (let start = 0; start < numbers.length; start += batchSize) {
            const batch = numbers.slice(start, start + batchSize)
            if (batch.length >= 4 && batch.filter((n) => n < 0).length > batch.length / 2) break
            expected.push(...batch)
          }
          assert.deepEqual(
            await orders.numbers(validatedTopic(TOPIC)),
            expected.filter((n) => n >= 0),
          )
          assert.deepEqual(
            await orders.numbers(deadLetterTopic(TOPIC)),
            expected.filter((n) => n < 0),
          )
          assert.equal((await orders.pauses.pauses()).length, expected.length === numbers.length ? 0 : 1)
        } finally {
          await orders.close()
        }
      },
    ),
    { numRuns: 40 },
  )
})
