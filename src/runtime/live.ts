import { setTimeout as delay } from 'node:timers/promises'
import type { Covenant } from './covenant.ts'

export interface LiveOptions {
  /** Rest between two ticks, milliseconds; 250 unless told. */
  readonly pauseMs?: number
  /** Rest after a tick that failed, milliseconds; 5,000 unless told. */
  readonly pauseAfterErrorMs?: number
  /**
   * Told of a tick that failed. It is repeated, which is harmless: what it did stands, what it did not do is done then.
   * Without this the error ends the loop.
   */
  readonly onError?: (thrown: unknown) => void
}

/** Runs the loop in real time, tick after tick, until `stop` is aborted; a running tick is finished first. */
export async function keepTicking(
  { loop, clock }: Pick<Covenant, 'loop' | 'clock'>,
  stop: AbortSignal,
  options: LiveOptions = {},
): Promise<void> {
  const { pauseMs = 250, pauseAfterErrorMs = 5_000, onError } = options
  await loop.begin(clock.now())
  while (!stop.aborted) {
    const ended = await tickOnce(loop, onError)
    await delay(ended ? pauseMs : pauseAfterErrorMs, undefined, { signal: stop }).catch(() => undefined)
  }
}

async function tickOnce(loop: Covenant['loop'], onError: LiveOptions['onError']): Promise<boolean> {
  try {
    await loop.tick()
    return true
  } catch (thrown) {
    if (!onError) throw thrown
    onError(thrown)
    return false
  }
}
