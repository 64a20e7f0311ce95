import type { Contract, Expectation, Field, QualityRule } from '../contract/index.ts'

/** One check of an audit, free of any engine. */
export type CheckPlan = {
  readonly id: string
  readonly dimension: string
  readonly severity: 'error' | 'warning'
} & (
  | { readonly kind: 'latency'; readonly field: string; readonly maxAgeMs: number }
  | {
      readonly kind: 'metric'
      readonly metric: MetricPlan
      readonly unit: 'rows' | 'percent'
      readonly expect: Expectation
    }
  | { readonly kind: 'sql'; readonly query: string; readonly field: string | null; readonly expect: Expectation }
  /** The fields are a key: no two of the new rows, and no new and published row, share it. */
  | { readonly kind: 'key'; readonly fields: readonly string[] }
)

export type MetricPlan =
  | { readonly metric: 'rowCount' }
  | { readonly metric: 'nullValues' | 'duplicateValues'; readonly fields: readonly string[] }
  | { readonly metric: 'missingValues'; readonly field: string; readonly missing: readonly (string | number | null)[] }
  | {
      readonly metric: 'invalidValues'
      readonly field: string
      readonly valid: readonly (string | number)[] | null
      readonly pattern: string | null
    }

/** What an audit of a contract looks at. */
export interface AuditPlan {
  readonly contractId: string
  readonly contractVersion: string
  readonly topic: string
  /** Field with the event time, by which rows that are new are told from rows that were sent again. */
  readonly eventTime: string | null
  /** Cron expressions (UTC) of the audit; where there is none, every new snapshot is audited. */
  readonly schedules: readonly string[]
  readonly checks: readonly CheckPlan[]
}

/**
 * Compiles a contract to its audit: its latency level, its quality rules, its keys. Levels that an audit of rows cannot
 * measure (retention, availability …) are not part of it.
 */
export function auditPlan(contract: Contract): AuditPlan {
  return {
    contractId: contract.id,
    contractVersion: contract.version,
    topic: contract.topic,
    eventTime: contract.eventTime,
    schedules: [...new Set([...contract.sla, ...contract.quality].flatMap(({ schedule }) => schedule ?? []))],
    checks: [...latencyChecks(contract), ...contract.quality.map(qualityCheck), ...keyChecks(contract)],
  }
}

function latencyChecks({ sla, eventTime }: Contract): readonly CheckPlan[] {
  return sla.flatMap(({ property, valueMs, field }, index) => {
    const measured = field ?? eventTime
    if (property !== 'latency' || valueMs === null || measured === null) return []
    const id =
      index === 0 || sla.filter((level) => level.property === 'latency').length === 1 ? 'latency' : `latency-${index}`
    return [{ id, dimension: 'timeliness', severity: 'error', kind: 'latency', field: measured, maxAgeMs: valueMs }]
  })
}

function qualityCheck(rule: QualityRule): CheckPlan {
  const base = { id: rule.id, dimension: rule.dimension ?? 'conformity', severity: rule.severity, expect: rule.expect }
  const { check, field } = rule
  if (check.type === 'sql') return { ...base, kind: 'sql', query: check.query, field }
  return { ...base, kind: 'metric', unit: check.unit, metric: metricPlan(rule) }
}

function metricPlan({ check, field }: QualityRule): MetricPlan {
  if (check.type === 'sql' || check.metric === 'rowCount') return { metric: 'rowCount' }
  const { metric, arguments: given } = check
  const listed = Array.isArray(given.properties) ? given.properties.map(String) : []
  const fields = listed.length > 0 ? listed : field === null ? [] : [field]
  switch (metric) {
    case 'nullValues':
    case 'duplicateValues':
      return { metric, fields }
    case 'missingValues':
      return { metric, field: fields[0] ?? '', missing: scalars(given.missingValues) }
    case 'invalidValues':
      return {
        metric,
        field: fields[0] ?? '',
        valid: Array.isArray(given.validValues) ? (scalars(given.validValues) as (string | number)[]) : null,
        pattern: typeof given.pattern === 'string' ? given.pattern : null,
      }
  }
}

function scalars(values: unknown): readonly (string | number | null)[] {
  if (!Array.isArray(values)) return [null]
  return values.filter(
    (value): value is string | number | null =>
      value === null || typeof value === 'string' || typeof value === 'number',
  )
}

/** Change events repeat their keys by nature, so only events have keys to check. */
function keyChecks({ cdc, fields }: Contract): readonly CheckPlan[] {
  if (cdc !== null) return []
  const primary = fields
    .filter((field): field is Field & { primaryKeyPosition: number } => field.primaryKeyPosition !== null)
    .sort((a, b) => a.primaryKeyPosition - b.primaryKeyPosition)
    .map(({ name }) => name)
  const keys = [primary, ...fields.filter(({ unique }) => unique).map(({ name }) => [name])].filter(
    (key) => key.length > 0,
  )
  const distinct = new Map(keys.map((key) => [key.join(','), key]))
  return [...distinct].map(([name, key]) => ({
    id: `unique(${name})`,
    dimension: 'uniqueness',
    severity: 'error',
    kind: 'key',
    fields: key,
  }))
}

/** Whether an observed value meets an expectation; bounds of `between` are inclusive. */
export function meets(observed: number, expect: Expectation): boolean {
  switch (expect.op) {
    case 'eq':
      return observed === expect.value
    case 'ne':
      return observed !== expect.value
    case 'gt':
      return observed > expect.value
    case 'ge':
      return observed >= expect.value
    case 'lt':
      return observed < expect.value
    case 'le':
      return observed <= expect.value
    case 'between':
      return observed >= expect.low && observed <= expect.high
    case 'notBetween':
      return observed < expect.low || observed > expect.high
  }
}

const SIGNS = { eq: '=', ne: '≠', gt: '>', ge: '≥', lt: '<', le: '≤' } as const

/** The expectation in words, e.g. `≤ 5 percent`. */
export function expectationText(expect: Expectation, unit: string): string {
  const suffix = unit === '' ? '' : ` ${unit}`
  if ('low' in expect)
    return `${expect.op === 'between' ? '' : 'not '}between ${expect.low} and ${expect.high}${suffix}`
  return `${SIGNS[expect.op]} ${expect.value}${suffix}`
}
