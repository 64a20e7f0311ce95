import { DAY_MS } from '../../kernel/index.ts'
import type { ErrorBudget, Incident, LevelEvaluation, LevelFacts, LevelPlan } from './define.ts'

/** Records of the error rate are counted over this long where the level has no window of its own: 30 days. */
const RECORDS_WINDOW_MS = 30 * DAY_MS

/** Of an availability: how long publication may be held over the window, and how long it was. */
export function heldBudget({ target }: LevelPlan, { now, incidents }: LevelFacts, windowMs: number): ErrorBudget {
  const used = heldMs(incidents, now - windowMs, now)
  return { windowMs, unit: 'ms', allowed: (1 - target / 100) * windowMs, used }
}

/** Milliseconds of `[from, to]` in which an audit held the publication. Audits hold one at a time. */
function heldMs(incidents: readonly Incident[], from: number, to: number): number {
  return incidents
    .filter(({ cause }) => cause === 'audit')
    .reduce((sum, { detectedAt, resolvedAt }) => {
      return sum + Math.max(0, Math.min(resolvedAt ?? to, to) - Math.max(detectedAt, from))
    }, 0)
}

/** Of an error rate: how many records of the window may be dead letters, and how many are. */
export function recordBudget({ target, objective }: LevelPlan, { counters, earlier, now }: LevelFacts): ErrorBudget {
  const windowMs = objective?.windowMs ?? RECORDS_WINDOW_MS
  const base = earlier.findLast(({ at }) => at <= now - windowMs)?.counters
  const used = counters.deadLetters - (base?.deadLetters ?? 0)
  const records = used + counters.validated - (base?.validated ?? 0)
  return { windowMs, unit: 'records', allowed: (target / 100) * records, used }
}

/** Of a level with an objective: how many evaluations of the window may miss it; `null` where none may. */
export function evaluationBudget(
  { objective }: LevelPlan,
  status: LevelEvaluation['status'],
  { earlier, now }: LevelFacts,
): ErrorBudget | null {
  if (objective === null) return null
  const statuses = [...earlier.filter(({ at }) => at > now - objective.windowMs).map((each) => each.status), status]
  const count = (wanted: LevelEvaluation['status']) => statuses.filter((each) => each === wanted).length
  const used = count('missed')
  const allowed = (1 - objective.percent / 100) * (used + count('met'))
  return { windowMs: objective.windowMs, unit: 'evaluations', allowed, used }
}
