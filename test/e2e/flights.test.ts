import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { DemoResult } from '../../examples/flights/summary.ts'
import { demo, type Ended, resultOf, start, verb } from './demo-process.ts'
import { digestOf } from './state-digest.ts'

/** Long enough for a first model, a rejected candidate, the breach of the weather feed and its repair. */
const SPAN = ['--from', '2013-01-01', '--to', '2013-03-05']
const KILLS = 12

describe('the flights example', () => {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-flights-'))
  const quiet = join(folder, 'quiet')
  let undisturbed: Ended
  let result: DemoResult
  let lengthMs: number

  before(async () => {
    const startedAt = performance.now()
    undisturbed = await start(demo(quiet, ...SPAN, '--json')).ended
    lengthMs = performance.now() - startedAt
    assert.equal(undisturbed.code, 0, undisturbed.stderr)
    result = resultOf(undisturbed)
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('loses no record: every raw record is validated or a dead letter', () => {
    for (const [topic, { raw, validated, deadLetters }] of Object.entries(result.topics)) {
      assert.equal(raw, validated + deadLetters, topic)
      assert.ok(raw > 0, topic)
    }
  })

  it('finds the faults of the data, by reason', () => {
    const reasons = result.deadLetters.map(({ topic, reason }) => `${topic}: ${reason}`)
    for (const reason of [
      'flights.scheduled: tailnum is required',
      'flights.arrived: arr_delay is required',
      'planes: after.year is required',
      'weather.observed: wind_speed must be at most 150',
    ])
      assert.ok(reasons.includes(reason), `${reason} is missing among ${reasons.join('; ')}`)
    const listed = result.deadLetters.reduce((sum, { count }) => sum + count, 0)
    assert.equal(
      listed,
      Object.values(result.topics).reduce((sum, topic) => sum + topic.deadLetters, 0),
    )
  })

  it('holds publication while the weather feed is silent, and publishes again when it recovers', async () => {
    assert.equal(result.slaAudits.held, 3)
    const { stderr } = undisturbed
    assert.match(stderr, /2013-02-28 02:00 {2}SLA of weather\.observed breached/)
    assert.match(stderr, /2013-03-03 02:00 {2}SLA of weather\.observed holds again/)
    const status = JSON.parse((await start(verb(quiet, 'status', '--json')).ended).stdout)
    assert.ok(status.publications.every(({ heldSince }: { heldSince: number | null }) => heldSince === null))
  })

  it('stops runs at both gates and promotes what passes', () => {
    const outcomes = result.runs.map(({ outcome }) => outcome)
    assert.ok(outcomes.includes('succeeded'))
    assert.ok(outcomes.includes('rejected'), 'a model gate stopped a candidate')
    assert.ok(outcomes.includes('aborted'), 'a data gate stopped a run')
    assert.ok(!outcomes.includes('failed'))
    assert.equal(result.promotions, outcomes.filter((outcome) => outcome === 'succeeded').length)
    for (const { kind, outcome, reason } of result.signals) {
      assert.match(kind, /^(ad-hoc|cron|metric|data)$/)
      assert.match(outcome, /^(fired|merged|deferred|refused)$/)
      assert.notEqual(reason, '')
    }
  })

  it('scores every flight that is announced after the first promotion, and measures weeks when labels are in', () => {
    assert.equal(result.predictions, result.topics['delay.predictions']?.validated)
    assert.ok(result.predictions > 25_000)
    assert.ok(result.weekly.length >= 3)
    for (const { week, aucLoop, aucFrozen, flights } of result.weekly) {
      assert.equal(new Date(`${week}T00:00:00Z`).getUTCDay(), 1, `${week} is a Monday`)
      assert.ok(aucLoop > 0.5 && aucLoop < 0.9 && aucFrozen > 0.5 && aucFrozen < 0.9)
      assert.ok(flights > 1_000)
    }
  })

  it('serves what it trains on: logged features equal the offline ones', () => {
    const { data } = JSON.parse(readFileSync(join(quiet, 'summary.json'), 'utf8')) as {
      data: { skew: { compared: number; unequal: number } }
    }
    assert.ok(data.skew.compared > 10_000)
    assert.equal(data.skew.unequal, 0)
  })

  it('writes a report that needs nothing from outside', () => {
    const html = readFileSync(result.report, 'utf8')
    assert.ok(html.match(/<svg/g)!.length >= 5)
    assert.doesNotMatch(html, /<(script|link|img|iframe)\b|url\((?!["'"]?#)|@import/i)
  })

  it('prints the same object when it is started again', async () => {
    const again = await start(demo(quiet, ...SPAN, '--json')).ended
    assert.equal(again.code, 0)
    assert.deepEqual(resultOf(again), result)
  })

  it('explains one prediction back to the raw events', async () => {
    const id = await anyPredictionId(quiet)
    const { code, stdout, stderr } = await start(verb(quiet, 'why', id, '--json')).ended
    assert.equal(code, 0, stderr)
    const { scored, model, run, upstream, features } = JSON.parse(stdout)
    assert.match(scored.source, /^flights\.scheduled\.raw\/0\/\d+$/)
    assert.equal(model.model, 'delay')
    assert.equal(run.outcome, 'succeeded')
    const kinds = new Set(upstream.map(({ from }: { from: { kind: string } }) => from.kind))
    for (const kind of ['run', 'pipeline', 'dataset', 'snapshot', 'contract']) assert.ok(kinds.has(kind), kind)
    const now = features.find(({ view }: { view: string }) => view === 'origin_now')
    assert.ok(now.events.count > 0)
    assert.match(now.events.first, /^flights\.arrived\.raw\/0\/\d+$/)
  })

  it('refuses to go on with other days in the same state', async () => {
    const { code, stderr } = await start(demo(quiet, '--to', '2013-04-01')).ended
    assert.equal(code, 2)
    assert.match(stderr, /holds the days/)
  })

  it(`ends the same after ${KILLS} kills at random moments`, async (context) => {
    const seed = Number(process.env.COVENANT_SEED ?? Date.now() % 1_000_000)
    context.diagnostic(`seed ${seed}`)
    const random = generator(seed)
    const rough = join(folder, 'rough')
    let kills = 0
    while (kills < KILLS) {
      const { child, ended } = start(demo(rough, ...SPAN, '--json'))
      const stop = new AbortController()
      const patience = delay(500 + random() * ((1.6 * lengthMs) / KILLS), undefined, { signal: stop.signal })
      const end = await Promise.race([ended, patience])
      stop.abort()
      patience.catch(() => undefined)
      if (end !== undefined) break
      child.kill('SIGKILL')
      assert.equal((await ended).signal, 'SIGKILL')
      kills += 1
    }
    assert.ok(kills >= 10, `the replay was killed only ${kills} times before it ended; seed ${seed}`)
    const disturbed = await start(demo(rough, ...SPAN, '--json')).ended
    assert.equal(disturbed.code, 0, `seed ${seed}\n${disturbed.stderr}`)
    assert.deepEqual(comparable(resultOf(disturbed)), comparable(result), `seed ${seed}`)
    const [expected, actual] = [await digestOf(quiet), await digestOf(rough)]
    for (const part of Object.keys(expected)) assert.deepEqual(actual[part], expected[part], `${part}, seed ${seed}`)
  })

  it('stays up with --serve: the report, predictions, and a door for events', async () => {
    const { child, ended } = start(demo(quiet, ...SPAN, '--serve', '--port', '0'))
    try {
      const address = await new Promise<string>((resolve, reject) => {
        let said = ''
        child.stderr!.on('data', (text: string) => {
          said += text
          const [, url] = /Up at (\S+):/.exec(said) ?? []
          if (url) resolve(url)
        })
        child.on('close', () => reject(new Error(`It ended before it was up: ${said}`)))
      })
      assert.match(await (await fetch(`${address}/`)).text(), /<title>Covenant/)
      const row = { flight_id: 'asked', carrier: 'UA', origin: 'EWR', dest: 'IAH', tailnum: 'N14228', distance: 1400 }
      const predicted = await fetch(`${address}/endpoints/delay/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ rows: [{ ...row, sched_dep: '2013-03-06T18:00:00Z' }] }),
      })
      const { predictions } = (await predicted.json()) as { predictions: { score: number }[] }
      assert.ok(predictions[0]!.score > 0 && predictions[0]!.score < 1)
    } finally {
      child.kill('SIGINT')
    }
    assert.equal((await ended).code, 0)
  })
})

describe('the command line of the flights example', () => {
  it('explains itself and refuses nonsense in one sentence', async () => {
    const help = await start(demo('unused', '--help')).ended
    assert.equal(help.code, 0)
    for (const option of ['--from', '--to', '--state', '--serve', '--json']) assert.ok(help.stdout.includes(option))
    for (const [args, words] of [
      [['--from', '2013-02-30'], /--from takes a day of 2013/],
      [['--from', '2013-05-01', '--to', '2013-04-01'], /is after/],
      [['--weather'], /--weather/],
      [['--port', 'x', '--serve'], /--port takes a number/],
    ] as const) {
      const { code, stdout, stderr } = await start(demo(join(tmpdir(), 'covenant-never'), ...args)).ended
      assert.equal(code, 2)
      assert.equal(stdout, '')
      assert.match(stderr, words)
      assert.equal(stderr.trim().split('\n').length, 1)
    }
    assert.ok(!existsSync(join(tmpdir(), 'covenant-never')))
  })

  it('says where it cannot write', async () => {
    const { code, stderr } = await start(demo('/dev/null/state', '--to', '2013-01-02')).ended
    assert.equal(code, 2)
    assert.match(stderr, /cannot be written.*--state/)
  })
})

function comparable({ wallSeconds: _wall, rssPeakMiB: _rss, report: _report, ...rest }: DemoResult) {
  return rest
}

/** A prediction by day, when flights have arrived in the hours before. */
async function anyPredictionId(stateDir: string): Promise<string> {
  const { openStores } = await import('../../src/runtime/index.ts')
  const stores = await openStores({ stateDir })
  try {
    const records = await stores.log.read('delay.predictions.validated', 0, 20_000, 500)
    const predictions = records.map(({ value }) => JSON.parse(Buffer.from(value!).toString()))
    return predictions.find(({ features }) => features.origin_now__arrivals_3h > 0).prediction_id
  } finally {
    await stores.close()
  }
}

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
