import type { Contract, ValidationPlan } from '../contract/index.ts'

/** A registered contract version, as far as validation needs it. */
export interface RegisteredVersion {
  readonly plan: ValidationPlan
  /** What the plan does not hold: how older records are brought to this version, and what happens to violating ones. */
  readonly contract: Pick<Contract, 'migrations' | 'deadLetters'>
  /**
   * End offset of each partition of the raw topic when the version was registered, by partition number: what was
   * appended before is not this version's. A partition that is not listed counts as 0.
   */
  readonly activeFrom: readonly number[]
}

/** Finds contract versions by topic. The registry is one. */
export interface ContractLookup {
  /** All registered versions of a topic, oldest registration first; empty where no contract describes it. */
  versionsOf(topic: string): Promise<readonly RegisteredVersion[]>
}
