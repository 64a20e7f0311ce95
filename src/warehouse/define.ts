/** How a model's rows are kept. */
export type Materialization =
  /** Rebuilt whole at each build. */
  | 'table'
  /** A view. */
  | 'view'
  /** Rows selected through `increment('<topic>')` are appended; each published row is seen once. */
  | 'incremental'

/**
 * A SQL model: one `SELECT` in `models/<name>.sql`. It names its inputs by `source('<topic>')` (the published rows of
 * a contract's table), `increment('<topic>')` (those published since this model's last build; incremental models
 * only) and `ref('<model>')`.
 */
export interface Model {
  readonly kind: 'model'
  readonly name: string
  readonly materialization: Materialization
  readonly description: string | null
  readonly sql: string
  readonly sources: readonly string[]
  readonly increments: readonly string[]
  readonly refs: readonly string[]
  /** Content hash of name, materialization and SQL. */
  readonly hash: string
}
