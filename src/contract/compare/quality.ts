import { canonicalJson } from '../../kernel/index.ts'
import type { Contract, Expectation, Incompatibility, QualityRule } from '../define.ts'

/** Quality rules on which readers relied and that promise less: removed, loosened, or errors no longer. */
export function loosenedQuality(older: Contract, newer: Contract): readonly Incompatibility[] {
  return older.quality.flatMap((before) => {
    const after = sameRule(before, newer.quality)
    const change = loosened(before, after)
    if (change === null) return []
    const message = `The quality rule "${before.id}" promised ${inWords(before)} and ${change}: readers rely on it.`
    return [{ path: `quality.${before.id}`, message, rule: 'quality', witness: null, breaks: 'readers' } as const]
  })
}

/** The rule of the same id, else one that measures the same: ids are often derived or renamed. */
function sameRule(rule: QualityRule, others: readonly QualityRule[]): QualityRule | undefined {
  const measure = measureOf(rule)
  return (
    others.find((other) => other.id === rule.id && measureOf(other) === measure) ??
    others.find((other) => measureOf(other) === measure)
  )
}

function measureOf({ field, check }: QualityRule): string {
  return canonicalJson({ field, check })
}

function loosened(before: QualityRule, after: QualityRule | undefined): string | null {
  if (after === undefined) return 'is gone or measures something else'
  if (!implies(after.expect, before.expect)) return `now promises ${inWords(after)}`
  return before.severity === 'error' && after.severity === 'warning' ? 'is a warning only' : null
}

/** A half-open view of the numbers that an expectation allows: bounds, and whether they belong to it. */
interface Interval {
  readonly low: number
  readonly lowIn: boolean
  readonly high: number
  readonly highIn: boolean
}

/** Whether every number that the one allows is allowed by the other. */
function implies(one: Expectation, other: Expectation): boolean {
  const allowed = intervals(other)
  return intervals(one).every((inner) =>
    allowed.some(
      (outer) =>
        (inner.low > outer.low || (inner.low === outer.low && (outer.lowIn || !inner.lowIn))) &&
        (inner.high < outer.high || (inner.high === outer.high && (outer.highIn || !inner.highIn))),
    ),
  )
}

function intervals(expect: Expectation): readonly Interval[] {
  const below = (high: number, highIn: boolean) => ({ low: -Infinity, lowIn: false, high, highIn })
  const above = (low: number, lowIn: boolean) => ({ low, lowIn, high: Infinity, highIn: false })
  switch (expect.op) {
    case 'eq':
      return [{ low: expect.value, lowIn: true, high: expect.value, highIn: true }]
    case 'ne':
      return [below(expect.value, false), above(expect.value, false)]
    case 'lt':
      return [below(expect.value, false)]
    case 'le':
      return [below(expect.value, true)]
    case 'gt':
      return [above(expect.value, false)]
    case 'ge':
      return [above(expect.value, true)]
    case 'between':
      return [{ low: expect.low, lowIn: true, high: expect.high, highIn: true }]
    case 'notBetween':
      return [below(expect.low, false), above(expect.high, false)]
  }
}

const SIGNS = { eq: '=', ne: '≠', gt: '>', ge: '≥', lt: '<', le: '≤' } as const

function inWords({ check, expect, field }: QualityRule): string {
  const measure = check.type === 'library' ? check.metric : 'its query'
  const unit = check.type === 'library' ? ` ${check.unit}` : ''
  const of = field === null ? '' : ` of "${field}"`
  if (!('value' in expect)) {
    const not = expect.op === 'between' ? '' : 'not '
    return `${measure}${of} ${not}between ${expect.low} and ${expect.high}${unit}`
  }
  return `${measure}${of} ${SIGNS[expect.op]} ${expect.value}${unit}`
}
