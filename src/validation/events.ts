import type { EpochMs } from '../kernel/index.ts'
import type { Pause } from './ports.ts'

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
    /** The breaker stopped a topic. Told just before the pause is written down, and again after a crash in between. */
    'validation.paused': { readonly pause: Pause }
    /** Validation has come past what a topic was paused for. Told just before the pause is forgotten. */
    'validation.resumed': { readonly pause: Pause; readonly at: EpochMs }
  }
}
