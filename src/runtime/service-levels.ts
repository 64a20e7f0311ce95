import { systemClock } from '../kernel/index.ts'
import type { LevelEvaluation } from '../sla/index.ts'
import { registryOf } from './covenant.ts'
import type { Stores } from './stores.ts'

/** The newest evaluation of each service level of all registered contracts, contract by contract. */
export async function serviceLevels(
  stores: Pick<Stores, 'registryStore' | 'levels' | 'log'>,
): Promise<readonly LevelEvaluation[]> {
  const evaluations: LevelEvaluation[] = []
  for (const { contract } of await registryOf(stores, systemClock).all())
    evaluations.push(...(await stores.levels.newest(contract.id)))
  return evaluations
}
