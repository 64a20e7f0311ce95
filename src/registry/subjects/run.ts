import { Mutex } from '../../kernel/index.ts'
import type { SubjectStore } from '../ports.ts'
import type { Registry } from '../run.ts'
import { contractSchemas, type TopicNames } from './contract-schemas.ts'
import type { Mode, SchemaRequest, SubjectChange, SubjectConfig, SubjectSchema } from './define.ts'
import { type Planned, planContractVersion, planRegistration } from './plan.ts'
import { planContextDeletion, planSubjectDeletion, planVersionDeletion } from './plan-deletion.ts'
import { type ConfigUpdate, planConfig, planConfigDeletion, planMode, planModeDeletion } from './plan-settings.ts'
import { SubjectView } from './view.ts'

export interface SubjectsOptions {
  readonly store: SubjectStore
  /** The registered contracts; each of their versions becomes a version of its subject. */
  readonly contracts: Pick<Registry, 'count' | 'all' | 'versions'>
  readonly topicNames: (topic: string) => TopicNames
}

/**
 * The subjects of the schema registry: those of registered contracts, compiled from them and owned by them, and those
 * that clients register. Everything is held in memory and read anew where another process changed it.
 *
 * @example
 * const subjects = new Subjects({ store, contracts: registry, topicNames })
 * const latest = (await subjects.view()).version('flights.arrived-value', -1)
 */
export class Subjects {
  readonly #options: SubjectsOptions
  readonly #writing = new Mutex()
  #view = new SubjectView({ schemas: [], versions: [], settings: [] })
  #revision = -1
  #contractCount = -1
  #next: Promise<SubjectView> | null = null

  constructor(options: SubjectsOptions) {
    this.#options = options
  }

  /**
   * What is registered now, by this or another process. Requests that arrive together share one look at the store,
   * which begins after the last of them.
   */
  view(): Promise<SubjectView> {
    this.#next ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        this.#next = null
        this.#refresh().then(resolve, reject)
      })
    })
    return this.#next
  }

  /** Another number whenever something changed; of use after `view`. */
  get revision(): number {
    return this.#revision
  }

  /** Throws `40901`, `42201`, `42205`, `42208`, `42209`, `42210`. */
  register(subject: string, request: SchemaRequest, options: { readonly normalize: boolean }): Promise<SubjectSchema> {
    return this.#write((view) => planRegistration(view, subject, request, options))
  }

  deleteVersion(subject: string, version: number, options: { readonly permanent: boolean }): Promise<number> {
    return this.#write((view) => planVersionDeletion(view, subject, version, options))
  }

  deleteSubject(subject: string, options: { readonly permanent: boolean }): Promise<readonly number[]> {
    return this.#write((view) => planSubjectDeletion(view, subject, options))
  }

  deleteContext(context: string): Promise<null> {
    return this.#write((view) => planContextDeletion(view, context))
  }

  configure(scope: string, update: ConfigUpdate): Promise<SubjectConfig> {
    return this.#write((view) => planConfig(view, scope, update))
  }

  deleteConfig(scope: string): Promise<SubjectConfig> {
    return this.#write((view) => planConfigDeletion(view, scope))
  }

  setMode(scope: string, mode: Mode, options: { readonly force: boolean }): Promise<Mode> {
    return this.#write((view) => planMode(view, scope, mode, options))
  }

  deleteMode(scope: string): Promise<Mode> {
    return this.#write((view) => planModeDeletion(view, scope))
  }

  async #refresh(): Promise<SubjectView> {
    const { store, contracts } = this.#options
    const [revision, count] = [await store.revision(), await contracts.count()]
    if (revision !== this.#revision || count !== this.#contractCount)
      await this.#writing.run(async () => {
        await this.#load()
        await this.#takeContracts(count)
      })
    return this.#view
  }

  async #load(): Promise<void> {
    const { store } = this.#options
    if ((await store.revision()) === this.#revision) return
    const { revision, rows } = await store.load()
    this.#view = new SubjectView(rows)
    this.#revision = revision
  }

  /** Registers the schemas of contract versions that have none yet, in the order of the versions. */
  async #takeContracts(count: number): Promise<void> {
    if (count === this.#contractCount) return
    const { contracts, topicNames } = this.#options
    for (const { contract: newest } of await contracts.all())
      for (const { contract } of await contracts.versions(newest.id))
        for (const { subject, contract: name, content, settings } of contractSchemas(
          contract,
          topicNames(contract.topic),
        ))
          await this.#commit((view) =>
            view.hasContract(`${subject} ${name}`)
              ? { answer: null, change: null }
              : withSettings(planContractVersion(view, { subject, content, contract: name }), settings),
          )
    this.#contractCount = count
  }

  #write<Answer>(plan: (view: SubjectView) => Planned<Answer>): Promise<Answer> {
    return this.view().then(() => this.#writing.run(() => this.#commit(plan)))
  }

  /** Plans on what is there, and again where another process was quicker. */
  async #commit<Answer>(plan: (view: SubjectView) => Planned<Answer>): Promise<Answer> {
    for (;;) {
      const { answer, change } = plan(this.#view)
      if (change === null) return answer
      if (await this.#options.store.commit(change, this.#revision)) {
        this.#view.apply(change)
        this.#revision += 1
        return answer
      }
      await this.#load()
    }
  }
}

function withSettings<Answer>(
  { answer, change }: Planned<Answer>,
  settings: NonNullable<SubjectChange['settings']>,
): Planned<Answer> {
  return { answer, change: { ...change, settings } }
}
