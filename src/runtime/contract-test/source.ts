import type { TestRecord } from '../../sla/index.ts'

/** Data under test, made readable. */
export type TestSource = {
  /** As the user named it. */
  readonly name: string
} & (
  | {
      readonly kind: 'columns'
      /** SQL that reads it. */
      readonly relation: string
      readonly isText: boolean
      /** Table of the lines that could not be read, as DuckDB's CSV reader writes it. */
      readonly rejects: string | null
      readonly extensions: readonly string[]
      readonly statements: readonly string[]
    }
  | {
      readonly kind: 'records'
      /** Reads the records once, in their order. */
      read(): AsyncIterable<readonly TestRecord[]>
      /** Bytes in all, for the progress bar; `null` where that is not known. */
      readonly bytes: number | null
    }
)
