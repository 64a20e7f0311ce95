import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../kernel/index.ts'
import type { Incident, LevelCounters, LevelEvaluation, LevelFacts, LevelPlan } from './define.ts'
import { evaluate } from './evaluate.ts'

const NOW = Date.UTC(2026, 5, 15)
const NOTHING: LevelCounters = { validated: 0, deadLetters: 0, snapshotId: 0, oldest: null, publishedSince: null }

function level(property: LevelPlan['property'], target: number, objective: LevelPlan['objective'] = null): LevelPlan {
  return { id: property, property, target, field: 'at', schedule: '0 * * * *', objective }
}

function facts(more: Partial<Omit<LevelFacts, 'counters'>> & { counters?: Partial<LevelCounters> } = {}): LevelFacts {
  const { counters, ...others } = more
  return { now: NOW, times: null, incidents: [], earlier: [], ...others, counters: { ...NOTHING, ...counters } }
}

function before(at: number, counters: Partial<LevelCounters> = {}, status: LevelEvaluation['status'] = 'met') {
  return {
    ...{ id: String(at), contractId: 'c', contractVersion: '1.0.0', level: 'x', property: 'latency', at },
    ...{ periodStart: at, watermark: null, observed: null, status, missedSince: null, message: '', budget: null },
    counters: { ...NOTHING, ...counters },
  } as LevelEvaluation
}

function incident(detectedAt: number, more: Partial<Incident> = {}): Incident {
  return {
    ...{ id: String(detectedAt), contractId: 'c', cause: 'audit', message: '', startedAt: detectedAt - HOUR_MS },
    ...{ detectedAt, notifiedAt: detectedAt + MINUTE_MS, resolvedAt: detectedAt + 5 * HOUR_MS },
    ...more,
  }
}

describe('a service level', () => {
  const times = { watermark: NOW - 3 * HOUR_MS, pauseMs: 5 * HOUR_MS, pauseFrom: NOW - 20 * HOUR_MS }

  it('latency: the age of the newest event, and since when it is too old', () => {
    assert.equal(evaluate(level('latency', 3 * HOUR_MS), undefined, facts({ times })).status, 'met')
    const late = evaluate(level('latency', 2 * HOUR_MS), undefined, facts({ times }))
    assert.deepEqual([late.status, late.observed, late.missedSince], ['missed', 3 * HOUR_MS, NOW - HOUR_MS])
    assert.equal(late.message, 'the newest event is 3 h old, promised at most 2 h')
    assert.equal(evaluate(level('latency', 1), undefined, facts()).status, 'unknown')
  })

  it('frequency: the longest pause, also the one that lasts', () => {
    const found = evaluate(level('frequency', 4 * HOUR_MS), undefined, facts({ times }))
    assert.deepEqual([found.status, found.observed, found.missedSince], ['missed', 5 * HOUR_MS, NOW - 16 * HOUR_MS])
    const lasting = { ...times, watermark: NOW - 9 * HOUR_MS }
    const silent = evaluate(level('frequency', 6 * HOUR_MS), undefined, facts({ times: lasting }))
    assert.deepEqual([silent.status, silent.observed, silent.missedSince], ['missed', 9 * HOUR_MS, NOW - 3 * HOUR_MS])
    assert.equal(evaluate(level('frequency', 9 * HOUR_MS), undefined, facts({ times: lasting })).status, 'met')
  })

  it('retention: nothing older than promised', () => {
    const oldest = NOW - 10 * DAY_MS
    assert.equal(evaluate(level('retention', 10 * DAY_MS), undefined, facts({ counters: { oldest } })).status, 'met')
    const kept = evaluate(level('retention', 7 * DAY_MS), undefined, facts({ counters: { oldest } }))
    assert.deepEqual([kept.status, kept.missedSince], ['missed', NOW - 3 * DAY_MS])
  })

  it('availability: the share of time in which publication was not held, with its budget', () => {
    const counters = { publishedSince: NOW - 10 * DAY_MS }
    const incidents = [incident(NOW - 5 * DAY_MS), incident(NOW - 3 * DAY_MS, { cause: 'errorRate' })]
    const found = evaluate(level('availability', 98), undefined, facts({ counters, incidents }))
    assert.deepEqual([found.status, found.observed], ['missed', 100 * (1 - 5 / 240)])
    assert.equal(found.budget?.unit, 'ms')
    assert.equal(found.budget?.used, 5 * HOUR_MS)
    assert.ok(Math.abs(found.budget!.allowed - 0.02 * 30 * DAY_MS) < 1)
    const open = [incident(NOW - HOUR_MS, { resolvedAt: null })]
    assert.equal(evaluate(level('availability', 99), undefined, facts({ counters, incidents: open })).status, 'met')
    assert.equal(evaluate(level('availability', 99), undefined, facts()).status, 'unknown')
  })

  it('throughput: validated records a second since the evaluation before', () => {
    const since = before(NOW - 1_000, { validated: 40 })
    const found = evaluate(level('throughput', 10), since, facts({ counters: { validated: 50, deadLetters: 90 } }))
    assert.deepEqual([found.status, found.observed], ['met', 10])
    const slow = evaluate(level('throughput', 10.5), since, facts({ counters: { validated: 50 } }))
    assert.deepEqual([slow.status, slow.missedSince], ['missed', NOW - 1_000])
    assert.equal(evaluate(level('throughput', 1), undefined, facts()).status, 'unknown')
  })

  it('error rate: dead letters among the records, with a budget in records over the window', () => {
    const since = before(NOW - DAY_MS, { validated: 1_000, deadLetters: 10 })
    const counters = { validated: 1_097, deadLetters: 13 }
    const found = evaluate(level('errorRate', 3), since, facts({ counters, earlier: [since] }))
    assert.deepEqual([found.status, found.observed], ['met', 3])
    assert.equal(found.message, '3 of 100 records are dead letters, 3 %, promised at most 3 %')
    assert.deepEqual(found.budget, { windowMs: 30 * DAY_MS, unit: 'records', allowed: 0.03 * 1_110, used: 13 })
    const outside = before(NOW - 31 * DAY_MS, { validated: 500, deadLetters: 5 })
    const later = evaluate(level('errorRate', 1), since, facts({ counters, earlier: [outside, since] }))
    assert.deepEqual([later.status, later.budget?.used, later.budget?.allowed], ['missed', 8, 0.01 * 605])
    assert.equal(evaluate(level('errorRate', 1), since, facts({ counters: since.counters })).status, 'unknown')
  })

  it('dates: general availability asks for data, the ends ask for silence', () => {
    const past = NOW - DAY_MS
    assert.equal(evaluate(level('generalAvailability', NOW + 1), undefined, facts()).status, 'unknown')
    const late = evaluate(level('generalAvailability', past), undefined, facts())
    assert.deepEqual([late.status, late.missedSince], ['missed', past])
    const published = facts({ counters: { publishedSince: past } })
    assert.equal(evaluate(level('generalAvailability', past), undefined, published).status, 'met')
    for (const property of ['endOfSupport', 'endOfLife'] as const) {
      const since = before(NOW - HOUR_MS, { validated: 7 })
      const sending = facts({ counters: { validated: 7, deadLetters: 1 } })
      assert.equal(evaluate(level(property, NOW + DAY_MS), since, sending).status, 'met')
      assert.equal(evaluate(level(property, past), since, sending).status, 'missed')
      assert.equal(evaluate(level(property, past), since, facts({ counters: { validated: 7 } })).status, 'met')
    }
  })

  it('times to detect, notify and repair: the slowest of the incidents, open ones up to now', () => {
    const incidents = [
      incident(NOW - 40 * DAY_MS, { startedAt: NOW - 50 * DAY_MS }),
      incident(NOW - 2 * DAY_MS),
      incident(NOW - 3 * HOUR_MS, { startedAt: NOW - 5 * HOUR_MS, notifiedAt: null, resolvedAt: null }),
    ]
    const observed = (property: 'timeToDetect' | 'timeToNotify' | 'timeToRepair') =>
      evaluate(level(property, 4 * HOUR_MS), undefined, facts({ incidents }))
    assert.deepEqual([observed('timeToDetect').observed, observed('timeToDetect').status], [2 * HOUR_MS, 'met'])
    assert.deepEqual([observed('timeToNotify').observed, observed('timeToNotify').status], [3 * HOUR_MS, 'met'])
    assert.deepEqual([observed('timeToRepair').observed, observed('timeToRepair').status], [5 * HOUR_MS, 'missed'])
    assert.equal(evaluate(level('timeToRepair', 1), undefined, facts()).status, 'unknown')
  })

  it('an objective allows a share of evaluations to miss', () => {
    const objective = { percent: 75, windowMs: DAY_MS }
    const earlier = [
      before(NOW - 2 * DAY_MS, {}, 'missed'),
      before(NOW - 3 * HOUR_MS),
      before(NOW - 2 * HOUR_MS, {}, 'unknown'),
      before(NOW - HOUR_MS),
    ]
    const found = evaluate(level('latency', HOUR_MS, objective), earlier.at(-1), facts({ times, earlier }))
    assert.deepEqual(found.budget, { windowMs: DAY_MS, unit: 'evaluations', allowed: 0.75, used: 1 })
  })
})

describe('every service level', () => {
  const properties = fc.constantFrom<LevelPlan['property']>(
    ...(['availability', 'throughput', 'errorRate', 'generalAvailability', 'endOfSupport', 'endOfLife'] as const),
    ...(['retention', 'frequency', 'latency', 'timeToDetect', 'timeToNotify', 'timeToRepair'] as const),
  )
  const moment = fc.integer({ min: NOW - 60 * DAY_MS, max: NOW })
  const counters = fc.record({
    ...{ validated: fc.nat(1_000), deadLetters: fc.nat(100), snapshotId: fc.nat(9) },
    ...{ oldest: fc.option(moment), publishedSince: fc.option(moment) },
  })
  const incidents = fc.array(
    fc
      .record({ at: moment, cause: fc.constantFrom('audit', 'errorRate'), open: fc.boolean() })
      .map(({ at, cause, open }) => incident(at, { cause, resolvedAt: open ? null : Math.min(at + HOUR_MS, NOW) })),
    { maxLength: 4 },
  )
  const found = fc.record({
    times: fc.option(fc.record({ watermark: moment, pauseMs: fc.nat(9 * DAY_MS), pauseFrom: moment })),
    ...{ counters, incidents },
  })

  it('is missed exactly with a moment since when, and a looser promise never misses more', () => {
    fc.assert(
      fc.property(properties, fc.nat(40 * DAY_MS), fc.nat(9 * DAY_MS), found, (property, target, slack, about) => {
        const promised = property === 'availability' || property === 'errorRate' ? target % 101 : target
        const since = before(NOW - HOUR_MS)
        const result = evaluate(level(property, promised), since, facts(about))
        assert.equal(result.missedSince !== null, result.status === 'missed', JSON.stringify(result))
        assert.equal(result.status === 'unknown', result.observed === null)
        const looser = property === 'availability' || property === 'throughput' ? -slack : slack
        const again = evaluate(level(property, promised + looser), since, facts(about))
        if (result.status === 'met' && property !== 'generalAvailability') assert.equal(again.status, 'met')
      }),
    )
  })
})
