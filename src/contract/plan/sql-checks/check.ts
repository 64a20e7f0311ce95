import type { FieldPlan } from '../../define.ts'

/** A column of the data under test, with its type as DuckDB names it. */
export interface TestColumn {
  readonly name: string
  readonly type: string
}

/** One rule of the schema: what the validator tells by the same id. */
export interface SchemaCheck {
  /** `<path>.<code>`, with `[]` for any item and `{}` for any member of a map: the validator's rule id. */
  readonly ruleId: string
  /** The field of the record that it concerns. */
  readonly field: string
  readonly code: string
  /** The field or item that has the rule. */
  readonly plan: FieldPlan
}

/** A rule over the columns of a table. */
export interface ColumnCheck extends SchemaCheck {
  /** SQL that is true (never null) for the rows that break the rule. */
  readonly violated: string
  /** SQL of the value that breaks it. */
  readonly value: string
}

/** A rule that no row can decide: the column is missing, or its type cannot hold what the contract says. */
export interface ColumnFault extends SchemaCheck {
  readonly message: string
  /** `warning` where the validator would let the rows pass. */
  readonly severity: 'error' | 'warning'
}

/**
 * Rules that SQL cannot express with the same meaning (RE2 against ECMA-262, nested values …): the validator judges the
 * distinct values, and what it refuses stands in the table `table` with the columns `rule` and `value`.
 */
export interface OwnJudgement {
  readonly table: string
  /** SQL of the value's JSON text; null where there is nothing to judge. */
  readonly json: string
  /** What judges it: a plan for a record with this one field. */
  readonly plan: FieldPlan
}

/** A schema as checks over the columns of one table. */
export interface ColumnChecks {
  readonly checks: readonly ColumnCheck[]
  readonly faults: readonly ColumnFault[]
  readonly judgements: readonly OwnJudgement[]
}

/** A field of the contract and the column that holds it. */
export interface FieldColumn {
  readonly field: FieldPlan
  /** `undefined` where the data has no such column. */
  readonly column: TestColumn | undefined
}
