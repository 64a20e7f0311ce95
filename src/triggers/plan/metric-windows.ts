import { type EpochMs, toIso } from '../../kernel/index.ts'
import type { MonitorPoint } from '../../monitoring/index.ts'
import type { MetricBound, MetricSource } from '../define.ts'

/** A window at whose end a metric asks for a run. */
export interface MetricSignal {
  readonly windowEnd: EpochMs
  readonly cause: string
}

/**
 * The windows at which a metric signals: the value of the window and of `windows` among the last `of` are bad, and it
 * was good since the last signal (hysteresis: a value that stays bad signals once).
 *
 * @param points values of one metric and subject, in order of their windows
 */
export function metricSignals(source: MetricSource, points: readonly MonitorPoint[]): readonly MetricSignal[] {
  const signals: MetricSignal[] = []
  const verdicts = points.map((_, index) => judge(source.bound, points, index))
  let armed = true
  for (const [index, verdict] of verdicts.entries()) {
    if (verdict === 'good') armed = true
    const bad = verdicts.slice(Math.max(0, index - source.of + 1), index + 1).filter((each) => each === 'bad').length
    if (!armed || verdict !== 'bad' || bad < source.windows) continue
    armed = false
    signals.push({ windowEnd: points[index]!.windowEnd, cause: causeOf(source, points[index]!) })
  }
  return signals
}

/** `between`: past the limit no more, and not yet at `clear`. */
function judge(bound: MetricBound, points: readonly MonitorPoint[], index: number): 'good' | 'between' | 'bad' {
  const { value } = points[index]!
  if (bound.type !== 'drop') {
    const past = (limit: number) => (bound.type === 'below' ? value < limit : value > limit)
    return past(bound.limit) ? 'bad' : past(bound.clear) ? 'between' : 'good'
  }
  const before = points.slice(Math.max(0, index - bound.over), index)
  if (before.length < bound.over) return 'good'
  const mean = before.reduce((sum, point) => sum + point.value, 0) / before.length
  return mean - value >= bound.by ? 'bad' : 'good'
}

function causeOf({ metric, subject, monitor, bound, windows, of }: MetricSource, point: MonitorPoint): string {
  const about = subject === '' ? metric : `${metric} of ${subject}`
  const value = Number(point.value.toPrecision(4))
  const limit =
    bound.type === 'drop'
      ? `${bound.by} below the mean of the ${bound.over} windows before`
      : `${bound.type} ${bound.limit}`
  const often = of === 1 ? '' : `, ${windows} of ${of} windows`
  return `${about} in monitor ${monitor} is ${value} (${limit}${often}) in the window to ${toIso(point.windowEnd)}`
}
