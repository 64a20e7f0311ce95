import type { Duration } from '../../kernel/index.ts'
import type { AggregateName, BatchSource, StreamSource, WindowFeature } from './types.ts'

/** A window that holds all of the past: some hundred years. */
export const ALWAYS: Duration = '36500d'

/**
 * The source of a view that is computed from a warehouse model whenever `schedule` (cron, UTC) is due.
 *
 * @example batch('arrivals', { eventTime: 'arrived_at', schedule: '0 5 * * *' })
 */
export function batch(model: string, options: { readonly eventTime: string; readonly schedule: string }): BatchSource {
  return Object.freeze({ type: 'batch', model, eventTime: options.eventTime, schedule: options.schedule })
}

/** The source of a view that is fed from the validated records of a contract topic. */
export function stream(topic: string): StreamSource {
  return Object.freeze({ type: 'stream', topic })
}

/** Arithmetic mean of the values that are not null. */
export function mean(field: string, window: Duration): WindowFeature {
  return aggregate('mean', field, window)
}

/** Sum of the values that are not null. */
export function sum(field: string, window: Duration): WindowFeature {
  return aggregate('sum', field, window)
}

/** The smallest value. */
export function min(field: string, window: Duration): WindowFeature {
  return aggregate('min', field, window)
}

/** The greatest value. */
export function max(field: string, window: Duration): WindowFeature {
  return aggregate('max', field, window)
}

/** The value of the newest row, `null` where that row has none. Give a stream view a window as short as will do. */
export function last(field: string, window: Duration = ALWAYS): WindowFeature {
  return aggregate('last', field, window)
}

/**
 * Number of events, or of those whose field is not null.
 *
 * @example
 * count('3h') // events
 * count('dep_delay', '3h') // events with a departure delay
 */
export function count(window: Duration): WindowFeature
export function count(field: string, window: Duration): WindowFeature
export function count(fieldOrWindow: string, window?: Duration): WindowFeature {
  return window === undefined ? aggregate('count', null, fieldOrWindow) : aggregate('count', fieldOrWindow, window)
}

function aggregate(name: AggregateName, field: string | null, window: Duration): WindowFeature {
  return Object.freeze({ aggregate: name, field, window })
}
