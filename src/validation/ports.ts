import type { Contract, ValidationPlan } from '../contract/index.ts'
import type { EpochMs, Json } from '../kernel/index.ts'

/** A registered contract version, as far as validation needs it. */
export interface RegisteredVersion {
  readonly plan: ValidationPlan
  /** What the plan does not hold: how older records are brought to this version, and what happens to violating ones. */
  readonly contract: Pick<Contract, 'migrations' | 'deadLetters'>
  /**
   * End offset of each partition of the raw topic when the version was registered, by partition number: what was
   * appended before is not this version's. A partition that is not listed counts as 0.
   */
  readonly activeFrom: readonly number[]
}

/** Finds contract versions by topic. The registry is one. */
export interface ContractLookup {
  /** All registered versions of a topic, oldest registration first; empty where no contract describes it. */
  versionsOf(topic: string): Promise<readonly RegisteredVersion[]>
}

/**
 * What became of a dead letter: `open` (also one that nothing was ever said about), `replayed` to the raw topic,
 * `discarded`, or `superseded` by a newer record of its key, or by the dead letter that its replay ended as.
 */
export type DeadLetterState = 'open' | 'replayed' | 'discarded' | 'superseded'

/** Where a dead letter stands in the dead letter topic of its contract. */
export interface DeadLetterPlace {
  readonly partition: number
  readonly offset: number
}

/** A state that a dead letter came to. Marks stand beside the log, which never changes; the newest one counts. */
export interface DeadLetterMark extends DeadLetterPlace {
  readonly state: DeadLetterState
  /** The batch that set it. */
  readonly batchId: string
  /** Who. */
  readonly actor: string
  readonly at: EpochMs
  readonly reason: string
  /** Of a letter that was replayed with a patch: what it changed (RFC 6902), and the JSONata expression. */
  readonly patch: { readonly expression: string; readonly diff: readonly Json[] } | null
}

/**
 * A change of the states of some dead letters of a topic. It is written before anything is done (`rawTo: null`) and
 * finished after; the batches of a topic are numbered from 1, and one begins when the one before is finished, so that
 * two processes cannot decide about the same letters at once.
 */
export interface DeadLetterBatch {
  readonly id: string
  /** Contract topic. */
  readonly topic: string
  readonly number: number
  /** What the letters become. */
  readonly state: DeadLetterState
  readonly actor: string
  readonly at: EpochMs
  readonly reason: string
  /** JSONata that the values are patched with; `null` where they are sent as they were. */
  readonly patch: string | null
  /** In the order in which they are sent. */
  readonly letters: readonly DeadLetterPlace[]
  /** Sequence number of the first letter among all that were ever replayed to the topic, from 0. */
  readonly firstSequence: number
  /** End of the raw topic, by partition, before the letters were sent: none of them stands below. */
  readonly rawFrom: readonly number[]
  /** End of the raw topic, by partition, after they were sent: all of them stand below. `null` until finished. */
  readonly rawTo: readonly number[] | null
}

/** States of dead letters, and the batches that changed them. Adapters: SQLite, PostgreSQL. */
export interface DeadLetterStore {
  /**
   * Writes a batch down. False, and nothing is written, where its number is taken, or the batch before it is not
   * finished or lacks.
   */
  begin(batch: DeadLetterBatch): Promise<boolean>
  /** Adds the marks of a batch and says where its letters stand, in one transaction. Repeating it changes nothing. */
  finish(topic: string, number: number, rawTo: readonly number[], marks: readonly DeadLetterMark[]): Promise<void>
  /** The batch of the highest number. */
  lastBatch(topic: string): Promise<DeadLetterBatch | undefined>
  /** The batches with a number above `after`, in order; at most 100. */
  batches(topic: string, after: number): Promise<readonly DeadLetterBatch[]>
  /** The newest mark of each letter with an offset in `[from, to)`, by offset; letters without one are missing. */
  marks(topic: string, partition: number, from: number, to: number): Promise<ReadonlyMap<number, DeadLetterMark>>
  /** All marks of a letter, oldest first. */
  history(topic: string, place: DeadLetterPlace): Promise<readonly DeadLetterMark[]>
}

/** Why the breaker of a topic stopped its validation: what the batch held that nothing was written of. */
export interface Pause {
  /** Contract topic. */
  readonly topic: string
  readonly partition: number
  /** Raw offsets of the batch: the first, and the one after its last. Validation stands before the first. */
  readonly fromOffset: number
  readonly toOffset: number
  readonly records: number
  readonly violating: number
  /** The contract's bound: more than this share of the records violated. */
  readonly maxRatio: number
  /** The most frequent reasons, with the raw record of an example each. */
  readonly reasons: readonly {
    readonly fingerprint: string
    readonly reason: string
    readonly count: number
    readonly example: string
  }[]
  readonly pausedAt: EpochMs
  /** Set by who lets it go on; `accept` takes this batch, whatever it holds. `null` while it is paused. */
  readonly resumed: { readonly accept: boolean; readonly actor: string; readonly at: EpochMs } | null
}

/** The topics whose validation is paused. Adapters: SQLite, PostgreSQL. */
export interface PauseStore {
  pause(topic: string): Promise<Pause | undefined>
  /** By topic. */
  pauses(): Promise<readonly Pause[]>
  /** Adds the pause of a topic, or replaces it. */
  put(pause: Pause): Promise<void>
  /** Forgets the pause of a topic, where it has one. */
  remove(topic: string): Promise<void>
}
