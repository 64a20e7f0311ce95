import type { Contract, PartChange, Problem } from '../../contract/index.ts'
import type { EpochMs } from '../../kernel/index.ts'
import type { ContractChange } from '../../registry/index.ts'

/** A contract file of the base or of the working tree. */
export interface ContractFile {
  /** From the root of the repository, with `/`. */
  readonly path: string
  readonly text: string
  /** `null` where the file is no valid contract; `problems` say why. */
  readonly contract: Contract | null
  readonly problems: readonly Problem[]
  /** The id it gives itself, also where it is not valid; `null` where none can be read. */
  readonly id: string | null
}

/** What became of one contract between the base and the working tree. */
export interface ContractPair {
  readonly before: ContractFile | null
  readonly after: ContractFile | null
}

/** One thing that changed in a contract, and where the proposed file has it, or what is around it (1-based). */
export interface ChangeLine extends PartChange {
  readonly line: number
  readonly column: number
}

/** How one contract changed, and whether that may be merged. */
export interface ContractReview {
  readonly contractId: string
  /** Contract topic; `null` where no version of the file can be read. */
  readonly topic: string | null
  readonly change: 'added' | 'removed' | 'changed' | 'unchanged'
  /** Path in the repository: of the working tree, or of the base where the file is gone. */
  readonly file: string
  /** Where the proposed file states its version (1-based): what a wrong version is mended at. */
  readonly at: { readonly line: number; readonly column: number }
  /** Where the file was before, if it was moved; else `null`. */
  readonly movedFrom: string | null
  readonly baseVersion: string | null
  readonly proposedVersion: string | null
  /**
   * `ok`; `needs-bump`: compatible, but under a version that says less; `breaking`: `changes` says what, for whom;
   * `invalid`: the proposed file is no contract.
   */
  readonly verdict: 'ok' | 'needs-bump' | 'breaking' | 'invalid'
  /** False where the change must not be merged as it is. */
  readonly mergeable: boolean
  /** The version that the change needs at least; `null` where the proposed one will do. */
  readonly requiredVersion: string | null
  /** The verdict in words, with the way out where it is not mergeable. */
  readonly message: string
  /** What breaks somebody (`effect: major`) first. */
  readonly changes: readonly ChangeLine[]
  /** What applying it to the registry of the state folder would do; `null` unless asked for. */
  readonly registry: ContractChange | null
}

/** Somebody who has to approve, and what for. */
export interface Approval {
  readonly username: string
  readonly name: string | null
  /** As the contract writes it; `team` where the contract names a team and no person. */
  readonly role: string
  /** Contracts that they answer for. */
  readonly contracts: readonly string[]
  /** `changed`: of a contract that changes; `downstream`: of one that stands behind a breaking change. */
  readonly because: 'changed' | 'downstream'
  /** Files of the change that are theirs to approve, from the root of the repository. */
  readonly files: readonly string[]
}

export interface CheckReport {
  readonly base: { readonly name: string; readonly commit: string }
  readonly mergeable: boolean
  /** Changed ones first; by contract id. */
  readonly contracts: readonly ContractReview[]
  /** All problems of the working tree's contracts, files from the root of the repository. */
  readonly problems: readonly Problem[]
  /** What could not be looked at, in sentences: an invalid contract in the base, definitions that do not load. */
  readonly notes: readonly string[]
  readonly approvals: readonly Approval[]
  /** Changed contracts for which nobody can approve, because they name neither people nor a team. */
  readonly unowned: readonly string[]
  readonly checkedAt: EpochMs
}
