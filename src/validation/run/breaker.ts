import type { DeadLetterPolicy } from '../../contract/index.ts'
import type { EpochMs } from '../../kernel/index.ts'
import { recordSource } from '../../topic/index.ts'
import { reasonOf } from '../plan/expectation.ts'
import type { Pause } from '../ports.ts'
import { fingerprintOf } from './dead-letter.ts'
import type { Judgement } from './judge.ts'

/** The batch that a breaker decides about: its window. */
export interface BreakerWindow {
  /** Contract topic. */
  readonly topic: string
  readonly partition: number
  readonly fromOffset: number
  readonly toOffset: number
}

const REASONS_MAX = 5

/**
 * Whether a batch is so bad that nothing of it is to be written: its pause, or `null` where it may pass. The window is
 * the batch, the raw records that validation read at once (at most 2,000); it is judged whole before any of it is written.
 * Records that only wait for their key do not count as violating.
 */
export function pauseFor(
  { topic, partition, fromOffset, toOffset }: BreakerWindow,
  judgements: readonly Judgement[],
  breaker: DeadLetterPolicy['breaker'],
  pausedAt: EpochMs,
): Pause | null {
  if (breaker === null || judgements.length < breaker.minRecords) return null
  const violating = judgements.filter(({ violations }) => violations !== null)
  const { maxRatio } = breaker
  if (violating.length <= maxRatio * judgements.length) return null
  return {
    ...{ topic, partition, fromOffset, toOffset, maxRatio, pausedAt },
    records: judgements.length,
    violating: violating.length,
    reasons: reasonsOf(topic, violating),
    resumed: null,
  }
}

/** Whether a pause was resumed, and validation at `position` has come past what it was resumed for. */
export function isOver({ resumed, fromOffset, toOffset }: Pause, position: number): boolean {
  return resumed !== null && position >= (resumed.accept ? toOffset : fromOffset + 1)
}

/** Whether a batch from `position` on is one that somebody let pass. */
export function isAccepted(pause: Pause | undefined, partition: number, position: number): pause is Pause {
  return (
    pause?.resumed?.accept === true &&
    pause.partition === partition &&
    position >= pause.fromOffset &&
    position < pause.toOffset
  )
}

function reasonsOf(topic: string, violating: readonly Judgement[]): Pause['reasons'] {
  const reasons = new Map<string, { fingerprint: string; reason: string; count: number; example: string }>()
  for (const { record, violations, migratedFrom } of violating) {
    const fingerprint = fingerprintOf(topic, violations!, migratedFrom !== null)
    const known = reasons.get(fingerprint)
    if (known === undefined) {
      const example = recordSource(record.topic, record.partition, record.offset)
      reasons.set(fingerprint, { fingerprint, reason: reasonOf(violations!), count: 1, example })
    } else known.count++
  }
  return [...reasons.values()].sort((a, b) => b.count - a.count).slice(0, REASONS_MAX)
}
