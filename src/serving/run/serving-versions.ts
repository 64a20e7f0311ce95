import type { EpochMs } from '../../kernel/index.ts'
import type { AliasChange, ModelRegistry, ModelVersion } from '../../metadata/index.ts'
import type { EndpointDefinition } from '../define.ts'
import { checkSignature, type Slot, slotsOf, versionAt } from '../plan.ts'

/**
 * Which model version an alias points to, as of a moment. What the registry says is read once and replaced as a whole
 * by `refresh`, so that one batch never sees half of a promotion.
 */
export class ServingVersions {
  readonly #endpoint: EndpointDefinition
  readonly #registry: ModelRegistry
  readonly #versions = new Map<string, Promise<ModelVersion>>()
  #histories: Promise<ReadonlyMap<string, readonly AliasChange[]>> | undefined

  constructor(endpoint: EndpointDefinition, registry: ModelRegistry) {
    this.#endpoint = endpoint
    this.#registry = registry
  }

  /** Reads the aliases again; a batch that is being scored goes on with what it began with. */
  async refresh(): Promise<void> {
    const histories = this.#read()
    await histories
    this.#histories = histories
  }

  /** The version of a slot at a moment, as a function, so that all moments are answered by one state. */
  async resolver(): Promise<(slot: Slot, q: EpochMs) => number | undefined> {
    this.#histories ??= this.#read()
    const histories = await this.#histories
    return ({ model, alias }, q) => versionAt(histories.get(model) ?? [], alias, q)
  }

  /** Throws `SERVING_SIGNATURE_MISMATCH` where the version was trained on other features. */
  get(model: string, version: number): Promise<ModelVersion> {
    const name = `${model}@${version}`
    const known = this.#versions.get(name)
    if (known) return known
    const read = this.#checked(model, version)
    this.#versions.set(name, read)
    read.catch(() => this.#versions.delete(name))
    return read
  }

  async #checked(model: string, version: number): Promise<ModelVersion> {
    const found = await this.#registry.version(model, version)
    checkSignature(this.#endpoint, found!)
    return found!
  }

  async #read(): Promise<ReadonlyMap<string, readonly AliasChange[]>> {
    const models = [...new Set(slotsOf(this.#endpoint).map((slot) => slot.model))]
    return new Map(
      await Promise.all(models.map(async (model) => [model, await this.#registry.aliasHistory(model)] as const)),
    )
  }
}
