import type { EpochMs } from '../kernel/index.ts'

/**
 * One batch of the validation hop. Told just before it is committed, and again where a crash comes between: listeners
 * must not count it twice.
 */
export interface ValidationBatch {
  /** Contract topic. */
  readonly topic: string
  readonly partition: number
  /** First raw offset of the batch, and the one after its last. */
  readonly fromOffset: number
  readonly toOffset: number
  readonly validated: number
  readonly deadLetters: number
  /** The contract versions that records of the batch were held against. */
  readonly contractVersions: readonly string[]
  readonly at: EpochMs
}

declare module '../kernel/events.ts' {
  interface StageEvents {
    'validation.batch': ValidationBatch
  }
}
