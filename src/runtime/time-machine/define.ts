import type { EpochMs } from '../../kernel/index.ts'
import type { TestCheck } from '../../sla/index.ts'
import type { Outlook } from '../../validation/index.ts'

/** A record whose verdict would change; values of fields that are not classified as public show their shape only. */
export interface VerdictExample {
  /** The raw record: `<raw topic>/<partition>/<offset>`. */
  readonly source: string
  readonly timestamp: EpochMs
  /** Every rule that it breaks, as one of them does the reason. */
  readonly violations: readonly { readonly path: string; readonly expected: string; readonly got: string }[]
}

/** Records whose verdict would change, by a rule that they break. A record that breaks several counts under each. */
export interface VerdictGroup {
  readonly ruleId: string
  readonly count: number
  readonly examples: readonly VerdictExample[]
}

/** What the retained raw topic says. */
export interface RawVerdicts {
  /** Records that were looked at. */
  readonly records: number
  /** Of these, how many the proposed version would judge. */
  readonly concerned: number
  /** Of the concerned ones, how many are refused by the newest version, and by the proposed one. */
  readonly refusedToday: number
  readonly refusedProposed: number
  readonly newlyRefused: number
  readonly newlyAccepted: number
  /** By the proposed version's rules that refuse them, most frequent first. */
  readonly newlyRefusedBy: readonly VerdictGroup[]
  /** By the newest version's rules that refuse them today, most frequent first. */
  readonly newlyAcceptedBy: readonly VerdictGroup[]
}

/** Newly refused records that went downstream, and what was made with them. */
export interface AffectedData {
  /** Newly refused records that stand in the validated topic. */
  readonly validatedRecords: number
  readonly firstAt: EpochMs | null
  readonly lastAt: EpochMs | null
  /** Feature views and warehouse models that read the topic directly, each of them all these records. */
  readonly readers: readonly string[]
  /** Registered model versions downstream: of the records, how many were known when its run started. */
  readonly models: readonly {
    readonly model: string
    readonly version: number
    readonly aliases: readonly string[]
    readonly records: number
  }[]
  /** Predictions that were made of a newly refused record. */
  readonly predictions: readonly { readonly endpoint: string; readonly count: number }[]
}

/** A check of `contract test` whose outcome is not the same under both versions; `null` where a version has no such check. */
export interface LakeCheck {
  readonly id: string
  readonly kind: TestCheck['kind']
  readonly today: Pick<TestCheck, 'status' | 'failed'> | null
  readonly proposed: Pick<TestCheck, 'status' | 'failed'> | null
}

/** What the rows of the lake say. */
export type LakeVerdicts =
  | {
      readonly status: 'checked'
      /** Rows of today's major version, deletes left out. */
      readonly rows: number
      /** Rows that break a rule of the schema. */
      readonly failingToday: number
      readonly failingProposed: number
      readonly checks: readonly LakeCheck[]
    }
  | { readonly status: 'skipped'; readonly reason: string }

/** What a proposed contract version would have done to the records that are retained. */
export interface TimeMachineReport {
  readonly contractId: string
  /** Contract topic. */
  readonly topic: string
  readonly proposedVersion: string
  /** The version that judges today: the newest registered one, else the one of the base. */
  readonly todayVersion: string
  readonly raw: RawVerdicts
  /** Open dead letters by fingerprint: how many the proposed version accepts. */
  readonly deadLetters: readonly Outlook[]
  readonly lake: LakeVerdicts
  readonly affected: AffectedData
}
