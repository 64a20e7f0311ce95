/** A table that holds a contract's records, as PostgreSQL has to make it. Names are not quoted. */
export interface PostgresTable {
  readonly schema: string
  readonly name: string
  readonly comment: string | null
  readonly columns: readonly PostgresColumn[]
  readonly constraints: readonly PostgresConstraint[]
  /** What constraints call, in the order in which they have to be made. */
  readonly functions: readonly PostgresFunction[]
  /** Rules that the validator enforces and this table does not, each with the reason. */
  readonly notEnforced: readonly NotEnforced[]
}

export interface PostgresColumn {
  readonly name: string
  /** As PostgreSQL's `format_type` writes it. */
  readonly type: string
  readonly required: boolean
  readonly comment: string | null
}

export interface PostgresConstraint {
  /** Ends with a hash of what the constraint says: another rule has another name. */
  readonly name: string
  readonly kind: 'primary key' | 'unique' | 'check'
  /** `CHECK (…)`, `UNIQUE (…)`, `PRIMARY KEY (…)`. */
  readonly definition: string
}

export interface PostgresFunction {
  /** Ends with a hash of the definition. */
  readonly name: string
  /** `name(types)` in its schema, quoted: what DROP FUNCTION takes. */
  readonly signature: string
  /** The whole CREATE FUNCTION statement, without its semicolon. */
  readonly definition: string
  /** The text between its quotes, as the catalog keeps it. */
  readonly body: string
}

export interface NotEnforced {
  readonly ruleId: string
  readonly reason: string
}

/**
 * What a statement does to those who use the table meanwhile, and to its data.
 *
 * - `safe`: done at once, whatever the table holds
 * - `locking`: reads or rewrites all rows, or builds an index, while others wait
 * - `destructive`: data is lost
 */
export type MigrationEffect = 'safe' | 'locking' | 'destructive'

/** Part of a contract that PostgreSQL cannot be given with the meaning it has. */
export class NotExpressible extends Error {}
