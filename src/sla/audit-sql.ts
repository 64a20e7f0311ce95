import { type EpochMs, quoteName, quoteText } from '../kernel/index.ts'
import type { CheckPlan, MetricPlan } from './plan.ts'

/** The rows under audit within the statement that measures them. */
const AUDITED_ROWS = 'covenant_audited_rows'

/** What one field says about time over some rows: columns `first`, `last` and `happened` with a suffix. */
export interface TimeColumns {
  readonly field: string
  readonly suffix: string
}

/**
 * The one statement of an audit: `rows`, `c<index>` of each check but the latencies, and the times of fields. It reads
 * the lake once, and of it only the columns that some check uses.
 */
export function auditSql(
  rows: string,
  checks: readonly CheckPlan[],
  times: readonly TimeColumns[],
  now: EpochMs,
): string {
  const measured = checks.flatMap((check, index) => {
    const sql = checkSql(check)
    return sql === null ? [] : [`${sql} AS c${index}`]
  })
  const columns = ['count(*) AS rows', ...measured, ...times.map((time) => timesSql(time, now))]
  return `WITH ${AUDITED_ROWS} AS MATERIALIZED (SELECT * FROM ${rows}) SELECT ${columns.join(', ')} FROM ${AUDITED_ROWS}`
}

/**
 * The first and last time (epoch milliseconds), the same as literals, the last one that is not in the future, and how
 * many rows have a time.
 */
export function timesSql({ field, suffix }: TimeColumns, now: EpochMs): string {
  const time = `${quoteName(field)}::TIMESTAMP`
  return [
    `epoch_ms(min(${time})) AS first${suffix}`,
    `epoch_ms(max(${time})) AS last${suffix}`,
    `min(${time})::VARCHAR AS first_text${suffix}`,
    `max(${time})::VARCHAR AS last_text${suffix}`,
    `epoch_ms(max(${time}) FILTER (WHERE ${time} <= epoch_ms(${now}))) AS happened${suffix}`,
    `count(${time}) AS timed${suffix}`,
  ].join(', ')
}

/** Counts the rows of one relation that share a key with a row of another. */
export function repeatsOfSql(fields: readonly string[], rows: string, published: string): string {
  const key = names(fields)
  return `SELECT count(*) AS repeats FROM (SELECT ${key} FROM ${rows}) SEMI JOIN (SELECT ${key} FROM ${published}) USING (${key})`
}

function checkSql(check: CheckPlan): string | null {
  switch (check.kind) {
    case 'latency':
      return null
    case 'metric':
      return metricSql(check.metric)
    case 'key':
      return repeated(check.fields)
    case 'sql':
      return ruleSql(check)
  }
}

/** A contract's own query over `rows`; the line break ends a comment that it may end in. */
export function ruleSql({ query, field }: Extract<CheckPlan, { kind: 'sql' }>, rows = AUDITED_ROWS): string {
  const text = query.trim().replace(/;$/, '')
  return `(${text.replaceAll('{object}', rows).replaceAll('{property}', field === null ? '*' : quoteName(field))}\n)`
}

/** A metric as an aggregate over the rows. */
export function metricSql(plan: MetricPlan): string {
  if (plan.metric === 'rowCount') return 'count(*)'
  return plan.metric === 'duplicateValues' ? repeated(plan.fields) : `count(*) FILTER (WHERE ${countedRows(plan)})`
}

/** The condition of the rows that a metric counts; `null` where no row alone decides. */
export function countedRows(plan: MetricPlan): string | null {
  switch (plan.metric) {
    case 'rowCount':
    case 'duplicateValues':
      return null
    case 'nullValues':
      return any(plan.fields.map((field) => `${quoteName(field)} IS NULL`))
    case 'missingValues':
      return any(plan.missing.map((value) => equals(plan.field, value)))
    case 'invalidValues':
      return any(invalid(plan))
  }
}

function invalid({ field, valid, pattern }: Extract<MetricPlan, { metric: 'invalidValues' }>): readonly string[] {
  const name = quoteName(field)
  const listed = valid?.map((value) => equals(field, value)).join(' OR ')
  return [
    ...(listed === undefined ? [] : [`(${name} IS NOT NULL AND NOT (${listed || 'false'}))`]),
    ...(pattern === null ? [] : [`coalesce(NOT regexp_matches(${name}::VARCHAR, ${quoteText(pattern)}), false)`]),
  ]
}

/** Rows beyond the first of each value. A value with a null repeats nothing, as in a UNIQUE constraint of SQL. */
export function repeated(fields: readonly string[]): string {
  const given = `FILTER (WHERE ${fields.map((field) => `${quoteName(field)} IS NOT NULL`).join(' AND ')})`
  return `count(*) ${given} - count(DISTINCT (${names(fields)})) ${given}`
}

/** Numbers are compared as numbers: the text of a DOUBLE 1 is `1.0`. */
function equals(field: string, value: string | number | null): string {
  if (value === null) return `${quoteName(field)} IS NULL`
  if (typeof value === 'number') return `coalesce(TRY_CAST(${quoteName(field)} AS DOUBLE) = ${value}, false)`
  return `coalesce(${quoteName(field)}::VARCHAR = ${quoteText(value)}, false)`
}

function any(conditions: readonly string[]): string {
  return conditions.join(' OR ') || 'false'
}

function names(fields: readonly string[]): string {
  return fields.map(quoteName).join(', ')
}
