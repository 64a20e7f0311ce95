import type { ValidationPlan } from '../contract/index.ts'

/** A registered contract version, as far as validation needs it. */
export interface RegisteredPlan {
  readonly plan: ValidationPlan
}

/** Finds contract versions by topic. The registry is one. */
export interface ContractLookup {
  latest(topic: string): Promise<RegisteredPlan | undefined>
  version(topic: string, version: string): Promise<RegisteredPlan | undefined>
}
