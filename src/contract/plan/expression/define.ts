import type { LogicalType } from '../../logical-type.ts'

/** Types that are compared: `instant` and `duration` are whole nanoseconds. */
export type ScalarType = 'boolean' | 'integer' | 'number' | 'string' | 'date' | 'instant' | 'duration'

/** A constant. Instants (since 1970-01-01T00:00:00Z) and durations are whole nanoseconds, written as decimal text. */
export interface Constant {
  readonly op: 'constant'
  readonly type: ScalarType
  readonly value: boolean | number | string
}

/**
 * A rule about a record, free of any engine: what every executor of a plan translates or evaluates. Typed throughout, so
 * that no executor has to guess. `docs/guides/rules.md` gives the exact meaning; `evaluate.ts` is the reference.
 *
 * Every node has a value of its type or none. A member that is missing, null or not of its type has none; so has an
 * operation on none, an integer beyond ±(2^53 − 1), a number that is not finite, and a division by zero.
 */
export type Expression =
  | Constant
  /** The record; of a change event its row. */
  | { readonly op: 'record' }
  /** What `all` or `exists` looks at, by the name of their variable. */
  | { readonly op: 'item'; readonly name: string; readonly type: LogicalType }
  | { readonly op: 'member'; readonly of: Expression; readonly name: string; readonly type: LogicalType }
  /** Whether there is a value: always true or false. */
  | { readonly op: 'present'; readonly value: Expression }
  | { readonly op: 'not'; readonly value: Expression }
  /** False where one is false, else none where one has no value. `or` the same with true. */
  | { readonly op: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly op: 'if'; readonly condition: Expression; readonly whenTrue: Expression; readonly whenFalse: Expression }
  /** Numbers by value, texts by code point, `date` by its text. */
  | {
      readonly op: 'equal' | 'less' | 'lessOrEqual'
      readonly type: ScalarType
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly op: 'in'; readonly type: ScalarType; readonly value: Expression; readonly options: readonly Constant[] }
  /** `divide` of integers drops the fraction, `remainder` has the sign of the left side. */
  | {
      readonly op: 'add' | 'subtract' | 'multiply' | 'divide' | 'remainder'
      readonly type: 'integer' | 'number' | 'instant' | 'duration'
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly op: 'negate'; readonly type: 'integer' | 'number' | 'duration'; readonly value: Expression }
  /** Code points of a text, items of an array, members of a map. */
  | { readonly op: 'size'; readonly type: 'string' | 'array' | 'map'; readonly value: Expression }
  | {
      readonly op: 'startsWith' | 'endsWith' | 'contains'
      readonly value: Expression
      readonly part: Expression
    }
  /** `pattern` is ECMA-262 (`u`), unanchored, and in RE2 means the same. */
  | { readonly op: 'matches'; readonly value: Expression; readonly pattern: string }
  /** The instant of a text in the form that contracts give to `timestamp`; digits beyond nanoseconds are dropped. */
  | { readonly op: 'instant'; readonly value: Expression }
  /** Integer to number; number to integer without its fraction. */
  | { readonly op: 'toNumber' | 'toInteger'; readonly value: Expression }
  | {
      readonly op: 'all' | 'exists'
      readonly list: Expression
      /** Type of the items. */
      readonly type: LogicalType
      readonly variable: string
      readonly condition: Expression
    }
