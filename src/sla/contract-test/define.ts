import type { Json } from '../../kernel/index.ts'

/**
 * What a test says of one check: `warn` is a failed check of severity warning, `error` one that could not be evaluated,
 * `skip` one that was not.
 */
export type TestStatus = 'pass' | 'fail' | 'warn' | 'error' | 'skip'

/** A row that a check counts. */
export interface FailingRow {
  /** Its key: the contract's record key, else its primary key; `null` where there is none. */
  readonly key: Readonly<Record<string, Json>> | null
  /** Where it stands: 1-based row or line, or the offset in a topic; `null` where the key says it. */
  readonly row: number | null
  /** What was found, as dead letters show it: JSON of at most 80 characters, of longer strings the length. */
  readonly got: string
}

/** The result of one check. */
export interface TestCheck {
  /** Of the schema: the validator's rule id. Of quality rules: their id. Of keys: `unique(<fields>)`. */
  readonly id: string
  readonly kind: 'schema' | 'key' | 'quality' | 'rule'
  /** The field that it concerns; `null` for the record, or the data as a whole. */
  readonly field: string | null
  readonly dimension: string
  readonly severity: 'error' | 'warning'
  readonly status: TestStatus
  /** The expectation in words, e.g. `at least 50` or `= 0 rows`. */
  readonly expected: string
  /** Rows that break the rule; `null` where the check does not count rows. */
  readonly failed: number | null
  /** Rows that were looked at. */
  readonly rows: number
  /** What a quality rule measured, in its unit; `null` where there was nothing to measure. */
  readonly observed: number | null
  /** Why a check has its status, where the numbers do not say it. */
  readonly reason: string | null
  /** The first rows that break the rule, in the order of the data. */
  readonly examples: readonly FailingRow[]
}

/** The result of a test of data against a contract. */
export interface TestReport {
  readonly contractId: string
  readonly contractVersion: string
  /** What was tested: a path, a table, a topic. */
  readonly source: string
  readonly status: 'pass' | 'warn' | 'fail'
  readonly rows: number
  /** Rows that break a rule of the schema: as records, they would be dead letters. */
  readonly failingRows: number
  readonly checks: readonly TestCheck[]
}

/** What a part of a test found. */
export interface TestFindings {
  readonly rows: number
  readonly failingRows: number
  readonly checks: readonly TestCheck[]
}
