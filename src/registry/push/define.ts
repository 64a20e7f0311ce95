import type { EpochMs } from '../../kernel/index.ts'

/** What one apply pushes to the outside of Covenant's own state, as the ledger keeps it. */
export interface Push {
  readonly id: string
  readonly startedAt: EpochMs
  /** `open`: not all of it is done; it is resumed or undone before another one begins. */
  readonly state: 'open' | 'done' | 'undone'
  /** The contract versions that it pushes. */
  readonly contracts: readonly { readonly id: string; readonly version: string; readonly hash: string }[]
  /** In the order in which they are done; undone in the reverse order. */
  readonly steps: readonly PushStep[]
}

/** One target of a push: all of it is done, or none. */
export interface PushStep {
  /** Names the target among those of the project: `database production public`, `producers producers/ts`, `registry`. */
  readonly target: string
  readonly kind: 'database' | 'producers' | 'registry'
  /** `started`: whether it was done is known from the target only. */
  readonly state: 'planned' | 'started' | 'done' | 'undone'
  /** Of producers: the files before, to be put back. */
  readonly files?: readonly PushedFile[]
  /** Why it failed the last time. */
  readonly failure?: string
}

export interface PushedFile {
  /** Relative to the project. */
  readonly path: string
  /** What it held before; `null` where it was not there. */
  readonly before: string | null
  readonly after: string
}
