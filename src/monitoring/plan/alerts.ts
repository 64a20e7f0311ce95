import { type EpochMs, stableId, toIso } from '../../kernel/index.ts'
import type { AlertRule } from '../define.ts'
import type { MonitorPoint } from '../ports.ts'

/** An alert as it follows from the points alone: opened and resolved by windows. */
export interface AlertSpan {
  readonly id: string
  readonly source: string
  readonly subject: string
  readonly message: string
  readonly openedBy: EpochMs
  /** `null` while it is open. */
  readonly resolvedBy: EpochMs | null
}

/**
 * The alerts of a rule: opened once when the value was past the limit in `windows` windows in a row, resolved once when
 * it is at `clear` or better (hysteresis). Computed from all points anew, so that repeating it changes nothing.
 *
 * @param points of one monitor, of any metric and subject, in order of their windows
 */
export function alertSpans(rule: AlertRule, points: readonly MonitorPoint[]): readonly AlertSpan[] {
  const bySubject = new Map<string, MonitorPoint[]>()
  for (const point of points) {
    if (point.metric !== rule.metric || (rule.subject !== null && point.subject !== rule.subject)) continue
    bySubject.set(point.subject, [...(bySubject.get(point.subject) ?? []), point])
  }
  return [...bySubject.values()].flatMap((series) => spansOf(rule, series))
}

function spansOf(rule: AlertRule, series: readonly MonitorPoint[]): readonly AlertSpan[] {
  const spans: AlertSpan[] = []
  let open: AlertSpan | null = null
  let inARow = 0
  for (const point of series) {
    inARow = isPast(rule.side, point.value, rule.limit) ? inARow + 1 : 0
    if (open === null && inARow >= rule.windows) open = opened(rule, point)
    else if (open !== null && !isPast(rule.side, point.value, rule.clear)) {
      spans.push({ ...open, resolvedBy: point.windowEnd })
      open = null
    }
  }
  return open === null ? spans : [...spans, open]
}

function isPast(side: AlertRule['side'], value: number, limit: number): boolean {
  return side === 'above' ? value > limit : value < limit
}

function opened(rule: AlertRule, { monitor, metric, subject, value, windowEnd }: MonitorPoint): AlertSpan {
  const about = subject === '' ? metric : `${metric} of ${subject}`
  const often = rule.windows === 1 ? '' : ` for ${rule.windows} windows`
  return {
    id: stableId('alert', monitor, rule, subject, windowEnd),
    source: sourceOf(metric),
    subject: subject === '' ? monitor : `${monitor}: ${subject}`,
    message: `${about} is ${Number(value.toPrecision(4))}, ${rule.side} ${rule.limit}${often}, in the window to ${toIso(windowEnd)}`,
    openedBy: windowEnd,
    resolvedBy: null,
  }
}

function sourceOf(metric: string): 'drift' | 'skew' | 'performance' {
  if (metric === 'skew') return 'skew'
  return metric.includes('drift') ? 'drift' : 'performance'
}
