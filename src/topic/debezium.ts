import type { EpochMs, JsonObject } from '../kernel/index.ts'
import type { Headers, NewRecord } from './ports.ts'
import { recordKey } from './record-key.ts'

/** Create, update, delete, and read (a row of the first snapshot). */
export type ChangeOperation = 'c' | 'u' | 'd' | 'r'

/** Where a change comes from. */
export interface ChangeSource {
  readonly version: string
  readonly connector: string
  /** Logical name of the database server. */
  readonly name: string
  readonly ts_ms: EpochMs
  readonly db: string
  readonly table: string
}

/**
 * The payload of a Debezium change event, as its JSON converter writes it without schemas.
 * Source: Debezium documentation, "Change event values".
 */
export interface ChangeEvent<Row extends object = JsonObject> {
  readonly before: Row | null
  readonly after: Row | null
  readonly source: ChangeSource
  readonly op: ChangeOperation
  /** When the connector processed the change, epoch ms. */
  readonly ts_ms: EpochMs
}

/** A change in the words of the table: what was there, what is there, when, and in which database. */
export interface Change<Row extends object> {
  readonly op: ChangeOperation
  readonly before?: Row | null
  readonly after?: Row | null
  readonly timestamp: EpochMs
  readonly source: { readonly name: string; readonly db: string; readonly table: string; readonly connector?: string }
}

/** The Debezium line whose envelope this module writes. */
const ENVELOPE_VERSION = '3.3.1.Final'

/**
 * The envelope of a change.
 *
 * @example
 * changeEvent({ op: 'c', after: { tailnum: 'N14228' }, timestamp: 0, source: { name: 'fleet', db: 'fleet', table: 'planes' } })
 */
export function changeEvent<Row extends object>(change: Change<Row>): ChangeEvent<Row> {
  const { op, before = null, after = null, timestamp, source } = change
  const { name, db, table, connector = 'postgresql' } = source
  return {
    before,
    after,
    source: { version: ENVELOPE_VERSION, connector, name, ts_ms: timestamp, db, table },
    op,
    ts_ms: timestamp,
  }
}

/** The record of a change event, keyed by the row (by the row as it was, for a delete). */
export function changeRecord<Row extends object>(
  event: ChangeEvent<Row>,
  key: readonly string[],
  headers: Headers = {},
): NewRecord {
  const row = (event.after ?? event.before ?? {}) as unknown as JsonObject
  return { key: recordKey(row, key), value: Buffer.from(JSON.stringify(event)), headers, timestamp: event.ts_ms }
}

/** The record without a value that follows a delete, so that compaction forgets the row. */
export function tombstone(row: object, key: readonly string[], timestamp: EpochMs, headers: Headers = {}): NewRecord {
  return { key: recordKey(row as unknown as JsonObject, key), value: null, headers, timestamp }
}
