import { CovenantError, type EpochMs, messageOf, quoteName } from '../kernel/index.ts'
import type { SqlRow, SqlValue } from '../lake/index.ts'
import { auditSql, repeatsOfSql } from './audit-sql.ts'
import type { AuditPlan, CheckPlan } from './plan.ts'
import type { CheckResult } from './ports.ts'
import { type NewestTimes, PublishedTimes, type Subject } from './published-times.ts'
import { checkResult, numberOf } from './verdict.ts'

/** What the pass over the audited rows gave, and the newest published times of the fields it looked at. */
interface Pass {
  readonly row: SqlRow
  readonly rows: number
  /** By field; its columns in `row` end in `_t<index>`. */
  readonly published: ReadonlyMap<string, NewestTimes & { readonly suffix: string }>
}

/** Measures the checks of an audit. Costs what the new rows cost, however many are published. */
export class Measurer {
  readonly #times = new PublishedTimes()

  async measure(subject: Subject): Promise<{ readonly rows: number; readonly checks: readonly CheckResult[] }> {
    const { plan } = subject
    const pass = await this.#pass(subject)
    const checks: CheckResult[] = []
    for (const [index, check] of plan.checks.entries())
      checks.push(checkResult(check, await this.#observe(subject, pass, check, index), pass.rows))
    this.#remember(subject, pass)
    return { rows: pass.rows, checks }
  }

  /** The error to throw where `measure` threw `cause`: it names the rule that cannot be evaluated, if one is to blame. */
  async explain(subject: Subject, cause: unknown): Promise<unknown> {
    for (const check of subject.plan.checks) {
      const alone = { ...subject, plan: { ...subject.plan, checks: [check] } }
      const thrown = await this.measure(alone).then(
        () => null,
        (error: unknown) => error,
      )
      if (thrown !== null) return ruleFailed(subject.plan, check, thrown)
    }
    return cause
  }

  async #pass(subject: Subject): Promise<Pass> {
    const { engine, plan, rows, now } = subject
    const times = timeFields(plan).map((field, index) => ({ field, suffix: `_t${index}` }))
    const [row] = await engine.query(auditSql(rows, plan.checks, times, now))
    const published = new Map<string, NewestTimes & { suffix: string }>()
    for (const { field, suffix } of times) published.set(field, { ...(await this.#times.of(subject, field)), suffix })
    return { row: row!, rows: Number(row!.rows), published }
  }

  async #observe(subject: Subject, pass: Pass, check: CheckPlan, index: number): Promise<number | null> {
    const inPass = numberOf(pass.row[`c${index}`])
    switch (check.kind) {
      case 'metric':
        return inPass
      case 'sql':
        return numberOfRule(pass.row[`c${index}`])
      case 'latency':
        return age(pass, check.field, subject.now)
      case 'key':
        return (inPass ?? 0) + (await this.#repeatsOfPublished(subject, pass, check.fields))
    }
  }

  /**
   * New rows that a published row has the key of. A record that is sent again has the event time it had, so only
   * published rows of the new rows' time are looked at; written as literals, these let the lake skip all other files.
   */
  async #repeatsOfPublished(subject: Subject, pass: Pass, key: readonly string[]): Promise<number> {
    const { engine, plan, rows, published } = subject
    if (published === null || pass.rows === 0) return 0
    const comparable = sameTime(plan.eventTime, pass, published)
    if (comparable === null) return 0
    const [found] = await engine.query(repeatsOfSql(key, rows, comparable))
    return Number(found!.repeats)
  }

  #remember(subject: Subject, { row, published }: Pass): void {
    for (const [field, { last, suffix }] of published)
      this.#times.remember(subject, field, later(last, numberOf(row[`last${suffix}`])))
  }
}

/** The published rows of the new rows' time: all where that is not known, `null` where there are none. */
function sameTime(eventTime: string | null, { row, rows, published }: Pass, all: string): string | null {
  const times = eventTime === null ? undefined : published.get(eventTime)
  if (eventTime === null || !times || Number(row[`timed${times.suffix}`]) < rows) return all
  if (times.last === null || Number(row[`first${times.suffix}`]) > times.last) return null
  const [first, last] = [row[`first_text${times.suffix}`], row[`last_text${times.suffix}`]]
  return `(FROM ${all} WHERE ${quoteName(eventTime)} BETWEEN TIMESTAMP '${first}' AND TIMESTAMP '${last}')`
}

/** The fields whose times are measured: those of latencies, and the event time that narrows the search for keys. */
function timeFields({ checks, eventTime }: AuditPlan): readonly string[] {
  const latencies = checks.flatMap((check) => (check.kind === 'latency' ? [check.field] : []))
  const narrows = eventTime !== null && checks.some(({ kind }) => kind === 'key')
  return [...new Set([...latencies, ...(narrows ? [eventTime] : [])])]
}

/** How long ago the newest event happened; an event in the future says nothing about that. */
function age({ row, published }: Pass, field: string, now: EpochMs): number | null {
  const { suffix, happened } = published.get(field)!
  const newest = later(happened, numberOf(row[`happened${suffix}`]))
  return newest === null ? null : now - newest
}

function later(a: EpochMs | null, b: EpochMs | null): EpochMs | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b)
}

/** What a contract's own query gave; text is a mistake in the query, where nothing and NaN are nothing to measure. */
function numberOfRule(value: SqlValue | undefined): number | null {
  if (typeof value === 'string') throw new TypeError(`Its query gives the text ${JSON.stringify(value)}, not a number.`)
  return numberOf(value)
}

function ruleFailed(plan: AuditPlan, check: CheckPlan, cause: unknown): CovenantError {
  return new CovenantError({
    code: 'SLA_RULE_FAILED',
    message: `The check ${check.id} of ${plan.topic} ${plan.contractVersion} cannot be evaluated. ${messageOf(cause)}`,
    where: `contract ${plan.contractId}`,
    remedy: 'Mend the rule in the contract and give the contract a new version.',
    cause,
  })
}
