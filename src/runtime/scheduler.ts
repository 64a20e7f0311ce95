import { Cron } from 'croner'
import { type EpochMs, toIso } from '../kernel/index.ts'
import type { StateStore } from '../metadata/index.ts'

/** Work that is due at moments of a cron expression (UTC). Running it twice for one moment must change nothing. */
export interface Job {
  readonly name: string
  readonly cron: string
  readonly run: (due: EpochMs) => Promise<void>
}

/**
 * Runs jobs when they are due, by the times it is told. What was done survives the process: a job that died halfway is
 * run again for the same moment. Of several missed moments only the newest is made up for.
 */
export class Scheduler {
  readonly #jobs: readonly { job: Job; cron: Cron }[]
  readonly #state: StateStore
  readonly #next = new Map<string, EpochMs>()

  /** Jobs that are due at the same moment run in the order given. */
  constructor(jobs: readonly Job[], state: StateStore) {
    this.#jobs = jobs.map((job) => ({ job, cron: new Cron(job.cron, { timezone: 'UTC', paused: true }) }))
    this.#state = state
  }

  /** Nothing before `start` is made up for. Needed once for a new state; later calls change nothing. */
  async begin(start: EpochMs): Promise<void> {
    for (const { job } of this.#jobs)
      if ((await this.#state.get(key(job))) === undefined) await this.#state.set(key(job), String(start))
  }

  /** Runs every job that is due at or before `now`, by due time, then in the order given. Returns how many ran. */
  async runDue(now: EpochMs): Promise<number> {
    const due: { job: Job; at: EpochMs }[] = []
    for (const { job, cron } of this.#jobs) {
      const next = this.#next.get(job.name) ?? (await this.#nextAfterLast(job, cron))
      this.#next.set(job.name, next)
      if (next <= now) due.push({ job, at: newestBefore(cron, next, now) })
    }
    due.sort((a, b) => a.at - b.at)
    for (const { job, at } of due) {
      await job.run(at)
      await this.#state.set(key(job), String(at))
      this.#next.delete(job.name)
    }
    return due.length
  }

  async #nextAfterLast(job: Job, cron: Cron): Promise<EpochMs> {
    const last = Number((await this.#state.get(key(job))) ?? 0)
    return cron.nextRun(new Date(last))?.getTime() ?? Number.POSITIVE_INFINITY
  }
}

function newestBefore(cron: Cron, first: EpochMs, now: EpochMs): EpochMs {
  let newest = first
  for (;;) {
    const next = cron.nextRun(new Date(newest))?.getTime()
    if (next === undefined || next > now) return newest
    newest = next
  }
}

function key(job: Job): string {
  return `job/${job.name}`
}

/** How a job's moment is shown. */
export function describeDue(job: Job, due: EpochMs): string {
  return `${job.name} of ${toIso(due)}`
}
