/** What can stand downstream of a contract. */
export type ImpactKind =
  | 'topic'
  | 'lake-table'
  | 'warehouse-model'
  | 'feature-view'
  | 'feature-service'
  | 'pipeline'
  | 'model'
  | 'endpoint'
  | 'monitor'
  | 'trigger'
  | 'contract'

/** One thing that stands downstream, by the project's definitions. */
export interface ImpactNode {
  readonly kind: ImpactKind
  readonly name: string
  /** False where it reads the data, but none of the fields that were asked for. */
  readonly touched: boolean
  /** The columns or features of it that the fields reach; `null` where it may be any, or where it has none. */
  readonly fields: readonly string[] | null
  /** What it reads, `<kind> <name>`: one step nearer to the contract. */
  readonly via: string
  /** Steps from the contract: 1 for its topics. */
  readonly distance: number
}

/** Somebody who answers for a contract. */
export interface Owner {
  readonly username: string
  readonly name: string | null
  readonly role: string
}

/** A registered model version that was made from data of the contract. */
export interface RecordedModel {
  readonly model: string
  readonly version: number
  readonly runId: string
  /** Aliases that point to it now, e.g. `champion`. */
  readonly aliases: readonly string[]
}

/** What lineage has recorded downstream of a contract. */
export interface RecordedImpact {
  /** Contract versions that lineage knows. */
  readonly contractVersions: readonly string[]
  readonly models: readonly RecordedModel[]
  readonly endpoints: readonly string[]
  readonly runs: number
  readonly datasets: number
  readonly snapshots: number
}

export interface Impact {
  /** Contract topic. */
  readonly topic: string
  /** The fields that were asked for; `null` for all of the contract. */
  readonly fields: readonly string[] | null
  /** Nearest first. */
  readonly nodes: readonly ImpactNode[]
  /** Owners of the contracts downstream. */
  readonly owners: readonly (Owner & { readonly contract: string })[]
  /** `null` where there is no state folder. */
  readonly recorded: RecordedImpact | null
}
