import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { demo, resultOf, start } from './demo-process.ts'
import { digestOf } from './state-digest.ts'

const KILLS = 12
const SPAN = ['--from', '2013-01-01', '--to', '2013-03-05', '--json']
const folder = mkdtempSync(join(tmpdir(), 'covenant-kill-'))
after(() => rmSync(folder, { recursive: true, force: true }))

test(`a replay killed ${KILLS} times at random moments ends as an undisturbed one`, async (context) => {
  const seed = Number(process.env.COVENANT_SEED ?? Date.now() % 1_000_000)
  context.diagnostic(`seed ${seed}`)
  const random = generator(seed)

  const quiet = join(folder, 'quiet')
  const startedAt = performance.now()
  const undisturbed = await start(demo(quiet, ...SPAN)).ended
  const lengthMs = performance.now() - startedAt
  assert.equal(undisturbed.code, 0, undisturbed.stderr)

  const rough = join(folder, 'rough')
  let kills = 0
  while (kills < KILLS) {
    const { child, ended } = start(demo(rough, ...SPAN))
    const end = await Promise.race([ended, delay(300 + random() * ((2 * lengthMs) / KILLS), undefined)])
    if (end !== undefined) break
    child.kill('SIGKILL')
    assert.equal((await ended).signal, 'SIGKILL')
    kills += 1
  }
  assert.ok(kills >= 10, `the replay was killed only ${kills} times before it ended; seed ${seed}`)
  const disturbed = await start(demo(rough, ...SPAN)).ended
  assert.equal(disturbed.code, 0, disturbed.stderr)

  const compared = ({ wallSeconds: _wall, rssPeakMiB: _rss, report: _report, ...rest }: ReturnType<typeof resultOf>) => rest
  assert.deepEqual(compared(resultOf(disturbed)), compared(resultOf(undisturbed)), `seed ${seed}`)
  assert.deepEqual(await digestOf(rough), await digestOf(quiet), `seed ${seed}`)
})

/** Mulberry32: a small seeded generator of numbers in [0, 1). */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
