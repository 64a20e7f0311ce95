import type { EpochMs, Json } from '../kernel/index.ts'

/** Every feature is a number; what is not known is null. Booleans are 0 and 1. */
export type FeatureValue = number | null

/** The values of one entity in a batch view, from one materialisation on until the next that changed them. */
export interface OnlineRow {
  /** The entity's key values joined by U+001F. */
  readonly key: string
  /** The moment the values are as of. */
  readonly eventTime: EpochMs
  /** When they became known (were materialised). */
  readonly createdTime: EpochMs
  /** In the order of the view's features. */
  readonly values: readonly FeatureValue[]
}

/** One event kept for the windows of a stream view. */
export interface OnlineEvent {
  readonly key: string
  /** When the event became known: the timestamp of its record. */
  readonly time: EpochMs
  readonly partition: number
  readonly offset: number
  /** In the order of the fields of the view's plan. */
  readonly values: readonly FeatureValue[]
}

export interface RowLookup {
  readonly key: string
  /** The row must have been known strictly before this moment. */
  readonly before: EpochMs
}

export interface TopicPosition {
  readonly topic: string
  readonly partition: number
  /** The next offset that the view has not seen. */
  readonly nextOffset: number
}

/**
 * Serves feature values as of moments of the recent past. A view is named with its version, so that a changed view
 * starts empty. Adapters: embedded (SQLite).
 */
export interface OnlineStore {
  /**
   * Adds the rows of the materialisations up to and including `until`, and remembers `until`, together. A row that is
   * there already is written over. Of each entity, rows are kept that a lookup at `dropBefore` or later can need.
   */
  putRows(view: string, rows: readonly OnlineRow[], until: EpochMs, dropBefore: EpochMs): Promise<void>
  /** The newest row known before each moment, in the order of `lookups`; `undefined` where there is none. */
  getRows(view: string, lookups: readonly RowLookup[]): Promise<readonly (OnlineRow | undefined)[]>
  /** The greatest `until` of `putRows`; `null` before the first. */
  materializedUntil(view: string): Promise<EpochMs | null>
  /**
   * Adds events and moves the view's position, together. Events below the stored position are ignored. Events before
   * `dropBefore` need not be kept.
   */
  addEvents(view: string, events: readonly OnlineEvent[], position: TopicPosition, dropBefore: EpochMs): Promise<void>
  /** Events of each key with `from <= time < before`, by time, partition and offset; in the order of `keys`. */
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

/** What stream views need to know of contracts: whether a topic carries change events. */
export interface ContractLookup {
  latest(topic: string): Promise<{ readonly contract: { readonly cdc: 'debezium' | null } } | undefined>
}

/** What is known of the thing to be scored: entity keys and the members that on-demand views use. */
export type FeatureRequest = Readonly<Record<string, Json>>

/** Offsets, both inclusive, between which all contributing events of a partition lie. */
export interface OffsetRange {
  readonly partition: number
  readonly fromOffset: number
  readonly toOffset: number
}

/** Where the values of one view in a vector come from. */
export type ViewSource =
  | {
      readonly type: 'batch'
      readonly view: string
      readonly hash: string
      readonly model: string
      /** The moment the values are as of; `null` where the entity has no row. */
      readonly eventTime: EpochMs | null
      readonly createdTime: EpochMs | null
    }
  | {
      readonly type: 'stream'
      readonly view: string
      readonly hash: string
      /** The validated topic of `offsets`. */
      readonly topic: string
      /** Events of the entity in the widest window, and where they lie. */
      readonly events: number
      readonly offsets: readonly OffsetRange[]
      /** Time of the newest of them; `null` where there is none. */
      readonly eventTime: EpochMs | null
    }
  | { readonly type: 'on-demand'; readonly view: string; readonly hash: string }

/** The features of one request as of one moment. */
export interface FeatureVector {
  /** `<view>__<feature>`, the service's `featureNames`. */
  readonly names: readonly string[]
  readonly values: readonly FeatureValue[]
  /** One for each view of the service, in its order. */
  readonly sources: readonly ViewSource[]
}
