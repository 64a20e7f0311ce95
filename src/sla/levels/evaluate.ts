import { DAY_MS, durationText, type EpochMs, SECOND_MS, toIso } from '../../kernel/index.ts'
import { evaluationBudget, heldBudget, recordBudget } from './budget.ts'
import type { Incident, LevelEvaluation, LevelFacts, LevelPlan } from './define.ts'

/** What is asked about incidents and availability where the level has no window of its own. */
export const WINDOW_MS = 30 * DAY_MS

type Verdict = Pick<LevelEvaluation, 'observed' | 'status' | 'missedSince' | 'message'> &
  Partial<Pick<LevelEvaluation, 'budget'>>

/**
 * Holds one service level against what was gathered. Pure: the same facts give the same evaluation.
 *
 * @param before the newest earlier evaluation of the level, from which on its period counts
 */
export function evaluate(
  level: LevelPlan,
  before: LevelEvaluation | undefined,
  facts: LevelFacts,
): Pick<LevelEvaluation, 'observed' | 'status' | 'missedSince' | 'message' | 'budget'> {
  const verdict = verdictOf(level, before, facts)
  const budget = verdict.budget ?? evaluationBudget(level, verdict.status, facts)
  return { ...verdict, budget }
}

function verdictOf(level: LevelPlan, before: LevelEvaluation | undefined, facts: LevelFacts): Verdict {
  switch (level.property) {
    case 'latency':
      return latency(level, facts)
    case 'frequency':
      return frequency(level, facts)
    case 'retention':
      return retention(level, facts)
    case 'availability':
      return availability(level, facts)
    case 'throughput':
      return throughput(level, before, facts)
    case 'errorRate':
      return errorRate(level, before, facts)
    case 'generalAvailability':
      return generalAvailability(level, facts)
    case 'endOfSupport':
      return ended(level, before, facts, 'support')
    case 'endOfLife':
      return ended(level, before, facts, 'life')
    case 'timeToDetect':
      return slowest(level, facts, 'detected', ({ startedAt, detectedAt }) => [startedAt, detectedAt])
    case 'timeToNotify':
      return slowest(level, facts, 'notified', ({ detectedAt, notifiedAt }) => [detectedAt, notifiedAt])
    case 'timeToRepair':
      return slowest(level, facts, 'repaired', ({ detectedAt, resolvedAt }) => [detectedAt, resolvedAt])
  }
}

const UNKNOWN = { observed: null, status: 'unknown', missedSince: null } as const

function judged(observed: number, met: boolean, missedSince: EpochMs, message: string): Verdict {
  return { observed, status: met ? 'met' : 'missed', missedSince: met ? null : missedSince, message }
}

/** How long ago the newest event happened. */
function latency({ target }: LevelPlan, { now, times }: LevelFacts): Verdict {
  if (times === null) return { ...UNKNOWN, message: 'no event yet' }
  const age = now - times.watermark
  const message = `the newest event is ${durationText(age)} old, promised at most ${durationText(target)}`
  return judged(age, age <= target, times.watermark + target, message)
}

/** The longest pause between events; the one since the newest event counts, as it lasts at least that long. */
function frequency({ target }: LevelPlan, { now, times }: LevelFacts): Verdict {
  if (times === null) return { ...UNKNOWN, message: 'no event yet' }
  const sinceNewest = now - times.watermark
  const [pause, from] = sinceNewest > times.pauseMs ? [sinceNewest, times.watermark] : [times.pauseMs, times.pauseFrom]
  const message = `the longest pause is ${durationText(pause)}, promised at most ${durationText(target)}`
  return judged(pause, pause <= target, from + target, message)
}

/** Nothing older than the level says is kept. */
function retention({ target }: LevelPlan, { now, counters: { oldest } }: LevelFacts): Verdict {
  if (oldest === null) return { ...UNKNOWN, message: 'no event yet' }
  const age = now - oldest
  const message = `the oldest event is ${durationText(age)} old, promised to be kept at most ${durationText(target)}`
  return judged(age, age <= target, oldest + target, message)
}

/** The share of time in which publication was not held, since the contract's data was published first. */
function availability(level: LevelPlan, facts: LevelFacts): Verdict {
  const { publishedSince } = facts.counters
  if (publishedSince === null) return { ...UNKNOWN, message: 'nothing is published yet' }
  const windowMs = level.objective?.windowMs ?? WINDOW_MS
  const budget = heldBudget(level, facts, windowMs)
  const from = Math.max(facts.now - windowMs, publishedSince)
  const percent = facts.now === from ? 100 : 100 * (1 - budget.used / (facts.now - from))
  const message = `available ${rounded(percent)} % of the time, promised ${level.target} %`
  const held = facts.incidents.findLast(({ cause }) => cause === 'audit')
  return { ...judged(percent, percent >= level.target, held?.detectedAt ?? facts.now, message), budget }
}

/** Validated records a second since the evaluation before. */
function throughput({ target }: LevelPlan, before: LevelEvaluation | undefined, facts: LevelFacts): Verdict {
  if (before === undefined || facts.now === before.at) return { ...UNKNOWN, message: 'measured from now on' }
  const records = facts.counters.validated - before.counters.validated
  const perSecond = (records * SECOND_MS) / (facts.now - before.at)
  const message = `${records} records in ${durationText(facts.now - before.at)}, ${rounded(perSecond)} a second, promised at least ${rounded(target)}`
  return judged(perSecond, perSecond >= target, before.at, message)
}

/** Dead letters among the records since the evaluation before. */
function errorRate(level: LevelPlan, before: LevelEvaluation | undefined, facts: LevelFacts): Verdict {
  const deadLetters = facts.counters.deadLetters - (before?.counters.deadLetters ?? 0)
  const records = deadLetters + facts.counters.validated - (before?.counters.validated ?? 0)
  if (records === 0) return { ...UNKNOWN, message: 'no record since the evaluation before' }
  const percent = (100 * deadLetters) / records
  const message = `${deadLetters} of ${records} records are dead letters, ${rounded(percent)} %, promised at most ${level.target} %`
  const verdict = judged(percent, percent <= level.target, before?.at ?? facts.now, message)
  return { ...verdict, budget: recordBudget(level, facts) }
}

function generalAvailability({ target }: LevelPlan, { now, counters }: LevelFacts): Verdict {
  const day = toIso(target)
  if (now < target) return { ...UNKNOWN, message: `general availability is promised from ${day} on` }
  const { publishedSince } = counters
  const met = publishedSince !== null
  const message = `generally available since ${day}, ${met ? `published since ${toIso(publishedSince)}` : 'but nothing is published'}`
  return judged(now - target, met, target, message)
}

/** A stream after its end: nobody may send any more. */
function ended(
  { target }: LevelPlan,
  before: LevelEvaluation | undefined,
  { now, counters }: LevelFacts,
  what: 'support' | 'life',
): Verdict {
  const left = target - now
  if (left > 0) return judged(left, true, target, `the end of ${what} is in ${durationText(left)}`)
  const sent = counters.validated + counters.deadLetters
  const since = before === undefined ? 0 : sent - before.counters.validated - before.counters.deadLetters
  const message = `the end of ${what} was on ${toIso(target)}${since > 0 ? `, and ${since} records came since the evaluation before` : ', and nothing is sent any more'}`
  return judged(left, since === 0, target, message)
}

/** The slowest of Covenant's own incidents of the window; one that is not done yet counts up to now. */
function slowest(
  { target, objective }: LevelPlan,
  { now, incidents }: LevelFacts,
  word: string,
  span: (incident: Incident) => readonly [from: EpochMs, to: EpochMs | null],
): Verdict {
  const from = now - (objective?.windowMs ?? WINDOW_MS)
  const spans = incidents
    .filter(({ detectedAt, resolvedAt }) => resolvedAt === null || detectedAt >= from)
    .map((incident) => {
      const [start, end] = span(incident)
      return { start, ms: Math.max(0, (end ?? now) - start) }
    })
  const worst = spans.toSorted((a, b) => b.ms - a.ms)[0]
  if (worst === undefined) return { ...UNKNOWN, message: `no incident within ${durationText(now - from)}` }
  const message = `the slowest of ${spans.length} incidents was ${word} after ${durationText(worst.ms)}, promised within ${durationText(target)}`
  return judged(worst.ms, worst.ms <= target, worst.start + target, message)
}

function rounded(value: number): number {
  return Number(value.toPrecision(4))
}
