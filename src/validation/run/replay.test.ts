import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openOrders, order, orderVersion, TOPIC } from '../../../test/dead-letters.ts'
import { CovenantError } from '../../kernel/index.ts'
import { deadLetterTopic, HEADERS, rawTopic, validatedTopic } from '../../topic/index.ts'
import {
  deadLetterSummary,
  discardDeadLetters,
  readDeadLetters,
  reopenDeadLetters,
  replayDeadLetters,
  showDeadLetter,
  wouldPass,
} from '../index.ts'
import { fingerprintOf } from './dead-letter.ts'

const LOOK = { dryRun: true, actor: 'ana' }
const SEND = { dryRun: false, actor: 'ana' }

/** Three orders below 10, one of which is below 5, one text and one good one; a version that takes 5 and more follows. */
async function withLetters(t: { after(body: () => Promise<void>): void }) {
  const versions = [orderVersion('1.0.0', 10)]
  const orders = await openOrders(versions)
  t.after(() => orders.close())
  const hop = orders.openHop()
  await orders.raw(
    order('a', 7, { headers: { trace: 'x', [HEADERS.version]: '1.0.0' }, timestamp: 77 }),
    order('b', 50),
    order('c', 3),
    order('d', 'many'),
    order('e', 8),
  )
  await hop.run(TOPIC)
  versions.push({ ...orderVersion('1.1.0', 5), activeFrom: [5] })
  const states = async () => (await readDeadLetters(orders, TOPIC)).map(({ state }) => state)
  return { ...orders, versions, hop, states }
}

describe('replaying dead letters', () => {
  test('a dry run says what would pass, by fingerprint and with examples, and writes nothing', async (t) => {
    const { parts, log, deadLetters, states } = await withLetters(t)
    const report = await replayDeadLetters(parts(), LOOK)
    assert.deepEqual([report.open, report.pass, report.replayed, report.batches], [4, 2, 2, []])
    assert.deepEqual(
      report.fingerprints.map(({ reason, open, pass, examples }) => [reason, open, pass, examples.length]),
      [
        ['n must be at least 10', 3, 2, 3],
        ['n must be an integer', 1, 0, 1],
      ],
    )
    assert.deepEqual(report.fingerprints[0]!.examples[1], {
      source: 'orders.raw/0/2',
      passes: false,
      reason: 'n must be at least 5',
    })
    assert.equal(await log.endOffset(rawTopic(TOPIC), 0), 5)
    assert.equal(await deadLetters.lastBatch(TOPIC), undefined)
    assert.deepEqual(await states(), ['open', 'open', 'open', 'open'])
    assert.deepEqual(await wouldPass(log, deadLetters, TOPIC, parts().versions.at(-1)!.plan), report.fingerprints)
  })

  test('sends what passes to the raw topic with its time and headers, and it becomes validated', async (t) => {
    const { parts, log, hop, states, numbers } = await withLetters(t)
    const report = await replayDeadLetters(parts(), SEND)
    const sent = await log.read(rawTopic(TOPIC), 0, 5, 10)
    assert.deepEqual(
      sent.map(({ key, value, timestamp, headers }) => [String(key), String(value), timestamp, headers]),
      [
        [
          'a',
          '{"n":7}',
          77,
          {
            trace: 'x',
            'cov.replay.of': 'orders.dlq/0/0',
            'cov.origin': 'orders.raw/0/0',
            'cov.attempt': '2',
            'cov.batch': report.batches[0],
          },
        ],
        [
          'e',
          '{"n":8}',
          1_000,
          {
            'cov.replay.of': 'orders.dlq/0/3',
            'cov.origin': 'orders.raw/0/4',
            'cov.attempt': '2',
            'cov.batch': report.batches[0],
          },
        ],
      ],
    )
    assert.deepEqual(await states(), ['replayed', 'open', 'open', 'replayed'])
    await hop.run(TOPIC)
    assert.deepEqual(await numbers(validatedTopic(TOPIC)), [50, 7, 8])
    assert.equal((await replayDeadLetters(parts(), SEND)).replayed, 0)
  })

  test('takes one fingerprint, single letters, and no more than told', async (t) => {
    const { parts } = await withLetters(t)
    const look = async (more: object) => (await replayDeadLetters(parts(), { ...LOOK, ...more })).replayed
    const [group] = await deadLetterSummary(parts(), [TOPIC])
    assert.equal(await look({ fingerprint: group!.fingerprint }), 2)
    assert.equal(await look({ fingerprint: '000000000000' }), 0)
    assert.equal(await look({ sources: ['orders.raw/0/4', 'orders.raw/0/2'] }), 1)
    assert.equal(await look({ sources: ['orders.dlq/0/0'] }), 1)
    assert.equal(await look({ limit: 1 }), 1)
    assert.equal(await look({ all: true }), 4)
  })

  test('a letter that fails again is superseded by the one its replay ended as', async (t) => {
    const { parts, hop, deadLetters, log } = await withLetters(t)
    await replayDeadLetters(parts(), { ...SEND, all: true, sources: ['orders.raw/0/2'] })
    await hop.run(TOPIC)
    const letters = await readDeadLetters({ log, deadLetters }, TOPIC)
    assert.deepEqual(
      letters.map(({ state, attempt, replayOf }) => [state, attempt, replayOf]),
      [
        ['open', 1, null],
        ['superseded', 1, null],
        ['open', 1, null],
        ['open', 1, null],
        ['open', 2, 'orders.dlq/0/1'],
      ],
    )
    const again = await replayDeadLetters(parts(), { ...SEND, all: true, sources: [letters[4]!.source] })
    assert.equal(again.replayed, 1)
    await hop.run(TOPIC)
    const [third] = (await readDeadLetters({ log, deadLetters }, TOPIC)).slice(-1)
    assert.deepEqual([third!.attempt, third!.replayOf], [3, 'orders.dlq/0/4'])
    const shown = await showDeadLetter({ log, deadLetters }, TOPIC, 1)
    assert.deepEqual([shown!.state, shown!.history.map(({ state }) => state)], ['superseded', ['replayed']])
  })

  test('leaves a letter out of which a newer record of the key was validated, unless forced', async (t) => {
    const { parts, raw, hop, states } = await withLetters(t)
    await raw(order('a', 90), order('e', 91), order(null, 92))
    await hop.run(TOPIC)
    const a = { ...SEND, sources: ['orders.raw/0/0'] }
    const left = await replayDeadLetters(parts(), a)
    assert.deepEqual([left.replayed, left.superseded, left.batches.length], [0, 1, 1])
    assert.deepEqual(await states(), ['superseded', 'open', 'open', 'open'])
    assert.equal((await replayDeadLetters(parts(), a)).open, 0)
    assert.equal((await replayDeadLetters(parts(), { ...a, force: true })).replayed, 1)
    assert.equal((await states())[0], 'replayed')
    // The replayed record is not newer than one that came between: it counts from where it was first.
    await hop.run(TOPIC)
    assert.equal((await replayDeadLetters(parts(), LOOK)).superseded, 1)
  })
})

test('a letter that failed in a migration is migrated again, with the mended migration', async (t) => {
  const second = { ...orderVersion('2.0.0', 10), activeFrom: [0] }
  const migratedBy = (expression: string) => ({
    ...second.contract,
    migrations: [{ fromMajor: 1, expression }],
  })
  const versions = [orderVersion('1.0.0', 0), { ...second, contract: migratedBy('{"n": n}') }]
  const orders = await openOrders(versions)
  t.after(() => orders.close())
  await orders.raw(order('a', 7, { headers: { [HEADERS.version]: '1.0.0' } }))
  const hop = orders.openHop()
  await hop.run(TOPIC)
  assert.equal((await readDeadLetters(orders, TOPIC))[0]!.stage, 'transform')
  assert.equal((await replayDeadLetters(orders.parts(), LOOK)).pass, 0)
  versions.push({ ...orderVersion('2.1.0', 10), contract: migratedBy('{"n": n * 10}'), activeFrom: [1] })
  assert.equal((await replayDeadLetters(orders.parts(), SEND)).replayed, 1)
  await hop.run(TOPIC)
  assert.deepEqual(await orders.numbers(validatedTopic(TOPIC)), [70])
})

test('several replays and a discard at the same time send each letter at most once', async (t) => {
  const { parts, hop, states, numbers } = await withLetters(t)
  const [first, second, third] = await Promise.all([
    replayDeadLetters(parts(), SEND),
    replayDeadLetters(parts(), SEND),
    replayDeadLetters(parts(), { ...SEND, actor: 'bo' }),
    discardDeadLetters(parts(), { ...SEND, topic: TOPIC, sources: ['orders.raw/0/3'], reason: 'no number' }),
  ])
  assert.equal(first.replayed + second.replayed + third.replayed, 2)
  assert.deepEqual(await states(), ['replayed', 'open', 'discarded', 'replayed'])
  await hop.run(TOPIC)
  assert.deepEqual(await numbers(validatedTopic(TOPIC)), [50, 7, 8])
})

test('dead letters of earlier releases, which lack the newer headers, are read and replayed', async (t) => {
  const { parts, log, hop, numbers } = await withLetters(t)
  const [letter] = await log.read(deadLetterTopic(TOPIC), 0, 3, 1)
  const old = ['version', 'source', 'contract', 'errors', 'stage', 'class', 'fingerprint', 'reason'] as const
  const headers = Object.fromEntries(old.map((name) => [HEADERS[name], letter!.headers[HEADERS[name]]!]))
  await log.append(deadLetterTopic(TOPIC), [{ ...letter!, key: Buffer.from('old'), headers }])
  assert.equal((await replayDeadLetters(parts(), { ...SEND, sources: ['orders.dlq/0/4'] })).replayed, 1)
  const [sent] = (await log.read(rawTopic(TOPIC), 0, 5, 9)).map((record) => record.headers)
  assert.deepEqual([sent![HEADERS.attempt], sent![HEADERS.origin]], ['2', 'orders.raw/0/4'])
  await hop.run(TOPIC)
  assert.deepEqual(await numbers(validatedTopic(TOPIC)), [50, 8])
})

describe('patches', () => {
  test('change the value that is validated and sent, and are recorded with difference and actor', async (t) => {
    const { parts, log, hop, numbers } = await withLetters(t)
    const patch = '$merge([$, {"n": n + 10}])'
    const request = { ...SEND, patch, reason: 'off by ten', fingerprint: undefined }
    const report = await replayDeadLetters(parts(), { ...SEND, patch, reason: request.reason })
    assert.deepEqual([report.pass, report.replayed], [3, 3])
    await hop.run(TOPIC)
    assert.deepEqual(await numbers(validatedTopic(TOPIC)), [50, 17, 13, 18])
    const [record] = await log.read(rawTopic(TOPIC), 0, 5, 1)
    assert.equal(record!.headers[HEADERS.patch], patch)
    const letter = await showDeadLetter(parts(), TOPIC, 0)
    assert.deepEqual(
      letter!.history.map(({ state, actor, reason, patch }) => [state, actor, reason, patch]),
      [['replayed', 'ana', 'off by ten', { expression: patch, diff: [{ op: 'replace', path: '/n', value: 17 }] }]],
    )
    assert.equal(letter!.text, '{"n":7}')
  })

  test('that fail leave the letter open and say why', async (t) => {
    const { parts } = await withLetters(t)
    const reasonOf = async (patch: string) =>
      (await replayDeadLetters(parts(), { ...LOOK, patch, sources: ['orders.raw/0/0'] })).fingerprints[0]!.examples[0]!
        .reason
    assert.match((await reasonOf('$error("no")'))!, /^the patch fails: .*no/)
    assert.equal(await reasonOf('nothing'), 'the patch gives nothing for this value')
    assert.match((await reasonOf('{"n": $random()}'))!, /random/)
    assert.match((await reasonOf('($f := function($x) { $f($x + 1) + 1 }; $f(1))'))!, /^the patch fails/)
    await assert.rejects(
      replayDeadLetters(parts(), { ...LOOK, patch: '$merge([' }),
      (thrown) => thrown instanceof CovenantError && thrown.code === 'VALIDATION_PATCH_INVALID',
    )
  })

  test('do not touch values whose numbers they would change', async (t) => {
    const { parts, raw, hop } = await withLetters(t)
    await raw({ ...order('z', 0), value: Buffer.from('{"n":1, "id":12345678901234567890}') })
    await raw({ ...order('z', 0), value: null })
    await hop.run(TOPIC)
    const patch = '$merge([$, {"n": 99}])'
    const report = await replayDeadLetters(parts(), { ...LOOK, patch, sources: ['orders.raw/0/5', 'orders.raw/0/6'] })
    assert.deepEqual(report.fingerprints.flatMap(({ examples }) => examples.map(({ reason }) => reason)).sort(), [
      'a patch would change the number 12345678901234567890, which no double holds',
      'a tombstone has no value that could be patched',
    ])
  })
})

describe('discarding', () => {
  test('is a mark: the letter stays, is not replayed, and can be reopened', async (t) => {
    const { parts, log, states } = await withLetters(t)
    const fingerprint = fingerprintOf(TOPIC, [{ ruleId: 'n.minimum' } as never])
    const request = { topic: TOPIC, fingerprint, actor: 'ana', reason: 'test data', dryRun: true }
    assert.equal((await discardDeadLetters(parts(), request)).changed, 3)
    assert.deepEqual(await states(), ['open', 'open', 'open', 'open'])
    const real = { ...request, dryRun: false }
    assert.equal((await discardDeadLetters(parts(), real)).changed, 3)
    assert.deepEqual(await states(), ['discarded', 'discarded', 'open', 'discarded'])
    assert.equal((await discardDeadLetters(parts(), real)).changed, 0)
    assert.equal((await replayDeadLetters(parts(), SEND)).open, 1)
    assert.equal(await log.endOffset(deadLetterTopic(TOPIC), 0), 4)
    assert.equal((await reopenDeadLetters(parts(), { ...real, sources: ['orders.raw/0/0'] })).changed, 1)
    assert.deepEqual(await states(), ['open', 'discarded', 'open', 'discarded'])
    const { history } = (await showDeadLetter(parts(), TOPIC, 0))!
    assert.deepEqual(
      history.map(({ state, reason }) => [state, reason]),
      [
        ['discarded', 'test data'],
        ['open', 'test data'],
      ],
    )
  })

  test('a summary counts the states', async (t) => {
    const { parts } = await withLetters(t)
    await replayDeadLetters(parts(), SEND)
    const [group] = await deadLetterSummary(parts(), [TOPIC])
    assert.deepEqual(group!.states, { open: 1, replayed: 2, discarded: 0, superseded: 0 })
  })
})
