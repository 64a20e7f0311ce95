import { isMoment } from '../../contract/index.ts'
import { DAY_MS, type EpochMs, HOUR_MS, type Json, MINUTE_MS } from '../../kernel/index.ts'
import type { Expression, OnDemandView } from '../define/types.ts'
import type { FeatureRequest, FeatureValue } from '../ports.ts'
import { numberOf } from './feature-plan.ts'
import { timeZoneOffset } from './time-zone.ts'

type Evaluate = (request: FeatureRequest) => FeatureValue

/** One function for each feature of the view, in order. Equal to `expressionSql` for equal members. */
export function compileOnDemandView(view: OnDemandView): readonly Evaluate[] {
  return Object.values(view.features).map((expression) => {
    const evaluate = compile(expression)
    return (request) => {
      const value = evaluate(request)
      return value !== null && Number.isFinite(value) ? value : null
    }
  })
}

function compile(expression: Expression): Evaluate {
  switch (expression.op) {
    case 'field':
      return ({ [expression.field]: value }) => numberOf(value)
    case 'constant':
      return () => expression.value
    case 'indexOf':
      return compileIndexOf(expression.field, expression.values)
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide':
      return compileArithmetic(expression.op, compile(expression.left), compile(expression.right))
    default:
      return compileCalendar(expression.op, expression.field, expression.timeZone)
  }
}

function compileIndexOf(field: string, values: readonly string[]): Evaluate {
  const positions = new Map(values.map((value, index) => [value, index]))
  return ({ [field]: value }) => {
    const scalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    return (scalar ? positions.get(String(value)) : undefined) ?? values.length
  }
}

type Arithmetic = 'add' | 'subtract' | 'multiply' | 'divide'

const ARITHMETIC: Readonly<Record<Arithmetic, (left: number, right: number) => FeatureValue>> = {
  add: (left, right) => left + right,
  subtract: (left, right) => left - right,
  multiply: (left, right) => left * right,
  divide: (left, right) => (right === 0 ? null : left / right),
}

function compileArithmetic(op: Arithmetic, left: Evaluate, right: Evaluate): Evaluate {
  const compute = ARITHMETIC[op]
  return (request) => {
    const leftValue = left(request)
    if (leftValue === null) return null
    const rightValue = right(request)
    return rightValue === null ? null : compute(leftValue, rightValue)
  }
}

type Calendar = 'hourOfDay' | 'minuteOfDay' | 'dayOfWeek' | 'month'

/** Of local time, given as if it were UTC. 1970-01-01 was a Thursday, the fourth day of its week. */
const CALENDAR: Readonly<Record<Calendar, (local: EpochMs) => number>> = {
  hourOfDay: (local) => Math.floor(timeOfDay(local) / HOUR_MS),
  minuteOfDay: (local) => Math.floor(timeOfDay(local) / MINUTE_MS),
  dayOfWeek: (local) => ((((Math.floor(local / DAY_MS) + 3) % 7) + 7) % 7) + 1,
  month: (local) => new Date(local).getUTCMonth() + 1,
}

function timeOfDay(local: EpochMs): number {
  return local - Math.floor(local / DAY_MS) * DAY_MS
}

function compileCalendar(op: Calendar, field: string, timeZone: string): Evaluate {
  const read = CALENDAR[op]
  const offset = timeZoneOffset(timeZone)
  return ({ [field]: value }) => {
    const time = timestampOf(value)
    return time === null ? null : read(time + offset(time))
  }
}

/** Text has the form that contracts demand of a timestamp. */
function timestampOf(value: Json | undefined): EpochMs | null {
  return typeof value === 'string' && isMoment('timestamp', value) ? Date.parse(value) : null
}
