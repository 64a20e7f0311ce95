/** Error codes of the lake and of the engine that reads it, with what each means. */
export const ERRORS = {
  LAKE_COLUMN_CLASH: 'Two fields of a contract, or a field and an origin column, would be the same column.',
  LAKE_COLUMN_TYPE_CHANGED: 'A field came back with a type that its column cannot hold.',
  LAKE_EXTENSION_MISSING: 'An extension of DuckDB is neither on this machine nor downloadable.',
  LAKE_OPEN_FAILED: 'The warehouse file or the lake catalog cannot be opened.',
  LAKE_OUT_OF_MEMORY: 'A query needs more memory than the engine may use.',
  LAKE_SNAPSHOT_UNKNOWN: 'A snapshot id is not a whole number.',
  LAKE_SQL_FAILED: 'The engine refused a statement.',
  LAKE_STATE_LOCKED: 'Another process has the warehouse or the lake open; retryable.',
  LAKE_TABLE_CLASH: 'Two topics would have the same lake table.',
  LAKE_TABLE_UNKNOWN: 'The lake has no such table yet.',
  LAKE_TRANSACTION_ENDED: 'A statement was sent through the engine of a transaction that has ended.',
} as const
