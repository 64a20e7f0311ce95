import type { EpochMs } from '../kernel/index.ts'
import type { Incident, LevelEvaluation } from './levels/define.ts'

export type { Incident, LevelEvaluation }

/** The result of one check of an audit. `observed` is `null` where there was nothing to measure. */
export interface CheckResult {
  readonly checkId: string
  readonly dimension: string
  readonly severity: 'error' | 'warning'
  readonly observed: number | null
  /** The expectation in words, e.g. `<= 10800000 ms`. */
  readonly expected: string
  readonly passed: boolean
  /** Of a latency that is missed: for how long it has been, milliseconds. */
  readonly overdueMs?: number
}

/** An audit of one contract's new rows. It is `held` when a check of severity `error` failed. */
export interface Audit {
  readonly id: string
  readonly contractId: string
  readonly contractVersion: string
  readonly table: string
  /** The audited rows: added after this snapshot … */
  readonly afterSnapshotId: number
  /** … up to and including this one. */
  readonly snapshotId: number
  readonly auditedAt: EpochMs
  readonly rows: number
  readonly outcome: 'passed' | 'held'
  readonly checks: readonly CheckResult[]
}

/** What the warehouse may read of a table: its rows up to and including `snapshotId`. */
export interface Publication {
  readonly contractId: string
  readonly table: string
  /** 0 while nothing is published. */
  readonly snapshotId: number
  readonly publishedAt: EpochMs
  /** Set while publication is held: when the first unrepaired breach was found. */
  readonly heldSince: EpochMs | null
}

/** Audits and publications. Adapters: SQLite, PostgreSQL. */
export interface SlaStore {
  /** Records the audit and the publication that follows from it, together; an audit id that is known changes nothing. */
  record(audit: Audit, publication: Publication): Promise<void>
  publication(contractId: string): Promise<Publication | undefined>
  /** The newest audit of a contract. */
  lastAudit(contractId: string): Promise<Audit | undefined>
  publications(): Promise<readonly Publication[]>
  /** Oldest first; of all contracts, or of one. */
  audits(contractId?: string): Promise<readonly Audit[]>
}

/** Evaluations of service levels, and incidents. Adapters: SQLite, PostgreSQL. */
export interface LevelStore {
  /** Records the evaluation and the incident that it opens or closes, together; one that is known changes nothing. */
  record(evaluation: LevelEvaluation, incident: Incident | null): Promise<void>
  /** The newest evaluation of each level of a contract. */
  newest(contractId: string): Promise<readonly LevelEvaluation[]>
  /** Those of one level after the last one at or before `since`, that one included; oldest first. */
  evaluations(contractId: string, level: string, since: EpochMs): Promise<readonly LevelEvaluation[]>
  /** Adds or replaces an incident. */
  putIncident(incident: Incident): Promise<void>
  /** Oldest first; of all contracts, or of one. */
  incidents(contractId?: string): Promise<readonly Incident[]>
}
