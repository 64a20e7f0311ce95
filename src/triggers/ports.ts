import type { EpochMs, JsonObject } from '../kernel/index.ts'

export type SignalKind = 'ad-hoc' | 'cron' | 'metric' | 'data'

/** Something that asks for a run of a pipeline. */
export interface Signal {
  /** Stable: the same occurrence has the same id, however often it is reported. */
  readonly id: string
  readonly kind: SignalKind
  readonly pipeline: string
  readonly at: EpochMs
  /** What happened, in words: `cron 0 5 1 * *`, `auc of delay fell to 0.64 (below 0.67)`. */
  readonly cause: string
  readonly params: JsonObject
}

/**
 * `fired`: started a run. `merged`: joined the run of another signal. `deferred`: has to wait (its run, once started,
 * is in `runId`). `refused`: will never run.
 */
export type SignalOutcome = 'fired' | 'merged' | 'deferred' | 'refused'

export interface LedgerEntry {
  readonly signal: Signal
  readonly outcome: SignalOutcome | null
  readonly reason: string
  readonly decidedAt: EpochMs
  readonly runId: string | null
  /** Deferred and waiting signals: not before this moment. */
  readonly dueAt: EpochMs | null
}

/** The durable ledger of signals: none is lost, each ends with an outcome and a reason. */
export interface TriggerLedger {
  /** Adds the entry, unless its signal is known. Returns whether it was new. */
  add(entry: LedgerEntry): Promise<boolean>
  /** Replaces the entries of known signals, all together. */
  update(entries: readonly LedgerEntry[]): Promise<void>
  /** In order of arrival; of all pipelines, or of one. */
  entries(pipeline?: string): Promise<readonly LedgerEntry[]>
}

/** A run that the policy asks for. */
export interface RunStart {
  readonly pipeline: string
  readonly params: JsonObject
  /** Kind of the signal that leads the run. */
  readonly trigger: SignalKind
  readonly signalId: string
  /** Follows from the signal: asked for again after a crash, the same run goes on. */
  readonly runId: string
}

/** Executes a run and resolves when it has ended, however it ended. Supplied by the runtime. */
export type StartRun = (start: RunStart) => Promise<unknown>

/** What a `data` trigger counts: the rows of a warehouse model, or the published rows of a contract topic. */
export type CountedRows = { readonly model: string } | { readonly topic: string }

/** How much data has been published; a count that never falls. */
export interface PublishedRows {
  /** 0 while the model is not built or nothing of the topic is published. */
  count(rows: CountedRows): Promise<number>
}
