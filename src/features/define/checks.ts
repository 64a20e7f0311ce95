import { Cron } from 'croner'
import { CovenantError, messageOf, parseDuration } from '../../kernel/index.ts'
import type { FeaturesErrorCode } from '../errors.ts'
import type { BatchSource, Expression, StreamSource, WindowFeature } from './types.ts'

const NAME = /^[a-z](?:_?[a-z0-9])*$/

/** Names become columns `<view>__<feature>`: two underscores in a row would make them ambiguous. */
export function checkName(name: string, where: string): void {
  if (NAME.test(name)) return
  const remedy = 'Use lower case letters, digits and single underscores between them, beginning with a letter.'
  throw refusal('FEATURES_BAD_NAME', `${JSON.stringify(name)} cannot be used as a name.`, where, remedy)
}

/** SQL columns do not tell `Id` from `id`. */
export function checkDistinct(names: readonly string[], where: string): void {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name.toLowerCase()))
      throw refusal('FEATURES_DUPLICATE_NAME', `The name ${name} is used twice or is reserved.`, where, 'Rename one.')
    seen.add(name.toLowerCase())
  }
}

export function checkNotEmpty(items: readonly unknown[], noun: string, where: string): void {
  if (items.length === 0)
    throw refusal('FEATURES_EMPTY', `There is no ${noun}.`, where, `Give it at least one ${noun}.`)
}

/** The name of a column, member, model or topic that is defined elsewhere. */
export function checkReference(name: unknown, noun: string, where: string): void {
  if (typeof name === 'string' && name !== '') return
  const message = `The ${noun} should be a name, but is ${JSON.stringify(name) ?? 'missing'}.`
  throw refusal('FEATURES_BAD_FIELD', message, where, `Name the ${noun}.`)
}

export function checkSource(source: BatchSource | StreamSource, where: string): void {
  if (source.type === 'stream') checkReference(source.topic, 'topic', where)
  else checkBatchSource(source, where)
}

function checkBatchSource(source: BatchSource, where: string): void {
  checkReference(source.model, 'model', where)
  checkReference(source.eventTime, 'event time column', where)
  try {
    new Cron(source.schedule, { timezone: 'UTC' })
  } catch (cause) {
    const message = `The schedule ${JSON.stringify(source.schedule)} is not a cron expression: ${messageOf(cause)}.`
    throw refusal('FEATURES_BAD_SCHEDULE', message, where, "Write five fields, such as '0 5 * * *' for 05:00 UTC.")
  }
}

export function checkWindow({ aggregate, field, window }: WindowFeature, where: string): void {
  if (aggregate !== 'count' || field !== null) checkReference(field, `field of ${aggregate}`, where)
  const ms = typeof window === 'string' ? parseDuration(window) : undefined
  if (ms !== undefined && ms >= 1 && Number.isSafeInteger(ms)) return
  const message = `The window ${JSON.stringify(window)} is not a duration of whole milliseconds.`
  throw refusal('FEATURES_UNKNOWN_DURATION', message, where, "Write a number and a unit, such as '15m', '6h' or '28d'.")
}

export function checkExpression(expression: Expression, where: string): void {
  if ('left' in expression) {
    checkExpression(expression.left, where)
    checkExpression(expression.right, where)
  } else if (expression.op === 'constant') {
    checkConstant(expression.value, where)
  } else {
    checkReference(expression.field, `field of ${expression.op}`, where)
    if (expression.op === 'indexOf') checkDistinctValues(expression.values, where)
    if ('timeZone' in expression) checkTimeZone(expression.timeZone, where)
  }
}

function checkConstant(value: number, where: string): void {
  if (!Number.isFinite(value))
    throw refusal('FEATURES_BAD_EXPRESSION', `The constant ${value} is not finite.`, where, 'Write a number.')
}

function checkDistinctValues(values: readonly string[], where: string): void {
  if (new Set(values).size === values.length) return
  const message = `The values of indexOf are not distinct: ${values.join(', ')}.`
  throw refusal('FEATURES_BAD_EXPRESSION', message, where, 'List each value once.')
}

function checkTimeZone(timeZone: string, where: string): void {
  try {
    // Offsets such as +05:00 are a time zone to JavaScript, but not to every engine.
    if (!/^[A-Za-z]/.test(timeZone)) throw new RangeError('not a name')
    new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    const message = `The time zone ${JSON.stringify(timeZone)} is unknown.`
    throw refusal('FEATURES_UNKNOWN_TIME_ZONE', message, where, 'Use an IANA name such as America/New_York or UTC.')
  }
}

function refusal(code: FeaturesErrorCode, message: string, where: string, remedy: string): CovenantError {
  return new CovenantError({ code, message, where, remedy })
}
