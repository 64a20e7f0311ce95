import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { openOrders, order, orderVersion, TOPIC } from '../../../test/dead-letters.ts'
import { HEADERS, offsetOf, rawTopic, validatedTopic } from '../../topic/index.ts'
import {
  type DeadLetterState,
  type DeadLetterStore,
  discardDeadLetters,
  readDeadLetters,
  reopenDeadLetters,
  replayDeadLetters,
} from '../index.ts'

const BLOCK = { blockKey: true }
const SEND = { dryRun: false, actor: 'ana' }

test('records behind a dead letter of their key wait, and are replayed with it in their order', async (t) => {
  const versions = [orderVersion('1.0.0', 0, BLOCK)]
  const orders = await openOrders(versions)
  t.after(() => orders.close())
  const hop = orders.openHop()
  await orders.raw(order('a', -1), order('b', 2), order('a', 3), order(null, 4))
  await hop.run(TOPIC)
  await orders.raw(order('a', 5), order('b', 6))
  await orders.openHop().run(TOPIC)
  assert.deepEqual(await orders.numbers(validatedTopic(TOPIC)), [2, 4, 6])
  const letters = await readDeadLetters(orders, TOPIC)
  assert.deepEqual(
    letters.map((letter) => [letter.text, letter.class, letter.stage, letter.blockedBy, letter.violations.length]),
    [
      ['{"n":-1}', 'permanent', 'schema', null, 1],
      ['{"n":3}', 'blocked', 'key', 'orders.raw/0/0', 0],
      ['{"n":5}', 'blocked', 'key', 'orders.raw/0/0', 0],
    ],
  )
  // Those that wait would pass, but the first one of the key does not.
  const before = await replayDeadLetters(orders.parts(), { ...SEND, dryRun: true })
  assert.deepEqual([before.open, before.pass, before.replayed, before.waiting], [3, 2, 0, 2])
  versions.push({ ...orderVersion('1.1.0', -10, BLOCK), activeFrom: [6] })
  // Asked for the first one only: those behind it go along, and a record that came meanwhile stays behind them.
  await orders.raw(order('a', 7))
  const { replayed } = await replayDeadLetters(orders.parts(), { ...SEND, fingerprint: letters[0]!.fingerprint })
  assert.equal(replayed, 3)
  await hop.run(TOPIC)
  assert.deepEqual(await orders.numbers(validatedTopic(TOPIC)), [2, 4, 6, -1, 3, 5])
  await replayDeadLetters(orders.parts(), SEND)
  await hop.run(TOPIC)
  await orders.raw(order('a', 8))
  await hop.run(TOPIC)
  assert.deepEqual(await orders.numbers(validatedTopic(TOPIC)), [2, 4, 6, -1, 3, 5, 7, 8])
})

test('a patch changes the letter that is meant, and none that waits behind it', async (t) => {
  const orders = await openOrders([orderVersion('1.0.0', 0, BLOCK)])
  t.after(() => orders.close())
  const hop = orders.openHop()
  await orders.raw(order('a', -1), order('a', 2), order('a', -3), order('a', 4))
  await hop.run(TOPIC)
  const sources = ['orders.raw/0/0', 'orders.raw/0/2']
  const report = await replayDeadLetters(orders.parts(), { ...SEND, sources, patch: '{"n": n + 100}' })
  assert.deepEqual([report.open, report.replayed, report.waiting], [2, 4, 0])
  await hop.run(TOPIC)
  assert.deepEqual(await orders.numbers(validatedTopic(TOPIC)), [99, 2, 97, 4])
})

test('discarding the letter opens its key', async (t) => {
  const orders = await openOrders([orderVersion('1.0.0', 0, BLOCK)])
  t.after(() => orders.close())
  const hop = orders.openHop()
  await orders.raw(order('a', -1))
  await hop.run(TOPIC)
  await discardDeadLetters(orders.parts(), { ...SEND, topic: TOPIC, sources: ['orders.raw/0/0'], reason: 'test' })
  await orders.raw(order('a', 2))
  await hop.run(TOPIC)
  assert.deepEqual(await orders.numbers(validatedTopic(TOPIC)), [2])
})

interface ModelRecord {
  readonly id: number
  readonly key: string | null
  readonly conforms: boolean
}
interface ModelLetter extends ModelRecord {
  state: DeadLetterState
  /** Validation has read its copy. */
  arrived: boolean
}

/** What blocking means, over plain lists. */
class Model {
  readonly raw: (ModelRecord & { readonly letter?: ModelLetter })[] = []
  readonly letters: ModelLetter[] = []
  readonly validated: number[] = []
  position = 0
  /** From this raw offset on everything conforms. */
  mendedFrom = Number.POSITIVE_INFINITY
  /** Letters of a replay that died: their copies stand in the raw topic, or do not yet. */
  pending: { readonly letters: ModelLetter[]; readonly appended: boolean } | null = null

  validate(): void {
    for (; this.position < this.raw.length; this.position++) {
      const { id, key, conforms, letter } = this.raw[this.position]!
      if (letter !== undefined) letter.arrived = true
      const blocked = this.letters.some(
        (other) => key !== null && other.key === key && other.id < id && isBlocking(other),
      )
      if ((conforms || this.position >= this.mendedFrom) && !blocked) this.validated.push(id)
      else {
        this.letters.push({ id, key, conforms, state: 'open', arrived: false })
        if (letter !== undefined) letter.state = 'superseded'
      }
    }
  }

  replay(dies: 'before append' | 'before marks' | null): void {
    this.finish()
    const stopped = new Set<string | null>()
    const sent: ModelLetter[] = []
    for (const letter of this.letters.filter(({ state }) => state === 'open').sort((a, b) => a.id - b.id)) {
      const { key, id } = letter
      if (key !== null && stopped.has(key)) continue
      if (!letter.conforms && this.mendedFrom === Number.POSITIVE_INFINITY) stopped.add(key)
      else if (key !== null && this.validated.some((other) => other > id && keyOf(other) === key))
        letter.state = 'superseded'
      else sent.push(letter)
    }
    if (sent.length === 0) return
    if (dies !== 'before append') this.#append(sent)
    this.pending = { letters: sent, appended: dies !== 'before append' }
    if (dies === null) this.finish()
  }

  finish(): void {
    const { pending } = this
    if (pending === null) return
    if (!pending.appended) this.#append(pending.letters)
    for (const letter of pending.letters) if (letter.state === 'open') letter.state = 'replayed'
    this.pending = null
  }

  #append(letters: readonly ModelLetter[]): void {
    for (const letter of letters) this.raw.push({ id: letter.id, key: letter.key, conforms: letter.conforms, letter })
  }
}

function isBlocking({ state, arrived }: ModelLetter): boolean {
  return (state === 'open' || state === 'replayed') && !arrived
}

/** The key of the n-th record that was produced: it is part of the number, so that the model needs no index. */
const KEYS = ['a', 'b', null] as const
const keyOf = (id: number) => KEYS[id % KEYS.length]!

class Death extends Error {}

describe('blocked keys', () => {
  test('hold back what the model holds back, whatever is done in whatever order', { timeout: 240_000 }, async () => {
    const command = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant('produce' as const),
          key: fc.constantFrom(0, 0, 0, 1, 2),
          good: fc.boolean(),
        }),
      },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('validate' as const), restart: fc.boolean() }) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant('replay' as const),
          dies: fc.constantFrom(null, null, 'before append' as const, 'before marks' as const),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ do: fc.constantFrom('discard' as const, 'reopen' as const), nth: fc.nat(8) }),
      },
      { weight: 2, arbitrary: fc.constant({ do: 'mend' as const }) },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { minLength: 8, maxLength: 40, size: 'max' }),
        fc.integer({ min: 1, max: 5 }),
        run,
      ),
      { numRuns: 150 },
    )

    async function run(commands: readonly Command[], batchSize: number): Promise<void> {
      const versions = [orderVersion('1.0.0', 0, BLOCK)]
      const orders = await openOrders(versions, batchSize)
      const model = new Model()
      let hop = orders.openHop()
      let produced = 0
      try {
        for (const command of commands) {
          switch (command.do) {
            case 'produce': {
              while (produced % KEYS.length !== command.key) produced++
              const id = produced++
              await orders.raw(order(keyOf(id), command.good ? id + 1 : -id - 1))
              model.raw.push({ id, key: keyOf(id), conforms: command.good })
              break
            }
            case 'validate':
              if (command.restart) hop = orders.openHop()
              await hop.run(TOPIC)
              model.validate()
              break
            case 'replay':
              await replayAndDie(orders, command.dies)
              model.replay(command.dies)
              break
            case 'discard':
            case 'reopen': {
              const from = command.do === 'discard' ? 'open' : 'discarded'
              const to = command.do === 'discard' ? 'discarded' : 'open'
              model.finish()
              const letter = model.letters[command.nth]
              const change = command.do === 'discard' ? discardDeadLetters : reopenDeadLetters
              const sources = [`orders.dlq/0/${command.nth}`]
              await change(orders.parts(), { ...SEND, topic: TOPIC, sources, reason: 'test' })
              if (letter?.state === from) letter.state = to
              else if (to === 'open' && letter?.state === 'superseded' && !letter.arrived) letter.state = 'open'
              break
            }
            case 'mend':
              if (versions.length > 1) break
              model.mendedFrom = model.raw.length
              versions.push({ ...orderVersion('1.1.0', -1_000_000, BLOCK), activeFrom: [model.raw.length] })
          }
          await compare(orders, model)
        }
      } finally {
        await orders.close()
      }
    }
  })
})

type Orders = Awaited<ReturnType<typeof openOrders>>
type Command =
  | { readonly do: 'produce'; readonly key: number; readonly good: boolean }
  | { readonly do: 'validate'; readonly restart: boolean }
  | { readonly do: 'mend' }
  | { readonly do: 'replay'; readonly dies: 'before append' | 'before marks' | null }
  | { readonly do: 'discard' | 'reopen'; readonly nth: number }

/** A replay whose process dies at a moment of its last batch. */
async function replayAndDie(orders: Orders, dies: 'before append' | 'before marks' | null): Promise<void> {
  const { deadLetters, log } = orders
  let replaying = false
  // Only batches of this call die: one that was pending is finished first.
  const store = new Proxy(deadLetters, {
    get:
      (target, name: keyof DeadLetterStore) =>
      async (...args: unknown[]) => {
        if (name === 'finish' && replaying && dies === 'before marks') throw new Death()
        const result = await (target[name] as (...all: unknown[]) => Promise<unknown>)(...args)
        if (name === 'begin' && (args[0] as { state: string }).state === 'replayed') {
          replaying = true
          if (dies === 'before append') throw new Death()
        }
        return result
      },
  })
  await replayDeadLetters({ ...orders.parts(), log, deadLetters: store }, SEND).catch((thrown) => {
    if (!(thrown instanceof Death)) throw thrown
  })
}

async function compare(orders: Orders, model: Model): Promise<void> {
  const { log } = orders
  const validated = await log.read(validatedTopic(TOPIC), 0, 0, 10_000)
  assert.deepEqual(
    validated.map(({ value }) => idOf(value!)),
    model.validated,
  )
  assert.equal(await log.endOffset(rawTopic(TOPIC), 0), model.raw.length)
  const letters = await readDeadLetters(orders, TOPIC, { limit: 10_000 })
  assert.deepEqual(
    letters.map(({ value, state }) => [idOf(value!), state]),
    model.letters.map(({ id, state }) => [id, state]),
  )
  // Of no key a record came after a later one.
  for (const key of ['a', 'b']) {
    const orderOfKey = validated
      .filter((record) => String(record.key) === key)
      .map(({ headers }) => offsetOf(headers[HEADERS.origin] ?? headers[HEADERS.source]!)!)
    assert.deepEqual(
      orderOfKey,
      orderOfKey.toSorted((a, b) => a - b),
    )
  }
}

function idOf(value: Uint8Array): number {
  return Math.abs((JSON.parse(Buffer.from(value).toString()) as { n: number }).n) - 1
}
