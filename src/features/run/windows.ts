import type { EpochMs } from '../../kernel/index.ts'
import type { AggregatePlan, FeaturePlan } from '../plan/feature-plan.ts'
import type { FeatureValue, OffsetRange, OnlineEvent } from '../ports.ts'

/** The events in `[q - window, q)` as indexes `from` (inclusive) and `to` (exclusive) into events sorted by time. */
export interface EventRange {
  readonly from: number
  readonly to: number
}

/** Index of the first event at or after `time`. */
export function firstAtOrAfter(events: readonly OnlineEvent[], time: EpochMs): number {
  let low = 0
  let high = events.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (events[middle]!.time < time) low = middle + 1
    else high = middle
  }
  return low
}

/** The features of one entity as of `q`, from its events sorted by time, partition and offset. */
export function aggregateWindows(plan: FeaturePlan, events: readonly OnlineEvent[], q: EpochMs): FeatureValue[] {
  const to = firstAtOrAfter(events, q)
  const starts = plan.windowsMs.map((windowMs) => firstAtOrAfter(events, q - windowMs))
  return plan.aggregates.map((aggregate) =>
    COMPUTE[aggregate.aggregate](events, aggregate, { from: starts[plan.windowsMs.indexOf(aggregate.windowMs)]!, to }),
  )
}

type Compute = (events: readonly OnlineEvent[], aggregate: AggregatePlan, range: EventRange) => FeatureValue

const COMPUTE: Readonly<Record<AggregatePlan['aggregate'], Compute>> = {
  count: (events, { field }, range) => (field === -1 ? range.to - range.from : sumOf(events, field, range).count),
  sum: (events, { field }, range) => {
    const { sum, count } = sumOf(events, field, range)
    return count === 0 ? null : sum
  },
  mean: (events, { field }, range) => {
    const { sum, count } = sumOf(events, field, range)
    return count === 0 ? null : sum / count
  },
  min: (events, { field }, range) => extreme(events, field, range, -1),
  max: (events, { field }, range) => extreme(events, field, range, 1),
  last: (events, { field }, { from, to }) => (to > from ? events[to - 1]!.values[field]! : null),
}

function sumOf(events: readonly OnlineEvent[], field: number, { from, to }: EventRange) {
  let sum = 0
  let count = 0
  for (let index = from; index < to; index++) {
    const value = events[index]!.values[field]!
    if (value === null) continue
    sum += value
    count++
  }
  return { sum, count }
}

function extreme(events: readonly OnlineEvent[], field: number, { from, to }: EventRange, sign: 1 | -1): FeatureValue {
  let found: FeatureValue = null
  for (let index = from; index < to; index++) {
    const value = events[index]!.values[field]!
    if (value !== null && (found === null || (value - found) * sign > 0)) found = value
  }
  return found
}

/** For each partition the first and the last offset of the events in `range`. */
export function offsetRanges(events: readonly OnlineEvent[], { from, to }: EventRange): OffsetRange[] {
  const ranges = new Map<number, { partition: number; fromOffset: number; toOffset: number }>()
  for (let index = from; index < to; index++) {
    const { partition, offset } = events[index]!
    const range = ranges.get(partition)
    if (range === undefined) ranges.set(partition, { partition, fromOffset: offset, toOffset: offset })
    else {
      range.fromOffset = Math.min(range.fromOffset, offset)
      range.toOffset = Math.max(range.toOffset, offset)
    }
  }
  return [...ranges.values()].sort((a, b) => a.partition - b.partition)
}
