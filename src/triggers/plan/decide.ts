import { type EpochMs, type JsonObject, stableId, toIso } from '../../kernel/index.ts'
import type { Policy } from '../define.ts'
import type { LedgerEntry, RunStart } from '../ports.ts'
import { findBlock, hold, type PolicyRun } from './block.ts'
import { advance, phaseOf, type Step } from './phases.ts'

export interface Decision {
  /** The entries that changed; to be stored together, before anything is started. */
  readonly changed: readonly LedgerEntry[]
  /** The run to start now, or `null`. */
  readonly start: RunStart | null
  /** Nothing will change before this moment unless a signal arrives; infinite where nothing is pending. */
  readonly wakeAt: EpochMs
}

/**
 * Applies the policy of one pipeline to its ledger. Pure: the same entries, moment, policy and runs give the same
 * decision, so that it can be repeated after a crash and replayed in a backtest.
 *
 * A pipeline has at most one active and one pending run. The first signal leads the pending run and waits `debounce`
 * for others; they join it. An ad-hoc signal takes the lead and does not wait. When the wait is over, the run starts,
 * or is deferred (another run is active, cool-down, budget) or refused (budget, hold), and those that joined with it.
 *
 * @param entries the ledger of the pipeline, in order of arrival
 * @param runs runs of the pipeline, in any order
 */
export function decide(
  entries: readonly LedgerEntry[],
  now: EpochMs,
  policy: Policy,
  runs: readonly PolicyRun[],
): Decision {
  const ledger = new WorkingLedger(entries, now)
  const known = withStarted(entries, runs)
  for (const entry of entries) if (phaseOf(entry) === 'arrived') admit(ledger, entry, policy, known)
  const start = settle(ledger, now, policy, known)
  const leader = ledger.leader()
  return {
    changed: ledger.changed(),
    start,
    wakeAt: leader ? (leader.dueAt ?? now) : Number.POSITIVE_INFINITY,
  }
}

/** The entries after a run that was to start could not even begin: nobody will wait for it. */
export function withdraw(
  entries: readonly LedgerEntry[],
  now: EpochMs,
  runId: string,
  reason: string,
): readonly LedgerEntry[] {
  return entries.filter((entry) => entry.runId === runId).map((entry) => advance(entry, 'refuse', refusal(reason, now)))
}

/** The run that a signal leads. */
function runIdOf({ signal }: LedgerEntry): string {
  return stableId('run', signal.pipeline, signal.id)
}

/** The run of a started entry, with what all its signals ask for; later signals win. */
export function runStart(entries: readonly LedgerEntry[], leader: LedgerEntry, policy: Policy): RunStart {
  const { pipeline, kind, id } = leader.signal
  const runId = runIdOf(leader)
  const asked = entries.filter((entry) => entry.runId === runId || entry === leader)
  const params: JsonObject = Object.assign({}, policy.params, ...asked.map((entry) => entry.signal.params))
  return { pipeline, params, trigger: kind, signalId: id, runId }
}

/** Runs that the ledger has started and the run store does not know yet are active too. */
function withStarted(entries: readonly LedgerEntry[], runs: readonly PolicyRun[]): readonly PolicyRun[] {
  const known = new Set(runs.map(({ id }) => id))
  const begun = entries
    .filter((entry) => phaseOf(entry) === 'started' && !known.has(entry.runId!))
    .map(({ signal, runId, decidedAt }) => ({
      id: runId!,
      trigger: signal.kind,
      startedAt: decidedAt,
      finishedAt: null,
      outcome: null,
    }))
  return [...runs, ...begun]
}

function admit(ledger: WorkingLedger, entry: LedgerEntry, policy: Policy, runs: readonly PolicyRun[]): void {
  const { signal } = entry
  const leader = ledger.leader()
  const urgent = signal.kind === 'ad-hoc'
  const held = leader || urgent ? undefined : hold(policy, runs)
  if (leader && urgent && leader.signal.kind !== 'ad-hoc') ledger.takeOver(entry, leader)
  else if (leader) ledger.join(entry, leader, policy)
  else if (held) ledger.refuse(entry, held.reason)
  else ledger.lead(entry, urgent ? signal.at : signal.at + policy.debounceMs)
}

function settle(ledger: WorkingLedger, now: EpochMs, policy: Policy, runs: readonly PolicyRun[]): RunStart | null {
  const leader = ledger.leader()
  if (!leader || (leader.dueAt !== null && leader.dueAt > now)) return null
  const block = findBlock(leader.signal.kind, now, policy, runs)
  if (block?.type === 'defer') ledger.defer(leader, block.until, block.reason)
  if (block?.type === 'refuse') ledger.refuseRun(leader, block.reason)
  return block ? null : runStart(ledger.entries(), ledger.start(leader), policy)
}

/** The entries of one pipeline while a decision is made. */
class WorkingLedger {
  readonly #now: EpochMs
  readonly #entries: Map<string, LedgerEntry>
  readonly #changed = new Set<string>()

  constructor(entries: readonly LedgerEntry[], now: EpochMs) {
    this.#now = now
    this.#entries = new Map(entries.map((entry) => [entry.signal.id, entry]))
  }

  entries(): readonly LedgerEntry[] {
    return [...this.#entries.values()]
  }

  changed(): readonly LedgerEntry[] {
    return [...this.#changed].map((id) => this.#entries.get(id)!)
  }

  leader(): LedgerEntry | undefined {
    return this.entries().find((entry) => ['waiting', 'deferred'].includes(phaseOf(entry)))
  }

  lead(entry: LedgerEntry, dueAt: EpochMs): void {
    const reason = dueAt > this.#now ? `waits until ${toIso(dueAt)} for other signals` : 'is next'
    this.#apply(entry, 'lead', { reason, dueAt })
  }

  join(entry: LedgerEntry, leader: LedgerEntry, policy: Policy): void {
    const runId = runIdOf(leader)
    this.#apply(entry, 'join', { outcome: 'merged', reason: `merged into ${runId}`, runId, dueAt: null })
    const dueAt = prolonged(leader, entry, policy)
    if (dueAt > leader.dueAt!)
      this.#apply(leader, 'extend', { reason: `waits until ${toIso(dueAt)} for other signals`, dueAt })
  }

  /** An ad-hoc signal leads the pending run from now on: its old leader and all that joined that one join it. */
  takeOver(entry: LedgerEntry, old: LedgerEntry): void {
    const runId = runIdOf(entry)
    const members = this.entries().filter((member) => member === old || member.runId === runIdOf(old))
    const reason = `merged into ${runId}, an ad-hoc run`
    for (const member of members) this.#apply(member, 'join', { outcome: 'merged', reason, runId, dueAt: null })
    this.lead(entry, entry.signal.at)
  }

  defer(leader: LedgerEntry, until: EpochMs | null, reason: string): void {
    if (leader.outcome === 'deferred' && leader.reason === reason && leader.dueAt === until) return
    this.#apply(leader, 'defer', { outcome: 'deferred', reason, dueAt: until })
  }

  start(leader: LedgerEntry): LedgerEntry {
    const runId = runIdOf(leader)
    const waited = leader.outcome === 'deferred'
    return this.#apply(leader, 'start', {
      outcome: waited ? 'deferred' : 'fired',
      reason: waited ? `${leader.reason}; ran as ${runId}` : `started ${runId}`,
      runId,
      dueAt: null,
    })
  }

  refuse(entry: LedgerEntry, reason: string): void {
    this.#apply(entry, 'refuse', refusal(reason, this.#now))
  }

  refuseRun(leader: LedgerEntry, reason: string): void {
    const runId = runIdOf(leader)
    for (const entry of this.entries()) if (entry === leader || entry.runId === runId) this.refuse(entry, reason)
  }

  #apply(entry: LedgerEntry, step: Step, change: Partial<LedgerEntry>): LedgerEntry {
    const next = advance(entry, step, { decidedAt: this.#now, ...change })
    this.#entries.set(entry.signal.id, next)
    this.#changed.add(entry.signal.id)
    return next
  }
}

/** When a leader is due after another signal joined it: only one that waits for others waits longer. */
function prolonged(leader: LedgerEntry, joined: LedgerEntry, { debounceMs, maxWaitMs }: Policy): EpochMs {
  const { dueAt, signal } = leader
  if (phaseOf(leader) !== 'waiting' || signal.kind === 'ad-hoc' || joined.signal.at > dueAt!)
    return Number.NEGATIVE_INFINITY
  return Math.min(joined.signal.at + debounceMs, signal.at + maxWaitMs)
}

function refusal(reason: string, now: EpochMs): Partial<LedgerEntry> {
  return { outcome: 'refused', reason, decidedAt: now, runId: null, dueAt: null }
}
