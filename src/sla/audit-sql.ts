import type { SqlValue } from '../lake/index.ts'
import type { CheckPlan, MetricPlan } from './plan.ts'

/** The rows under audit, put into a table of their own so that every rule reads them once more without the lake. */
export const AUDITED_ROWS = 'temp.main.covenant_audited_rows'

/**
 * SQL of the one value that a check observes over the audited rows; `published` is the published relation that keys are
 * looked up in.
 */
export function observationSql(check: CheckPlan, published: string | null): string {
  switch (check.kind) {
    case 'latency':
      return `epoch_ms((SELECT max(${quote(check.field)}) FROM ${AUDITED_ROWS}))`
    case 'metric':
      return metricSql(check.metric)
    case 'sql':
      return `(${check.query
        .trim()
        .replace(/;$/, '')
        .replaceAll('{object}', AUDITED_ROWS)
        .replaceAll('{property}', check.field === null ? '*' : quote(check.field))})`
    case 'key':
      return `(${keySql(check.fields, published)})`
  }
}

function metricSql(plan: MetricPlan): string {
  switch (plan.metric) {
    case 'rowCount':
      return `(SELECT count(*) FROM ${AUDITED_ROWS})`
    case 'nullValues':
      return counted(plan.fields.map((field) => `${quote(field)} IS NULL`).join(' OR ') || 'false')
    case 'duplicateValues':
      return `(SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM ${AUDITED_ROWS} GROUP BY ${names(plan.fields)}))`
    case 'missingValues':
      return counted(
        plan.missing
          .map((value) =>
            value === null ? `${quote(plan.field)} IS NULL` : `${quote(plan.field)}::VARCHAR = ${literal(value)}`,
          )
          .join(' OR '),
      )
    case 'invalidValues': {
      const bad = [
        ...(plan.valid === null
          ? []
          : [`${quote(plan.field)}::VARCHAR NOT IN (${plan.valid.map(literal).join(', ')})`]),
        ...(plan.pattern === null
          ? []
          : [`NOT regexp_matches(${quote(plan.field)}::VARCHAR, ${literal(plan.pattern)})`]),
      ]
      return counted(`${quote(plan.field)} IS NOT NULL AND (${bad.join(' OR ') || 'false'})`)
    }
  }
}

/** New rows that share a key with another new row or with a published one. */
function keySql(fields: readonly string[], published: string | null): string {
  const key = names(fields)
  const within = `SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM ${AUDITED_ROWS} GROUP BY ${key})`
  if (published === null) return within
  return `SELECT (${within}) + (SELECT count(*) FROM ${AUDITED_ROWS} SEMI JOIN (SELECT ${key} FROM ${published}) USING (${key}))`
}

function counted(condition: string): string {
  return `(SELECT count(*) FILTER (WHERE ${condition}) FROM ${AUDITED_ROWS})`
}

function names(fields: readonly string[]): string {
  return fields.map(quote).join(', ')
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function literal(value: string | number): string {
  return `'${String(value).replaceAll("'", "''")}'`
}

/** A measured value as a number; `null` where there was nothing to measure. */
export function numberOf(value: SqlValue | undefined): number | null {
  if (value === null || value === undefined) return null
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}
