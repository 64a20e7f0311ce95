import { type Contract, compileValidationPlan, readRegistered } from '../contract/index.ts'
import { type Clock, CovenantError, type EventBus, Mutex } from '../kernel/index.ts'
import type { ContractChange, RegisteredContract } from './define.ts'
import type {} from './events.ts'
import { type Misfit, planChanges } from './plan.ts'
import type { ContractVersion, RegistryStore } from './ports.ts'

export interface RegistryOptions {
  readonly store: RegistryStore
  readonly clock: Clock
  readonly events: EventBus
  /** The end offset of each partition of a contract topic's raw topic: versions hold from there on. */
  readonly endOffsets?: (topic: string) => Promise<readonly number[]>
  /** What the stages behind the registry could not take, so that no such version enters. */
  readonly misfit?: Misfit
}

/**
 * The registered contract versions: immutable, checked for compatibility before they enter, and looked up by every hop.
 *
 * @example
 * const changes = await registry.apply([readContract(text, file)])
 * const current = await registry.latest('flights.arrived')
 */
export class Registry {
  readonly #options: RegistryOptions
  readonly #applying = new Mutex()
  readonly #parsed = new Map<string, RegisteredContract>()
  #index: Index = buildIndex([])
  #loading: Promise<void> | null = null

  constructor(options: RegistryOptions) {
    this.#options = options
  }

  /** What `apply` would do; changes nothing. In the order of contract ids and versions. */
  async plan(contracts: readonly Contract[]): Promise<ContractChange[]> {
    return planChanges(contracts, await this.#fresh(), this.#options.misfit)
  }

  /**
   * Registers the versions that are new, all or none: where one is refused, the others are too. Repeating it changes
   * nothing.
   *
   * @throws CovenantError `REGISTRY_CONFLICT` (retryable) when another process registered one of the versions meanwhile,
   * with other content.
   */
  apply(contracts: readonly Contract[]): Promise<ContractChange[]> {
    return this.#applying.run(async () => {
      const changes = await this.plan(contracts)
      if (changes.some(({ outcome }) => outcome === 'refused')) return changes.map(withdraw)
      await this.#register(contracts, changes)
      const index = await this.#fresh()
      for (const { contractId, version } of changes) {
        const { contract, registeredAt } = index.byId
          .get(contractId)!
          .find((each) => each.contract.version === version)!
        const event = { contractId, version, topic: contract.topic, at: registeredAt }
        await this.#options.events.emit('registry.version-registered', event)
      }
      return changes
    })
  }

  /** The newest version for a topic. Cheap: one count of rows in the store while nothing was registered. */
  async latest(topic: string): Promise<RegisteredContract | undefined> {
    return (await this.#fresh()).byTopic.get(topic)?.at(-1)
  }

  async version(topic: string, version: string): Promise<RegisteredContract | undefined> {
    return (await this.#fresh()).byTopic.get(topic)?.find(({ contract }) => contract.version === version)
  }

  /** All versions for a topic, oldest registration first. */
  async versionsOf(topic: string): Promise<readonly RegisteredContract[]> {
    return (await this.#fresh()).byTopic.get(topic) ?? []
  }

  /** The newest version for every topic, by topic. */
  async all(): Promise<RegisteredContract[]> {
    const { byTopic } = await this.#fresh()
    return [...byTopic.keys()].sort().map((topic) => byTopic.get(topic)!.at(-1)!)
  }

  /** All versions of a contract, oldest first. */
  async versions(contractId: string): Promise<RegisteredContract[]> {
    return [...((await this.#fresh()).byId.get(contractId) ?? [])]
  }

  /** How many versions are registered: another number after every registration, and cheap to ask. */
  count(): Promise<number> {
    return this.#options.store.count()
  }

  async #register(contracts: readonly Contract[], changes: readonly ContractChange[]): Promise<void> {
    const { store, clock, endOffsets = async () => [] } = this.#options
    const fresh = changes.filter(({ outcome }) => outcome === 'registered')
    if (fresh.length === 0) return
    const registeredAt = clock.now()
    const offsets = new Map<string, readonly number[]>()
    for (const { topic } of fresh) offsets.set(topic, await endOffsets(topic))
    const rows = fresh.map(({ contractId, version }) => {
      const { topic, source, hash } = contracts.find((each) => each.id === contractId && each.version === version)!
      return { contractId, version, topic, source, hash, registeredAt, activeFrom: offsets.get(topic) ?? [] }
    })
    await store.add(rows)
    for (const row of rows) {
      const stored = await store.get(row.contractId, row.version)
      if (stored?.hash !== row.hash) throw conflict(row)
    }
  }

  /** The index of what is registered now, by this or another process. */
  async #fresh(): Promise<Index> {
    // A load that began before a registration may end without it: ask again until the counts agree.
    while ((await this.#options.store.count()) !== this.#index.count) {
      this.#loading ??= this.#load().finally(() => {
        this.#loading = null
      })
      await this.#loading
    }
    return this.#index
  }

  async #load(): Promise<void> {
    const { store } = this.#options
    const rows: ContractVersion[] = []
    for (const { contractId } of await store.latest()) rows.push(...(await store.versions(contractId)))
    this.#index = buildIndex(rows.map((row) => this.#parse(row)))
  }

  #parse(row: ContractVersion): RegisteredContract {
    const name = `${row.contractId}@${row.version}`
    const known = this.#parsed.get(name)
    if (known !== undefined) return known
    const contract = readRegistered(row.source, `registry:${name}`, row.contractId)
    const { registeredAt, activeFrom } = row
    const registered = { contract, plan: compileValidationPlan(contract), registeredAt, activeFrom }
    this.#parsed.set(name, registered)
    return registered
  }
}

/** Registered versions by contract and by topic, oldest first, and the decision's view of them. */
interface Index {
  readonly count: number
  readonly byId: ReadonlyMap<string, readonly RegisteredContract[]>
  readonly byTopic: ReadonlyMap<string, readonly RegisteredContract[]>
  versions(contractId: string): readonly Contract[]
  ownerOf(topic: string): string | undefined
  topics(): readonly string[]
}

function buildIndex(registered: readonly RegisteredContract[]): Index {
  const byId = Map.groupBy(registered, ({ contract }) => contract.id)
  const byTopic = Map.groupBy(registered, ({ contract }) => contract.topic)
  return {
    count: registered.length,
    byId,
    byTopic,
    versions: (contractId) => (byId.get(contractId) ?? []).map(({ contract }) => contract),
    ownerOf: (topic) => byTopic.get(topic)?.at(-1)?.contract.id,
    topics: () => [...byTopic.keys()],
  }
}

/** Nothing of a list is registered when one of it is refused: say so for the others. */
function withdraw(change: ContractChange): ContractChange {
  if (change.outcome !== 'registered') return change
  return {
    ...change,
    outcome: 'refused',
    message: 'Not registered, because another contract of the same call was refused.',
  }
}

function conflict({ contractId, version }: ContractVersion): CovenantError {
  return new CovenantError({
    code: 'REGISTRY_CONFLICT',
    message: `Version ${version} of ${contractId} was registered with other content by another process.`,
    where: contractId,
    remedy: 'Apply again to see what it holds, and give yours a higher version.',
    retryable: true,
  })
}
