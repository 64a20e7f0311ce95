import { DAY_MS, type EpochMs, MINUTE_MS } from '../../kernel/index.ts'

/** From `from` on, local time is UTC plus `offset` milliseconds. */
interface Stretch {
  readonly from: EpochMs
  readonly offset: number
}

/** Offsets are looked up for spans of about 400 days at a time: asking `Intl` costs microseconds, this nanoseconds. */
const SPAN_MS = 400 * DAY_MS

type Offset = (time: EpochMs) => number

const offsets = new Map<string, Offset>([['UTC', () => 0]])

/**
 * Milliseconds to add to a moment to get local time in an IANA time zone, as a fast function of the moment. Offset
 * changes are found to the minute. What was looked up stays in memory: a few numbers for each year and zone.
 *
 * @example timeZoneOffset('America/New_York')(Date.UTC(2013, 0, 1)) // -18000000
 */
export function timeZoneOffset(timeZone: string): Offset {
  const known = offsets.get(timeZone)
  if (known) return known
  const offset = lookUpOffsets(timeZone)
  offsets.set(timeZone, offset)
  return offset
}

function lookUpOffsets(timeZone: string): Offset {
  const format = offsetFormat(timeZone)
  const spans = new Map<number, readonly Stretch[]>()
  return (time) => {
    const span = Math.floor(time / SPAN_MS)
    let stretches = spans.get(span)
    if (stretches === undefined) {
      stretches = offsetsOfSpan(format, span * SPAN_MS)
      spans.set(span, stretches)
    }
    let index = stretches.length - 1
    while (stretches[index]!.from > time) index--
    return stretches[index]!.offset
  }
}

function offsetsOfSpan(format: Intl.DateTimeFormat, start: EpochMs): readonly Stretch[] {
  const stretches: Stretch[] = [{ from: start, offset: offsetAt(format, start) }]
  for (let day = start; day < start + SPAN_MS; day += DAY_MS) {
    const before = stretches.at(-1)!.offset
    const after = offsetAt(format, day + DAY_MS)
    if (after !== before) stretches.push({ from: changeBetween(format, day, day + DAY_MS, before), offset: after })
  }
  return stretches
}

function changeBetween(format: Intl.DateTimeFormat, from: EpochMs, to: EpochMs, before: number): EpochMs {
  let low = from
  let high = to
  while (high - low > MINUTE_MS) {
    const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS
    if (offsetAt(format, middle) === before) low = middle
    else high = middle
  }
  return high
}

function offsetFormat(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
}

function offsetAt(format: Intl.DateTimeFormat, time: EpochMs): number {
  const part: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(time)) part[type] = Number(value)
  const local = Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute, part.second)
  return local - Math.floor(time / 1_000) * 1_000
}
