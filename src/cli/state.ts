import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CovenantError } from '../kernel/index.ts'
import type { Covenant } from '../runtime/index.ts'
import { openStores, type Stores } from '../runtime/stores.ts'
import type { CommandContext } from './context.ts'

/**
 * Opens the stores of a state folder for a verb that reads or appends, also while another process works on the state.
 *
 * Throws `STATE_NOT_FOUND` where the folder holds no state: looking at nothing makes no folder.
 */
export async function withStores<T>({ stateDir }: CommandContext, body: (stores: Stores) => Promise<T>): Promise<T> {
  refuseNoState(stateDir)
  const stores = await openStores({ stateDir })
  try {
    return await body(stores)
  } finally {
    await stores.close()
  }
}

/** Opens the project on its state folder, alone. */
export async function withCovenant<T>(context: CommandContext, body: (covenant: Covenant) => Promise<T>): Promise<T> {
  // Loaded here, because the verbs that only read need neither DuckDB nor the model scorer.
  const { openCovenant } = await import('../runtime/covenant.ts')
  const covenant = await openCovenant(context)
  try {
    return await body(covenant)
  } finally {
    await covenant.close()
  }
}

/** Throws `STATE_NOT_FOUND` where the folder holds no state yet. */
export function refuseNoState(stateDir: string): void {
  if (existsSync(join(stateDir, 'metadata.db'))) return
  throw new CovenantError({
    code: 'STATE_NOT_FOUND',
    message: 'There is no Covenant state in this folder.',
    where: stateDir,
    remedy: 'Make it with covenant apply, or name the folder of another one with --state DIR.',
  })
}
