import type { Stores } from '../../runtime/stores.ts'

export interface CurrentAlias {
  readonly model: string
  readonly alias: string
  readonly version: number
  /** Epoch milliseconds since which it points there. */
  readonly at: number
}

/** Where every alias points now. */
export async function currentAliases({ models }: Pick<Stores, 'models'>): Promise<readonly CurrentAlias[]> {
  const newest = new Map<string, CurrentAlias>()
  for (const { model, alias, version, at } of await models.aliasHistory())
    newest.set(JSON.stringify([model, alias]), { model, alias, version, at })
  return [...newest.values()]
}
