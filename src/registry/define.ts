import type { Contract, Incompatibility, ValidationPlan } from '../contract/index.ts'
import type { EpochMs } from '../kernel/index.ts'

/** A registered version, ready to be used. */
export interface RegisteredContract {
  readonly contract: Contract
  readonly plan: ValidationPlan
  readonly registeredAt: EpochMs
  /** End offset of each partition of the raw topic when it was registered, by partition number. */
  readonly activeFrom: readonly number[]
}

/** What applying one contract does, or would do. */
export interface ContractChange {
  readonly contractId: string
  readonly topic: string
  readonly version: string
  /** The newest registered version before; `null` for a new contract. */
  readonly previousVersion: string | null
  readonly outcome: 'registered' | 'unchanged' | 'refused'
  /** Of a version that is refused because it does not fit an earlier one. */
  readonly reasons: readonly Incompatibility[]
  /** The outcome in one sentence, with the way out where it is refused. */
  readonly message: string
}
