import type { LevelProperty } from '../../contract/index.ts'
import type { EpochMs } from '../../kernel/index.ts'

/** One service level of a contract, ready to be evaluated. */
export interface LevelPlan {
  /** The property, with a number behind it where the contract has several of it: `latency`, `latency-2`. */
  readonly id: string
  readonly property: LevelProperty
  /** Milliseconds of durations, epoch milliseconds of dates, percent, or records a second. */
  readonly target: number
  /** The field whose time is measured; `null` where the level is not about event times. */
  readonly field: string | null
  /** Cron expression, UTC. */
  readonly schedule: string
  /** Share of evaluations, in percent, that have to meet the level, and over how long; `null` where none may miss it. */
  readonly objective: { readonly percent: number; readonly windowMs: number } | null
}

/** What an evaluation looks at, gathered before it. */
export interface LevelFacts {
  readonly now: EpochMs
  /** As they stand now. */
  readonly counters: LevelCounters
  /** What the level's field says; `null` where no row has a time, or the level has no field. */
  readonly times: EventTimes | null
  /** Incidents of the contract that are open or were found within the window of the level. */
  readonly incidents: readonly Incident[]
  /** Evaluations of the same level, oldest first, back to the last one before the window. */
  readonly earlier: readonly LevelEvaluation[]
}

/** Event times in the lake. Times in the future are left out: they say nothing about what has happened. */
export interface EventTimes {
  readonly watermark: EpochMs
  /** Longest time between two neighbouring events since the evaluation before, and when it began. */
  readonly pauseMs: number
  readonly pauseFrom: EpochMs
}

/** What had been counted when a level was evaluated: the next evaluation takes the difference. */
export interface LevelCounters {
  /** Records in the validated topic, and in the dead letter topic. */
  readonly validated: number
  readonly deadLetters: number
  /** Newest lake snapshot that was looked at; 0 for none. */
  readonly snapshotId: number
  /** Oldest event time in the lake. */
  readonly oldest: EpochMs | null
  /** When the contract's data was published first. */
  readonly publishedSince: EpochMs | null
}

/** How much may still go wrong before the promise is broken over its window. */
export interface ErrorBudget {
  readonly windowMs: number
  /** What is counted: milliseconds of unavailability, records, or evaluations. */
  readonly unit: 'ms' | 'records' | 'evaluations'
  readonly allowed: number
  readonly used: number
}

/** One evaluation of one level. */
export interface LevelEvaluation {
  /** Follows from contract, level and moment: evaluating again changes nothing. */
  readonly id: string
  readonly contractId: string
  readonly contractVersion: string
  readonly level: string
  readonly property: LevelProperty
  readonly at: EpochMs
  /** Since the evaluation before it; of the first one, since the first record was seen. */
  readonly periodStart: EpochMs
  /** Newest event time that is not in the future: events up to here are taken to be complete. */
  readonly watermark: EpochMs | null
  /** In the unit of the plan's target; `null` where there was nothing to measure. */
  readonly observed: number | null
  /** `unknown`: there was nothing to measure, which breaks no promise. */
  readonly status: 'met' | 'missed' | 'unknown'
  /** Since when the level is missed: when the promise was broken, not when that was found. */
  readonly missedSince: EpochMs | null
  /** The result in words, e.g. `longest pause 9 h, promised at most 8 h`. */
  readonly message: string
  readonly budget: ErrorBudget | null
  readonly counters: LevelCounters
}

/** A time in which a contract did not keep its promise. */
export interface Incident {
  readonly id: string
  readonly contractId: string
  /** The level that was missed; `audit` where an audit held the publication. */
  readonly cause: string
  readonly message: string
  /** When the promise was broken, as far as the data tells. */
  readonly startedAt: EpochMs
  /** When Covenant found it. */
  readonly detectedAt: EpochMs
  /** When its alert was raised; `null` until then. */
  readonly notifiedAt: EpochMs | null
  /** When the promise was kept again; `null` while it is open. */
  readonly resolvedAt: EpochMs | null
}
