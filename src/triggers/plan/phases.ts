import { CovenantError } from '../../kernel/index.ts'
import type { LedgerEntry } from '../ports.ts'

/**
 * Where a signal stands:
 *
 * ```text
 *              lead            start
 *   arrived ─────────▶ waiting ───────▶ started
 *      │                │  │ defer        ▲
 *      │ join      join │  └──▶ deferred ─┘ start
 *      ▼                ▼          │ join
 *   merged ◀───────────────────────┘          refuse leads to refused, from everywhere but refused
 * ```
 *
 * At most one entry of a pipeline is waiting or deferred: the leader of the pending run. All other signals join it.
 */
export type Phase = 'arrived' | 'waiting' | 'deferred' | 'started' | 'merged' | 'refused'

/** `lead`: opens a pending run. `extend`: waits longer. `join`: becomes part of the leader's run. */
export type Step = 'lead' | 'extend' | 'join' | 'defer' | 'start' | 'refuse'

/** Every phase and every step: what is not possible says so. */
export const TRANSITIONS: Readonly<Record<Phase, Readonly<Record<Step, Phase | 'impossible'>>>> = {
  arrived: {
    lead: 'waiting',
    extend: 'impossible',
    join: 'merged',
    defer: 'impossible',
    start: 'impossible',
    refuse: 'refused',
  },
  waiting: {
    lead: 'impossible',
    extend: 'waiting',
    // An ad-hoc signal takes the lead.
    join: 'merged',
    defer: 'deferred',
    start: 'started',
    refuse: 'refused',
  },
  deferred: {
    lead: 'impossible',
    extend: 'impossible',
    join: 'merged',
    defer: 'deferred',
    start: 'started',
    refuse: 'refused',
  },
  started: {
    lead: 'impossible',
    extend: 'impossible',
    join: 'impossible',
    defer: 'impossible',
    start: 'impossible',
    // The run could not even begin.
    refuse: 'refused',
  },
  merged: {
    lead: 'impossible',
    extend: 'impossible',
    // Its leader was taken over.
    join: 'merged',
    defer: 'impossible',
    start: 'impossible',
    // Its leader was refused.
    refuse: 'refused',
  },
  refused: {
    lead: 'impossible',
    extend: 'impossible',
    join: 'impossible',
    defer: 'impossible',
    start: 'impossible',
    refuse: 'impossible',
  },
}

/** The phase of an entry as it is stored. */
export function phaseOf({ outcome, dueAt, runId }: LedgerEntry): Phase {
  if (outcome === null) return dueAt === null ? 'arrived' : 'waiting'
  if (outcome === 'deferred') return runId === null ? 'deferred' : 'started'
  return outcome === 'fired' ? 'started' : outcome
}

/** The entry after a step; throws `TRIGGER_ILLEGAL_STEP` where the table has none or `change` says otherwise. */
export function advance(entry: LedgerEntry, step: Step, change: Partial<LedgerEntry>): LedgerEntry {
  const phase = phaseOf(entry)
  const next = { ...entry, ...change }
  const expected = TRANSITIONS[phase][step]
  if (expected !== 'impossible' && phaseOf(next) === expected) return next
  throw new CovenantError({
    code: 'TRIGGER_ILLEGAL_STEP',
    message: `The signal ${entry.signal.id} is ${phase}; the step ${step} to ${phaseOf(next)} cannot follow.`,
    remedy: 'This is a fault of Covenant; please report it with the ledger (covenant signals --json).',
  })
}
