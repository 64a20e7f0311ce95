import type { RuleStage } from '../contract/index.ts'

/** Stable names of the ways a record can violate its contract. */
export type ViolationCode =
  | 'encoding'
  | 'parse'
  | 'unknown-version'
  | 'transform'
  | 'type'
  | 'required'
  | 'minLength'
  | 'maxLength'
  | 'pattern'
  | 'enum'
  | 'minimum'
  | 'maximum'
  | 'exclusiveMinimum'
  | 'exclusiveMaximum'
  | 'multipleOf'
  | 'earliest'
  | 'latest'
  | 'minItems'
  | 'maxItems'
  | 'uniqueItems'
  | 'rule'

/** One rule that a record breaks at one place. */
export interface Violation {
  /**
   * `<path>.<code>` with `[]` for any item and `{}` for any map member, of a record rule (`code` is `rule`) its id:
   * equal for all records that break the rule.
   */
  readonly ruleId: string
  /** Where: `tailnum`, `after.year`, `legs[2].origin`; empty for the record as a whole. */
  readonly path: string
  readonly code: ViolationCode
  /** What the contract wants, as a phrase: `at most 200`. */
  readonly expected: string
  /** What was found, as JSON of at most 80 characters; of longer strings only the length. */
  readonly got: string
  /** `warning` where it is a record rule that is not enforced. */
  readonly severity: 'error' | 'warning'
  /** Of a record rule. */
  readonly stage?: RuleStage
}

/**
 * `violations` are what the record is refused for. `warnings` are record rules in the stages `shadow` and `warn` that it
 * breaks: they refuse nothing.
 */
export type Verdict =
  | { readonly valid: true; readonly warnings: readonly Violation[] }
  | { readonly valid: false; readonly violations: readonly Violation[]; readonly warnings: readonly Violation[] }

/** Holds record values against one contract version. */
export interface Validator {
  /** The verdict on a record's value bytes; never throws, whatever the bytes. `null` is a tombstone. */
  validate(value: Uint8Array | null): Verdict
}

/** Where a record failed. `key`: it conforms, and waits for an earlier record of its key. */
export type DeadLetterStage = 'wire' | 'schema' | 'rule' | 'transform' | 'key'

/** A record that breaks more rules is told the first 100. */
export const VIOLATIONS_MAX = 100
