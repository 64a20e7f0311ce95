import type { Duration } from '../kernel/index.ts'

/** What a data gate checks; frozen data. `input` limits a check to one input, else every file input has to pass. */
export type DataCheck =
  | { readonly check: 'min-rows'; readonly rows: number; readonly input: string | null }
  | { readonly check: 'max-null-share'; readonly column: string; readonly share: number; readonly input: string | null }
  | {
      readonly check: 'label-share'
      readonly column: string
      readonly low: number
      readonly high: number
      readonly input: string | null
    }
  | { readonly check: 'no-leakage'; readonly known: string; readonly before: string; readonly input: string | null }
  | { readonly check: 'publications-current'; readonly topics: readonly string[]; readonly maxAge: Duration | null }

interface Scope {
  readonly input?: string
}

/** At least `rows` rows. */
export function minRows(rows: number, scope: Scope = {}): DataCheck {
  return Object.freeze({ check: 'min-rows', rows, input: scope.input ?? null })
}

/** At most this share (0–1) of the rows has no value in `column`. */
export function maxNullShare(column: string, share: number, scope: Scope = {}): DataCheck {
  return Object.freeze({ check: 'max-null-share', column, share, input: scope.input ?? null })
}

/** The share (0–1) of true (or non-zero) among the rows that have the label is within both bounds. */
export function labelShareBetween(column: string, low: number, high: number, scope: Scope = {}): DataCheck {
  return Object.freeze({ check: 'label-share', column, low, high, input: scope.input ?? null })
}

/** No row has a value that became known (column `known`) at or after the moment it is used for (column `before`). */
export function noLeakage(columns: { readonly known: string; readonly before: string }, scope: Scope = {}): DataCheck {
  return Object.freeze({ check: 'no-leakage', ...columns, input: scope.input ?? null })
}

/** The data of these contract topics is published, not held, and not older than `maxAge`. */
export function publicationsCurrent(topics: readonly string[], { maxAge }: { maxAge?: Duration } = {}): DataCheck {
  return Object.freeze({ check: 'publications-current', topics: Object.freeze([...topics]), maxAge: maxAge ?? null })
}
