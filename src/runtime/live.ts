import { setTimeout as delay } from 'node:timers/promises'
import type { Covenant } from './covenant.ts'

/** Runs the loop in real time, tick after tick, until `stop` is aborted; a running tick is finished first. */
export async function keepTicking(covenant: Covenant, stop: AbortSignal, pauseMs = 250): Promise<void> {
  await covenant.loop.begin(covenant.clock.now())
  while (!stop.aborted) {
    await covenant.loop.tick()
    await delay(pauseMs, undefined, { signal: stop }).catch(() => undefined)
  }
}
