import { durationText, type EpochMs } from '../kernel/index.ts'
import type { SqlValue } from '../lake/index.ts'
import { type CheckPlan, expectationText, meets } from './plan.ts'
import type { Audit, CheckResult, Publication } from './ports.ts'

/** A measured value as a number; `null` where there was nothing to measure. */
export function numberOf(value: SqlValue | undefined): number | null {
  if (value === null || value === undefined) return null
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}

/**
 * What a check says of what was measured: of a latency the age in milliseconds, else rows or the value of the rule's
 * query. Where there was nothing to measure a check passes.
 */
export function checkResult(check: CheckPlan, measured: number | null, rows: number): CheckResult {
  const base = { checkId: check.id, dimension: check.dimension, severity: check.severity }
  if (check.kind === 'key') return { ...base, observed: measured, expected: '= 0 rows', passed: measured === 0 }
  if (check.kind === 'latency') {
    const passed = measured === null || measured <= check.maxAgeMs
    const overdue = passed ? {} : { overdueMs: measured - check.maxAgeMs }
    return { ...base, observed: measured, expected: `≤ ${durationText(check.maxAgeMs)} old`, passed, ...overdue }
  }
  const unit = check.kind === 'metric' ? check.unit : ''
  const observed = unit === 'percent' ? percent(measured, rows) : measured
  const passed = observed === null || meets(observed, check.expect)
  return { ...base, observed, expected: expectationText(check.expect, unit), passed }
}

/** A check's result in words, e.g. `latency is 27 h, expected ≤ 4 h old`. */
export function describeCheck({ checkId, observed, expected }: CheckResult): string {
  const isAge = expected.endsWith(' old')
  const found =
    observed === null ? 'nothing' : isAge ? durationText(observed) : String(Math.round(observed * 1000) / 1000)
  return `${checkId} is ${found}, expected ${expected}`
}

function percent(measured: number | null, rows: number): number | null {
  return measured === null || rows === 0 ? null : (measured * 100) / rows
}

/** A failing check of severity `error` holds the rows; a warning does not. */
export function outcomeOf(checks: readonly CheckResult[]): Audit['outcome'] {
  return checks.some(({ passed, severity }) => !passed && severity === 'error') ? 'held' : 'passed'
}

/** What is published after an audit: all that it looked at, or what was published before. */
export function publicationAfter(audit: Audit, before: Publication | undefined): Publication {
  const { contractId, table, snapshotId, auditedAt } = audit
  if (audit.outcome === 'passed') return { contractId, table, snapshotId, publishedAt: auditedAt, heldSince: null }
  const nothing = { contractId, table, snapshotId: 0, publishedAt: auditedAt, heldSince: null }
  const kept = before ?? nothing
  return { ...kept, heldSince: kept.heldSince ?? auditedAt }
}

/** Since when publication was held before the newest of the audits (oldest first), or `null`. */
export function heldBefore(audits: readonly Audit[]): EpochMs | null {
  const earlier = audits.slice(0, -1)
  const passed = earlier.findLastIndex(({ outcome }) => outcome === 'passed')
  return earlier[passed + 1]?.auditedAt ?? null
}
