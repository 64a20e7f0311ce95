import { type Clock, CovenantError, type EpochMs, type EventBus, type JsonObject, Mutex } from '../../kernel/index.ts'
import type { RunStore, StateStore } from '../../metadata/index.ts'
import type { MonitorStore } from '../../monitoring/index.ts'
import { type Policy, type Trigger, UNLIMITED } from '../define.ts'
import type { PolicyRun } from '../plan/block.ts'
import { decide, runStart, withdraw } from '../plan/decide.ts'
import { phaseOf } from '../plan/phases.ts'
import type { LedgerEntry, PublishedRows, RunStart, Signal, StartRun, TriggerLedger } from '../ports.ts'
import { adHocSignal, type SignalSource, signalSources } from './sources.ts'

export interface TriggerEngineOptions {
  readonly triggers: readonly Trigger[]
  readonly ledger: TriggerLedger
  readonly runs: Pick<RunStore, 'runs'>
  readonly points: Pick<MonitorStore, 'points'>
  readonly rows: PublishedRows
  /** Remembers what each signal source has seen. */
  readonly state: StateStore
  readonly startRun: StartRun
  readonly clock: Clock
  readonly events: EventBus
}

/**
 * Turns signals into runs. Every signal is in the ledger before anything is decided about it, and every decision before
 * anything is done about it: after a crash at any moment, `evaluate` finds what was decided and goes on there.
 *
 * @example
 * await engine.ask({ pipeline: 'delay', id: 'first-training', params: { rounds: 200 } })
 * await engine.evaluate(clock.now())
 */
export class TriggerEngine {
  readonly #options: TriggerEngineOptions
  readonly #triggers: ReadonlyMap<string, Trigger>
  readonly #sources: readonly SignalSource[]
  readonly #mutex = new Mutex()
  /** When each pipeline has to be looked at again: at that moment, or as soon as a signal arrives. */
  readonly #wakeAt = new Map<string, EpochMs>()
  readonly #disturbed = new Set<string>()
  #started = false

  constructor(options: TriggerEngineOptions) {
    this.#options = options
    this.#triggers = byPipeline(options.triggers)
    this.#sources = options.triggers.flatMap((trigger) => signalSources(trigger, options))
  }

  /**
   * Puts a signal into the ledger; a signal that is there already changes nothing. `evaluate` decides about it. An
   * ad-hoc signal for a pipeline without a trigger runs without limits; one whose trigger has no `adHoc()` is refused.
   *
   * @returns the entry as it stands in the ledger
   */
  async offer(signal: Signal): Promise<LedgerEntry> {
    const { ledger, clock } = this.#options
    const entry = received(signal, clock.now(), this.#triggers.get(signal.pipeline))
    if (!(await ledger.add(entry)))
      return (await ledger.entries(signal.pipeline)).find((known) => known.signal.id === signal.id)!
    this.#disturbed.add(signal.pipeline)
    await this.#tell(signal.pipeline, [entry], clock.now())
    return entry
  }

  /** Offers an ad-hoc signal; `id` tells the same request from another one: asked twice, it counts once. */
  ask(request: { pipeline: string; id: string; params?: JsonObject; at?: EpochMs }): Promise<LedgerEntry> {
    const { pipeline, id, params, at = this.#options.clock.now() } = request
    return this.offer(adHocSignal(pipeline, id, at, params))
  }

  /**
   * Collects the signals that are due, decides about all that are open, and executes the runs that follow, one after
   * the other. Calls wait for each other.
   *
   * @returns how many runs ended in this call
   */
  evaluate(now: EpochMs): Promise<number> {
    return this.#mutex.run(async () => {
      if (!this.#started) await this.#findOpenPipelines()
      await this.#collect(now)
      let ended = 0
      for (const pipeline of new Set([...this.#wakeAt.keys(), ...this.#disturbed])) {
        const due = this.#disturbed.has(pipeline) || now >= this.#wakeAt.get(pipeline)!
        if (due) ended += await this.#evaluatePipeline(pipeline, now)
      }
      return ended
    })
  }

  /** After a start every pipeline is looked at that ever had a signal. */
  async #findOpenPipelines(): Promise<void> {
    for (const { signal } of await this.#options.ledger.entries())
      this.#wakeAt.set(signal.pipeline, Number.NEGATIVE_INFINITY)
    this.#started = true
  }

  async #collect(now: EpochMs): Promise<void> {
    const { state } = this.#options
    for (const source of this.#sources) {
      if (!source.due(now)) continue
      const before = await state.get(source.key)
      const { last, signals } = await source.look(now, before)
      for (const signal of signals) await this.offer(signal)
      if (last !== before) await state.set(source.key, last)
    }
  }

  /**
   * Decides until nothing more follows. A run is executed because the ledger says that it was started, never because it
   * was just decided: so a run that a crash cut short is taken up by the same path.
   */
  async #evaluatePipeline(pipeline: string, now: EpochMs): Promise<number> {
    const { ledger, runs } = this.#options
    const policy = this.#policy(pipeline)
    for (let ended = 0; ; ended++) {
      this.#disturbed.delete(pipeline)
      const entries = await ledger.entries(pipeline)
      const known = await runs.runs(pipeline)
      const open = entries.find((entry) => isOpen(entry, known)) ?? (await this.#decide(pipeline, entries, known, now))
      if (!open) return ended
      const start = runStart(await ledger.entries(pipeline), open, policy)
      if (!(await this.#execute(start, now))) return ended
    }
  }

  /** Stores what the policy says; returns the entry whose run is to start. */
  async #decide(
    pipeline: string,
    entries: readonly LedgerEntry[],
    runs: readonly PolicyRun[],
    now: EpochMs,
  ): Promise<LedgerEntry | undefined> {
    const { changed, start, wakeAt } = decide(entries, now, this.#policy(pipeline), runs)
    await this.#store(pipeline, changed, now)
    this.#wakeAt.set(pipeline, start ? now : wakeAt)
    return start ? changed.find((entry) => entry.signal.id === start.signalId) : undefined
  }

  /** Whether the run has ended. One that cannot even begin is withdrawn: its signals are refused, with the reason. */
  async #execute(start: RunStart, now: EpochMs): Promise<boolean> {
    const { startRun, runs, ledger } = this.#options
    const find = async () => (await runs.runs(start.pipeline)).find(({ id }) => id === start.runId)
    try {
      await startRun(start)
    } catch (error) {
      const hopeless = error instanceof CovenantError && !error.retryable && !(await find())
      if (!hopeless) throw error
      const entries = await ledger.entries(start.pipeline)
      await this.#store(start.pipeline, withdraw(entries, now, start.runId, error.toLine()), now)
      return true
    }
    return ((await find())?.finishedAt ?? null) !== null
  }

  async #store(pipeline: string, entries: readonly LedgerEntry[], at: EpochMs): Promise<void> {
    if (entries.length === 0) return
    await this.#options.ledger.update(entries)
    await this.#tell(pipeline, entries, at)
  }

  #tell(pipeline: string, entries: readonly LedgerEntry[], at: EpochMs): Promise<void> {
    return this.#options.events.emit('triggers.decided', { pipeline, entries, at })
  }

  #policy(pipeline: string): Policy {
    return this.#triggers.get(pipeline)?.policy ?? UNLIMITED
  }
}

/** Started by the ledger, and not ended as far as the run store knows. */
function isOpen(entry: LedgerEntry, runs: readonly PolicyRun[]): boolean {
  if (phaseOf(entry) !== 'started') return false
  return (runs.find(({ id }) => id === entry.runId)?.finishedAt ?? null) === null
}

function received(signal: Signal, at: EpochMs, trigger: Trigger | undefined): LedgerEntry {
  const entry = { signal, outcome: null, reason: 'arrived', decidedAt: at, runId: null, dueAt: null }
  if (signal.kind !== 'ad-hoc' || !trigger || trigger.on.some((source) => source.kind === 'ad-hoc')) return entry
  return { ...entry, outcome: 'refused', reason: `trigger ${trigger.name} does not take ad-hoc signals` }
}

function byPipeline(triggers: readonly Trigger[]): ReadonlyMap<string, Trigger> {
  const byName = new Map<string, Trigger>()
  for (const trigger of triggers) {
    const other = byName.get(trigger.pipeline)
    if (other)
      throw new CovenantError({
        code: 'TRIGGER_TWICE',
        message: `The triggers ${other.name} and ${trigger.name} both start the pipeline ${trigger.pipeline}.`,
        remedy: 'Put their signals into one trigger, under one policy.',
      })
    byName.set(trigger.pipeline, trigger)
  }
  return byName
}
