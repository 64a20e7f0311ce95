import { type EpochMs, toIso } from '../../kernel/index.ts'
import type { Run } from '../../metadata/index.ts'
import type { Policy } from '../define.ts'
import type { SignalKind } from '../ports.ts'
import { durationText } from './words.ts'

/** What the policy has to know of a run. */
export type PolicyRun = Pick<Run, 'id' | 'trigger' | 'startedAt' | 'finishedAt' | 'outcome'>

/** Why a run may not start now. `until` is `null` where nobody knows how long. */
export type Block =
  | { readonly type: 'defer'; readonly until: EpochMs | null; readonly reason: string }
  | { readonly type: 'refuse'; readonly reason: string }

/** The first reason not to start a run now, or `undefined`. */
export function findBlock(
  kind: SignalKind,
  now: EpochMs,
  policy: Policy,
  runs: readonly PolicyRun[],
): Block | undefined {
  return (
    activeRun(runs) ??
    (kind === 'ad-hoc' ? undefined : (hold(policy, runs) ?? coolDown(now, policy, runs))) ??
    usedUpBudget(now, policy, runs)
  )
}

function activeRun(runs: readonly PolicyRun[]): Block | undefined {
  const active = runs.find(({ finishedAt }) => finishedAt === null)
  return active && { type: 'defer', until: null, reason: `${active.id} is still running` }
}

/**
 * The hold after `stopAfterRejected` rejected candidates in a row. Runs that made no candidate (aborted, failed) do not
 * count; a run that somebody asked for begins a new row.
 */
export function hold({ stopAfterRejected }: Policy, runs: readonly PolicyRun[]): Block | undefined {
  if (stopAfterRejected === null) return undefined
  let rejected = 0
  for (const run of [...runs].sort((a, b) => b.startedAt - a.startedAt)) {
    if (run.outcome === 'succeeded') break
    if (run.outcome === 'rejected') rejected++
    if (run.trigger === 'ad-hoc') break
  }
  if (rejected < stopAfterRejected) return undefined
  return { type: 'refuse', reason: `on hold after ${rejected} rejected candidates in a row, until an ad-hoc signal` }
}

function coolDown(now: EpochMs, { coolDownMs }: Policy, runs: readonly PolicyRun[]): Block | undefined {
  const until = Math.max(...runs.map(({ finishedAt }) => (finishedAt ?? Number.NEGATIVE_INFINITY) + coolDownMs))
  return until > now ? { type: 'defer', until, reason: `cool-down until ${toIso(until)}` } : undefined
}

function usedUpBudget(now: EpochMs, { budget }: Policy, runs: readonly PolicyRun[]): Block | undefined {
  if (budget === null) return undefined
  const starts = runs.map(({ startedAt }) => startedAt).filter((startedAt) => startedAt > now - budget.perMs)
  if (starts.length < budget.runs) return undefined
  const freed = starts.sort((a, b) => b - a)[budget.runs - 1]! + budget.perMs
  const reason = `budget of ${budget.runs} ${budget.runs === 1 ? 'run' : 'runs'} in ${durationText(budget.perMs)} is used up until ${toIso(freed)}`
  return budget.whenUsedUp === 'defer' ? { type: 'defer', until: freed, reason } : { type: 'refuse', reason }
}
