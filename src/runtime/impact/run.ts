import type { Clock } from '../../kernel/index.ts'
import { registryOf } from '../covenant.ts'
import type { Stores } from '../stores.ts'
import type { Impact } from './define.ts'
import type { Definitions } from './readers.ts'
import { recordedImpact } from './recorded.ts'
import { downstreamOf } from './static.ts'

export interface ImpactRequest {
  readonly project: Definitions
  /** Contract topic. */
  readonly topic: string
  /** Fields of the contract's top level; `null` for all of it. */
  readonly fields: readonly string[] | null
  /** Of the state folder, where there is one. */
  readonly stores: Stores | null
  readonly clock: Clock
}

/** What stands downstream of a contract: by the project's definitions, and by what lineage has recorded. */
export async function impactOf({ project, topic, fields, stores, clock }: ImpactRequest): Promise<Impact> {
  const declared = downstreamOf(project, topic, fields, clock.now())
  if (stores === null) return { ...declared, recorded: null }
  const registry = registryOf(stores, clock)
  const registered = await registry.latest(topic)
  const versions = registered === undefined ? [] : await registry.versions(registered.contract.id)
  const names = new Set([
    ...versions.map(({ contract }) => contract.version),
    ...project.contracts.filter((each) => each.topic === topic).map(({ version }) => version),
  ])
  return { ...declared, recorded: await recordedImpact(stores, topic, [...names]) }
}
