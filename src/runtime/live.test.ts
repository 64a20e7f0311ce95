import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../kernel/index.ts'
import { keepTicking } from './live.ts'
import type { Loop } from './loop.ts'

/** A loop whose ticks do what the test says. */
function loopOf(tick: (count: number) => void | Promise<void>) {
  let ticks = 0
  const began: number[] = []
  const loop = {
    begin: async (at: number) => void began.push(at),
    tick: async () => {
      ticks += 1
      await tick(ticks)
    },
  } as Loop
  return { covenant: { loop, clock: new VirtualClock(1_000) }, began, count: () => ticks }
}

test('ticks until it is told to stop, and finishes the tick that runs', async () => {
  const stop = new AbortController()
  let finished = 0
  const { covenant, began, count } = loopOf(async (tick) => {
    if (tick === 3) stop.abort()
    await new Promise(setImmediate)
    finished += 1
  })
  await keepTicking(covenant, stop.signal, { pauseMs: 0 })
  assert.deepEqual([count(), finished, began], [3, 3, [1_000]])
})

test('a stop during the rest ends it at once', async () => {
  const stop = new AbortController()
  const { covenant, count } = loopOf(() => void setImmediate(() => stop.abort()))
  await keepTicking(covenant, stop.signal, { pauseMs: 3_600_000 })
  assert.equal(count(), 1)
})

test('a stop before the start makes no tick', async () => {
  const { covenant, count } = loopOf(() => undefined)
  await keepTicking(covenant, AbortSignal.abort())
  assert.equal(count(), 0)
})

test('an error ends it, unless somebody hears of errors: then the tick is tried again', async () => {
  const failing = loopOf(() => Promise.reject(new Error('disk full')))
  await assert.rejects(keepTicking(failing.covenant, new AbortController().signal), /disk full/)

  const stop = new AbortController()
  const heard: unknown[] = []
  const { covenant, count } = loopOf((tick) => {
    if (tick < 3) throw new Error(`tick ${tick}`)
    stop.abort()
  })
  const onError = (thrown: unknown) => void heard.push((thrown as Error).message)
  await keepTicking(covenant, stop.signal, { pauseMs: 0, pauseAfterErrorMs: 0, onError })
  assert.deepEqual([count(), heard], [3, ['tick 1', 'tick 2']])
})
