import { quoteName, quoteText } from '../../kernel/index.ts'
import type { Expression } from '../define/types.ts'
import { numeric } from './sql-text.ts'

/**
 * The SQL (DuckDB) of an on-demand feature over the columns of a relation: a DOUBLE, null where it is not finite.
 * Timestamp members are TIMESTAMP (UTC) columns or ISO 8601 text.
 */
export function expressionSql(expression: Expression, relation: string): string {
  const value = compile(expression, relation)
  return isArithmetic(expression) ? `CASE WHEN isfinite(${value}) THEN ${value} END` : value
}

function isArithmetic(expression: Expression): boolean {
  return 'left' in expression || expression.op === 'field'
}

const OPERATOR = { add: '+', subtract: '-', multiply: '*' } as const

function compile(expression: Expression, relation: string): string {
  switch (expression.op) {
    case 'field':
      return `(${numeric(column(expression.field, relation))})`
    case 'constant':
      return `CAST(${quoteText(String(expression.value))} AS DOUBLE)`
    case 'indexOf':
      return indexOfSql(column(expression.field, relation), expression.values)
    case 'divide':
      return `(${compile(expression.left, relation)} / nullif(${compile(expression.right, relation)}, 0))`
    case 'add':
    case 'subtract':
    case 'multiply':
      return `(${compile(expression.left, relation)} ${OPERATOR[expression.op]} ${compile(expression.right, relation)})`
    default:
      return calendarSql(expression.op, column(expression.field, relation), expression.timeZone)
  }
}

function column(field: string, relation: string): string {
  return `${relation}.${quoteName(field)}`
}

function indexOfSql(member: string, values: readonly string[]): string {
  const cases = values.map((value, index) => `WHEN ${quoteText(value)} THEN ${index}`)
  const other = `CAST(${values.length} AS DOUBLE)`
  return cases.length === 0 ? other : `CASE CAST(${member} AS VARCHAR) ${cases.join(' ')} ELSE ${other} END`
}

const CALENDAR = {
  hourOfDay: (local: string) => `hour(${local})`,
  minuteOfDay: (local: string) => `hour(${local}) * 60 + minute(${local})`,
  dayOfWeek: (local: string) => `isodow(${local})`,
  month: (local: string) => `month(${local})`,
} as const

const TIMESTAMP_TEXT = "'\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)'"

/** A cast from text to TIMESTAMP would drop the offset that the text ends with. */
function utcSql(member: string): string {
  const ofText = `timezone('UTC', TRY_CAST(CAST(${member} AS VARCHAR) AS TIMESTAMPTZ))`
  const isTimestampText = `regexp_full_match(CAST(${member} AS VARCHAR), ${TIMESTAMP_TEXT})`
  return `CASE WHEN typeof(${member}) <> 'VARCHAR' THEN TRY_CAST(${member} AS TIMESTAMP) WHEN ${isTimestampText} THEN ${ofText} END`
}

function calendarSql(op: keyof typeof CALENDAR, member: string, timeZone: string): string {
  const utc = utcSql(member)
  const local = timeZone === 'UTC' ? utc : `timezone(${quoteText(timeZone)}, timezone('UTC', ${utc}))`
  return `CAST(${CALENDAR[op](local)} AS DOUBLE)`
}
