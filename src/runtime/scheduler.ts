import { Cron } from 'croner'
import { CovenantError, type EpochMs, messageOf } from '../kernel/index.ts'
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

  /** Jobs that are due at the same moment run in the order given. Throws `PROJECT_FILE_INVALID` for a wrong cron. */
  constructor(jobs: readonly Job[], state: StateStore) {
    this.#jobs = jobs.map((job) => ({ job, cron: parseCron(job) }))
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

function parseCron({ name, cron }: Job): Cron {
  try {
    return new Cron(cron, { timezone: 'UTC', paused: true })
  } catch (cause) {
    throw new CovenantError({
      code: 'PROJECT_FILE_INVALID',
      message: `The schedule of ${name} is no cron expression: ${JSON.stringify(cron)} (${messageOf(cause)}).`,
      remedy: "Write minute, hour, day, month and weekday in UTC, e.g. '0 2 * * *' for every day at two.",
      cause,
    })
  }
}

/** The newest moment of `cron` in [first, now]. */
function newestBefore(cron: Cron, first: EpochMs, now: EpochMs): EpochMs {
  // croner counts a run in the same second as included only when it lies before the reference.
  return Math.max(first, cron.previousRuns(1, new Date(now + 1))[0]?.getTime() ?? first)
}

function key(job: Job): string {
  return `job/${job.name}`
}
