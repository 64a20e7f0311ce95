import type { Expression } from './types.ts'

/** A numeric or boolean (0 or 1) member of the request; `null` for any other. */
export function field(name: string): Expression {
  return Object.freeze({ op: 'field', field: name })
}

export function constant(value: number): Expression {
  return Object.freeze({ op: 'constant', value })
}

/**
 * Hour of the day, 0–23, of a timestamp member (ISO 8601 with offset) in an IANA time zone.
 *
 * @example hourOfDay('sched_dep', 'America/New_York')
 */
export function hourOfDay(member: string, timeZone = 'UTC'): Expression {
  return Object.freeze({ op: 'hourOfDay', field: member, timeZone })
}

/** Minute of the day, 0–1439, by the clock on the wall. */
export function minuteOfDay(member: string, timeZone = 'UTC'): Expression {
  return Object.freeze({ op: 'minuteOfDay', field: member, timeZone })
}

/** 1 (Monday) – 7 (Sunday). */
export function dayOfWeek(member: string, timeZone = 'UTC'): Expression {
  return Object.freeze({ op: 'dayOfWeek', field: member, timeZone })
}

/** 1 (January) – 12. */
export function month(member: string, timeZone = 'UTC'): Expression {
  return Object.freeze({ op: 'month', field: member, timeZone })
}

/**
 * Position of a text member in `values`; `values.length` for every other value and for null.
 *
 * @example indexOf('origin', ['EWR', 'JFK', 'LGA'])
 */
export function indexOf(member: string, values: readonly string[]): Expression {
  return Object.freeze({ op: 'indexOf', field: member, values: Object.freeze([...values]) })
}

export function add(left: Expression, right: Expression): Expression {
  return Object.freeze({ op: 'add', left, right })
}

export function subtract(left: Expression, right: Expression): Expression {
  return Object.freeze({ op: 'subtract', left, right })
}

export function multiply(left: Expression, right: Expression): Expression {
  return Object.freeze({ op: 'multiply', left, right })
}

/** `null` where `right` is 0. */
export function divide(left: Expression, right: Expression): Expression {
  return Object.freeze({ op: 'divide', left, right })
}
