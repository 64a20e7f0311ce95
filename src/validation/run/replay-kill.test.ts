import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { openOrders, order, orderVersion, TOPIC } from '../../../test/dead-letters.ts'
import { HEADERS, rawTopic, validatedTopic } from '../../topic/index.ts'
import { readDeadLetters, replayDeadLetters } from '../index.ts'

const LETTERS = 240
const victim = join(import.meta.dirname, '../../../test/replay-victim.ts')

test('a replay that is killed at any moment is resumed: every letter is sent exactly once, in order', {
  timeout: 240_000,
}, async (t) => {
  const versions = [orderVersion('1.0.0', 1_000_000)]
  const orders = await openOrders(versions)
  t.after(() => orders.close())
  await orders.raw(...Array.from({ length: LETTERS }, (_, n) => order(`key-${n}`, n)))
  await orders.openHop().run(TOPIC)
  versions.push({ ...orderVersion('1.1.0', 0), activeFrom: [LETTERS] })

  let killed = 0
  let pending = 0
  for (let round = 0; ; round++) {
    if (!(await killOnce(orders.folder, round))) break
    killed++
    if ((await orders.deadLetters.lastBatch(TOPIC))?.rawTo === null) pending++
  }
  t.diagnostic(`killed ${killed} times, ${pending} of them between a batch's begin and its marks`)
  assert.ok(killed >= 5, `killed only ${killed} times`)

  assert.equal((await replayDeadLetters(orders.parts(), { dryRun: false, actor: 'ana' })).replayed, 0)
  const sent = await orders.log.read(rawTopic(TOPIC), 0, LETTERS, LETTERS * 2)
  assert.deepEqual(
    sent.map(({ headers }) => headers[HEADERS.replayOf]),
    Array.from({ length: LETTERS }, (_, n) => `orders.dlq/0/${n}`),
  )
  await orders.openHop().run(TOPIC)
  assert.deepEqual(
    await orders.numbers(validatedTopic(TOPIC)),
    Array.from({ length: LETTERS }, (_, n) => n),
  )
  const letters = await readDeadLetters(orders, TOPIC, { limit: LETTERS * 2 })
  assert.deepEqual([...new Set(letters.map(({ state }) => state))], ['replayed'])
  for (const { offset } of letters)
    assert.equal((await orders.deadLetters.history(TOPIC, { partition: 0, offset })).length, 1)
})

/** False where the victim came to its end before the blow, which differs from round to round. */
async function killOnce(folder: string, round: number): Promise<boolean> {
  const child = spawn(process.execPath, ['--conditions=covenant-source', victim, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let dots = 0
  child.stdout.on('data', (chunk: Buffer) => {
    dots += chunk.length
    if (dots < 1 + (round % 4)) return
    // The child goes on meanwhile: busy waiting for a fraction of a call puts the blow anywhere in its work.
    const until = process.hrtime.bigint() + BigInt((round * 7_919 * 131) % 12_000_000)
    while (process.hrtime.bigint() < until);
    child.kill('SIGKILL')
  })
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  return signal === 'SIGKILL'
}
