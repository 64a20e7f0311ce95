import { Cron } from 'croner'
import {
  CovenantError,
  type Duration,
  type EpochMs,
  type JsonObject,
  messageOf,
  parseDuration,
} from '../kernel/index.ts'
import type { CountedRows } from './ports.ts'

/** Somebody may ask for a run. */
export interface AdHocSource {
  readonly kind: 'ad-hoc'
}

/** Due times of a cron expression, in UTC. */
export interface CronSource {
  readonly kind: 'cron'
  readonly expression: string
}

/** A value of a monitor that is bad for `windows` of the last `of` windows. */
export interface MetricSource {
  readonly kind: 'metric'
  readonly monitor: string
  readonly metric: string
  readonly subject: string
  readonly bound: MetricBound
  readonly windows: number
  readonly of: number
}

/**
 * When a value is bad, and when it is good again: only after it was good may it signal once more. `drop` is by how
 * much the value falls below the mean of the `over` windows before.
 */
export type MetricBound =
  | { readonly type: 'below' | 'above'; readonly limit: number; readonly clear: number }
  | { readonly type: 'drop'; readonly by: number; readonly over: number }

/** Every `rows` rows of newly published data. */
export interface DataSource {
  readonly kind: 'data'
  readonly counted: CountedRows
  readonly rows: number
}

export type SignalSourceDefinition = AdHocSource | CronSource | MetricSource | DataSource

/** Which signals become runs, and when. Durations in milliseconds. */
export interface Policy {
  /** A signal waits this long for others, which then join its run … */
  readonly debounceMs: number
  /** … each prolonging the wait, but never beyond this after the first. */
  readonly maxWaitMs: number
  /** Quiet time after a run has ended. */
  readonly coolDownMs: number
  /** At most `runs` runs start within any `perMs`. */
  readonly budget: { readonly runs: number; readonly perMs: number; readonly whenUsedUp: 'refuse' | 'defer' } | null
  /** After so many rejected candidates in a row every signal is refused, until an ad-hoc one. */
  readonly stopAfterRejected: number | null
  /** Parameters of every run; those of the signals come on top. */
  readonly params: JsonObject
}

export interface Trigger {
  readonly kind: 'trigger'
  readonly name: string
  readonly pipeline: string
  readonly on: readonly SignalSourceDefinition[]
  readonly policy: Policy
}

/** A policy as it is written; what is left out does not limit. */
export interface PolicyDefinition {
  readonly debounce?: Duration
  /** Four times `debounce` unless told. */
  readonly maxWait?: Duration
  readonly coolDown?: Duration
  readonly budget?: { readonly runs: number; readonly per: Duration; readonly whenUsedUp?: 'refuse' | 'defer' }
  readonly stopAfterRejected?: number
  readonly params?: JsonObject
}

/** Runs as soon as it is asked for, as often as it is asked for. */
export const UNLIMITED: Policy = Object.freeze({
  debounceMs: 0,
  maxWaitMs: 0,
  coolDownMs: 0,
  budget: null,
  stopAfterRejected: null,
  params: Object.freeze({}),
})

/**
 * Declares what makes a pipeline run, and the one policy that all its signals pass through. A pipeline has one trigger.
 *
 * @example
 * export const retraining = defineTrigger({
 *   pipeline: delayPipeline,
 *   on: [
 *     adHoc(), cron('0 5 1 * *'), data({ model: 'labelled_flights', rows: 15_000 }),
 *     metric({ monitor: 'delay', metric: 'auc', subject: 'champion', below: 0.67, windows: 2, of: 3 }),
 *   ],
 *   policy: { debounce: '1d', coolDown: '7d', budget: { runs: 4, per: '28d' }, stopAfterRejected: 3 },
 * })
 */
export function defineTrigger(definition: {
  readonly name?: string
  readonly pipeline: string | { readonly name: string }
  readonly on: readonly SignalSourceDefinition[]
  readonly policy?: PolicyDefinition
}): Trigger {
  const pipeline = typeof definition.pipeline === 'string' ? definition.pipeline : definition.pipeline.name
  const name = definition.name ?? pipeline
  const { on, policy = {} } = definition
  if (on.length === 0) throw invalid(`trigger ${name}`, 'nothing can start the pipeline', 'List at least adHoc().')
  return Object.freeze({
    kind: 'trigger',
    name,
    pipeline,
    on: Object.freeze([...on]),
    policy: compilePolicy(policy, `trigger ${name}`),
  })
}

/** Somebody may ask for a run: it skips debounce and cool-down, but counts in the budget. */
export function adHoc(): AdHocSource {
  return Object.freeze({ kind: 'ad-hoc' })
}

/** Due times in UTC. Of several that were missed only the newest signals. */
export function cron(expression: string): CronSource {
  newestDue(expression, 0)
  return Object.freeze({ kind: 'cron', expression })
}

/**
 * A monitored value that is bad in `windows` (1) of the last `of` (`windows`) windows: `below` or `above` a limit, or
 * `dropFrom`: at least `by` below the mean of the `over` windows before. It signals once, and again only after it was
 * at `clear` (the limit) or better.
 */
export function metric(definition: {
  readonly monitor: string | { readonly name: string }
  readonly metric: string
  readonly subject?: string
  readonly below?: number
  readonly above?: number
  readonly dropFrom?: { readonly by: number; readonly over: number }
  readonly clear?: number
  readonly windows?: number
  readonly of?: number
}): MetricSource {
  const { metric: name, subject = 'champion', windows = 1, of = windows } = definition
  const where = `metric ${name}`
  if (!(Number.isInteger(windows) && Number.isInteger(of) && windows >= 1 && of >= windows))
    throw invalid(where, `${windows} of ${of} windows cannot be counted`, 'Give whole numbers, windows at most of.')
  const monitor = typeof definition.monitor === 'string' ? definition.monitor : definition.monitor.name
  return Object.freeze({
    kind: 'metric',
    monitor,
    metric: name,
    subject,
    bound: boundOf(definition, where),
    windows,
    of,
  })
}

/** Every `rows` rows more in a warehouse model, or more published rows of a contract topic. */
export function data(definition: CountedRows & { readonly rows: number }): DataSource {
  const { rows, ...counted } = definition
  if (!(Number.isInteger(rows) && rows >= 1))
    throw invalid('data', `${rows} rows cannot be counted`, 'Give a whole number of at least 1.')
  return Object.freeze({ kind: 'data', counted: Object.freeze(counted), rows })
}

/** The newest due time at or before `now`; `undefined` where there is none. */
export function newestDue(expression: string, now: EpochMs): EpochMs | undefined {
  try {
    const occurrences = new Cron(expression, { timezone: 'UTC', paused: true })
    return occurrences.previousRuns(1, new Date(now + 1))[0]?.getTime()
  } catch (error) {
    throw invalid(`cron ${expression}`, messageOf(error), 'Write five fields: minute hour day month weekday.')
  }
}

/** The next due time after `now`; infinite where there is none. */
export function nextDue(expression: string, now: EpochMs): EpochMs {
  const occurrences = new Cron(expression, { timezone: 'UTC', paused: true })
  return occurrences.nextRun(new Date(now))?.getTime() ?? Number.POSITIVE_INFINITY
}

function boundOf(definition: Parameters<typeof metric>[0], where: string): MetricBound {
  const { below, above, dropFrom, clear } = definition
  if ([below, above, dropFrom].filter((bound) => bound !== undefined).length !== 1)
    throw invalid(where, 'it needs exactly one of below, above and dropFrom', 'Give one of them.')
  if (dropFrom !== undefined) {
    if (clear === undefined && dropFrom.by > 0 && Number.isInteger(dropFrom.over) && dropFrom.over >= 1)
      return { type: 'drop', ...dropFrom }
    throw invalid(where, 'the drop cannot be judged', 'Give by > 0 and over >= 1, and no clear.')
  }
  const type = below === undefined ? 'above' : 'below'
  const limit = (below ?? above)!
  const cleared = clear ?? limit
  if (type === 'below' ? cleared < limit : cleared > limit)
    throw invalid(where, `clear (${cleared}) is on the bad side of the limit (${limit})`, 'Swap them.')
  return { type, limit, clear: cleared }
}

function compilePolicy(policy: PolicyDefinition, where: string): Policy {
  const { budget, stopAfterRejected = null, params = {} } = policy
  const debounceMs = milliseconds(policy.debounce ?? '0ms', where)
  const limits = [stopAfterRejected ?? 1, budget?.runs ?? 1]
  if (!limits.every((limit) => Number.isInteger(limit) && limit >= 1))
    throw invalid(where, 'a limit of its policy is no whole number of at least 1', 'Leave it out for no limit.')
  return Object.freeze({
    debounceMs,
    maxWaitMs: policy.maxWait === undefined ? 4 * debounceMs : milliseconds(policy.maxWait, where),
    coolDownMs: milliseconds(policy.coolDown ?? '0ms', where),
    budget: budget
      ? { runs: budget.runs, perMs: milliseconds(budget.per, where), whenUsedUp: budget.whenUsedUp ?? 'refuse' }
      : null,
    stopAfterRejected,
    params,
  })
}

function milliseconds(duration: Duration, where: string): number {
  const parsed = parseDuration(duration)
  if (parsed !== undefined) return parsed
  throw invalid(where, `${JSON.stringify(duration)} is no duration`, "Write it as '90s', '15m', '6h', '28d' or '1w'.")
}

function invalid(where: string, what: string, remedy: string): CovenantError {
  return new CovenantError({ code: 'TRIGGER_INVALID', message: `The trigger cannot be used: ${what}.`, where, remedy })
}
