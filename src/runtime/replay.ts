import { type EpochMs, HOUR_MS, stopwatchMs, type VirtualClock } from '../kernel/index.ts'
import type { StateStore } from '../metadata/index.ts'
import type { NewRecord } from '../topic/index.ts'
import type { Loop } from './loop.ts'

/** Records of one raw topic, with the number of the first among all that the source ever sends to that topic. */
export interface FeedBatch {
  /** Full topic name, e.g. `flights.arrived.raw`. */
  readonly topic: string
  readonly firstSequence: number
  readonly records: readonly NewRecord[]
}

/** A source of history: gives what was sent in `[from, to)`, the same at every call. */
export interface Feed {
  /** Identifies the source to the log, so that what was sent twice is kept once. */
  readonly producerId: string
  read(from: EpochMs, to: EpochMs): Promise<readonly FeedBatch[]>
}

/** Something that people did at a moment of the history: approved a contract, asked for a run. Must be idempotent. */
export interface ReplayAction {
  readonly name: string
  readonly at: EpochMs
  readonly run: () => Promise<void>
}

export interface ReplayOptions {
  readonly loop: Loop
  readonly clock: VirtualClock
  readonly state: StateStore
  readonly feed: Feed
  readonly actions: readonly ReplayAction[]
  readonly from: EpochMs
  /** The replay ends here; give the last events time to reach the end of the loop. */
  readonly to: EpochMs
  /** Length of a tick; whole divisor of an hour or whole hours. */
  readonly tickMs?: number
  readonly onTick?: (progress: ReplayProgress) => void
}

export interface ReplayProgress {
  readonly now: EpochMs
  /** 0 to 1. */
  readonly done: number
  /** Real milliseconds of all processes that worked on this replay. */
  readonly elapsedMs: number
}

/**
 * Replays history through the loop in virtual time, tick by tick: people's actions of the tick are done, what was sent in
 * it is appended to the raw topics, then the loop runs until nothing is left to do. After each tick its end is
 * remembered; a replay that was killed goes on there, and repeats the broken tick without a trace.
 */
export async function replay(options: ReplayOptions): Promise<{ readonly elapsedMs: number }> {
  const { loop, clock, state, from, to } = options
  const tickMs = options.tickMs ?? HOUR_MS
  let position = Number((await state.get('replay/position')) ?? from)
  const before = Number((await state.get('replay/elapsed-ms')) ?? 0)
  const startedAt = stopwatchMs()
  const elapsed = () => before + stopwatchMs() - startedAt
  clock.advanceTo(position)
  await loop.begin(from)
  while (position < to) {
    const end = Math.min(position + tickMs, to)
    for (const action of options.actions.filter(({ at }) => at >= position && at < end)) {
      clock.advanceTo(action.at)
      await action.run()
    }
    await send(options, position, end)
    clock.advanceTo(end)
    await loop.tick()
    position = end
    await state.set('replay/position', String(position))
    await state.set('replay/elapsed-ms', String(Math.round(elapsed())))
    options.onTick?.({ now: position, done: (position - from) / (to - from), elapsedMs: elapsed() })
  }
  return { elapsedMs: elapsed() }
}

async function send({ feed, loop }: ReplayOptions, from: EpochMs, to: EpochMs): Promise<void> {
  for (const { topic, firstSequence, records } of await feed.read(from, to))
    await loop.append(topic, records, { producerId: feed.producerId, first: firstSequence })
}
