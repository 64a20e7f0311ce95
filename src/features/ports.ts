import type { EpochMs } from '../kernel/index.ts'

export type FeatureValue = number | string | boolean | null

/** The newest materialised row of one entity in a batch view. */
export interface OnlineRow {
  /** The entity's key values joined by U+001F. */
  readonly key: string
  /** The moment the values are as of. */
  readonly eventTime: EpochMs
  /** When they became known (were materialised). */
  readonly createdTime: EpochMs
  readonly values: Readonly<Record<string, FeatureValue>>
}

/** One event kept for the windows of a stream view. */
export interface OnlineEvent {
  readonly key: string
  readonly time: EpochMs
  readonly partition: number
  readonly offset: number
  readonly values: Readonly<Record<string, FeatureValue>>
}

/** Serves the newest feature values. Adapters: embedded (SQLite), Redis. */
export interface OnlineStore {
  putRows(view: string, rows: readonly OnlineRow[]): Promise<void>
  /** In the order of `keys`; `undefined` for an entity without a row. */
  getRows(view: string, keys: readonly string[]): Promise<readonly (OnlineRow | undefined)[]>
  /**
   * Adds events and moves the view's own position, together. Events older than `dropBefore` are removed. Events below
   * the stored position are ignored.
   */
  addEvents(
    view: string,
    events: readonly OnlineEvent[],
    position: { readonly topic: string; readonly partition: number; readonly nextOffset: number },
    dropBefore: EpochMs,
  ): Promise<void>
  /** Events of each key with `from <= time < before`, by time then offset; in the order of `keys`. */
  getEvents(
    view: string,
    keys: readonly string[],
    from: EpochMs,
    before: EpochMs,
  ): Promise<readonly (readonly OnlineEvent[])[]>
  /** The next offset that the view has not seen. */
  position(view: string, topic: string, partition: number): Promise<number>
  close(): Promise<void>
}
