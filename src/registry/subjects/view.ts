import type {
  Mode,
  Setting,
  StoredSchema,
  SubjectChange,
  SubjectConfig,
  SubjectRows,
  SubjectSchema,
  SubjectVersion,
} from './define.ts'
import { contentKey } from './identity.ts'
import { DEFAULT_CONTEXT, scopesOf, splitSubject } from './names.ts'

export type Deleted = 'without' | 'with' | 'only'

/** What the registry holds, indexed for reading. A change makes it another one in place. */
export class SubjectView {
  readonly #schemas = new Map<number, StoredSchema>()
  readonly #byKey = new Map<string, StoredSchema>()
  readonly #byGuid = new Map<string, StoredSchema>()
  readonly #subjects = new Map<string, Map<number, SubjectVersion>>()
  readonly #bySchema = new Map<number, Set<SubjectVersion>>()
  readonly #settings = new Map<string, Setting>()
  readonly #contracts = new Set<string>()
  #lastId = 0

  constructor(rows: SubjectRows) {
    this.apply(rows)
  }

  apply({ schemas = [], versions = [], removed = [], settings = [] }: SubjectChange): void {
    for (const schema of schemas) this.#addSchema(schema)
    for (const { subject, version } of removed) this.#remove(subject, version)
    for (const version of versions) this.#addVersion(version)
    for (const setting of settings) this.#set(setting)
  }

  schema(id: number): StoredSchema | undefined {
    return this.#schemas.get(id)
  }

  byGuid(guid: string): StoredSchema | undefined {
    return this.#byGuid.get(guid.toLowerCase())
  }

  /** The schema that holds equal content. */
  byKey(key: string): StoredSchema | undefined {
    return this.#byKey.get(key)
  }

  /** The highest id that was given; 0 before the first. */
  get lastId(): number {
    return this.#lastId
  }

  /** Sorted. */
  subjects(deleted: Deleted = 'without'): readonly string[] {
    return [...this.#subjects.keys()].filter((subject) => this.versions(subject, deleted).length > 0).sort()
  }

  /** Oldest first. A subject is "only deleted" where no version of it is left. */
  versions(subject: string, deleted: Deleted = 'without'): readonly SubjectSchema[] {
    const all = [...(this.#subjects.get(subject)?.values() ?? [])].sort((a, b) => a.version - b.version)
    const kept = deleted === 'with' ? all : all.filter((entry) => entry.deleted === (deleted === 'only'))
    return kept.map((entry) => ({ entry, schema: this.#schemas.get(entry.schemaId)! }))
  }

  has(subject: string, deleted: Deleted = 'without'): boolean {
    return this.versions(subject, deleted).length > 0
  }

  version(subject: string, version: number, deleted: Deleted = 'without'): SubjectSchema | undefined {
    if (version === -1) return this.versions(subject, deleted).at(-1)
    const entry = this.#subjects.get(subject)?.get(version)
    if (entry === undefined || (entry.deleted && deleted === 'without')) return undefined
    return { entry, schema: this.#schemas.get(entry.schemaId)! }
  }

  /** Where a schema is registered, by subject and version. */
  uses(id: number, deleted: Deleted = 'without'): readonly SubjectVersion[] {
    return [...(this.#bySchema.get(id) ?? [])]
      .filter((entry) => deleted === 'with' || !entry.deleted)
      .sort((a, b) => (a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : a.version - b.version))
  }

  /** The versions whose schemas refer to a version. */
  referencedBy(subject: string, version: number, deleted: Deleted = 'without'): readonly SubjectVersion[] {
    return [...this.#schemas.values()]
      .filter(({ references }) => references.some((each) => each.subject === subject && each.version === version))
      .flatMap(({ id }) => this.uses(id, deleted))
  }

  setting(scope: string): Setting | undefined {
    return this.#settings.get(scope)
  }

  /** What holds for a subject: its own configuration, then its context's, then everybody's. */
  configInScope(
    scope: string,
  ): SubjectConfig & { readonly compatibilityLevel: NonNullable<SubjectConfig['compatibilityLevel']> } {
    const { alias, ...inherited } = Object.assign(
      { compatibilityLevel: 'BACKWARD' as const },
      ...scopesOf(scope)
        .toReversed()
        .map((each) => this.#settings.get(each)?.config ?? {}),
    )
    const own = this.#settings.get(scope)?.config?.alias
    return own === undefined ? inherited : { ...inherited, alias: own }
  }

  modeInScope(scope: string): Mode {
    return (
      scopesOf(scope)
        .map((each) => this.#settings.get(each)?.mode)
        .find(Boolean) ?? 'READWRITE'
    )
  }

  contexts(): readonly string[] {
    const named = [...this.#subjects.keys()].map((subject) => splitSubject(subject).context)
    return [...new Set([DEFAULT_CONTEXT, ...named])].sort()
  }

  /** Whether a contract version has its schema in a subject: `<subject> <id>@<version>`. */
  hasContract(name: string): boolean {
    return this.#contracts.has(name)
  }

  /** The contract that owns a subject, by its newest version; `null` for a free subject. */
  ownerOf(subject: string): string | null {
    const owned = this.versions(subject, 'with').findLast(({ entry }) => entry.contract !== null)
    return owned?.entry.contract?.replace(/@[^@]*$/, '') ?? null
  }

  #addSchema(schema: StoredSchema): void {
    this.#schemas.set(schema.id, schema)
    this.#byKey.set(contentKey(schema), schema)
    this.#byGuid.set(schema.guid, schema)
    this.#lastId = Math.max(this.#lastId, schema.id)
  }

  #addVersion(entry: SubjectVersion): void {
    this.#remove(entry.subject, entry.version)
    const versions = this.#subjects.get(entry.subject) ?? new Map<number, SubjectVersion>()
    this.#subjects.set(entry.subject, versions.set(entry.version, entry))
    this.#bySchema.set(entry.schemaId, (this.#bySchema.get(entry.schemaId) ?? new Set()).add(entry))
    if (entry.contract !== null) this.#contracts.add(`${entry.subject} ${entry.contract}`)
  }

  #remove(subject: string, version: number): void {
    const versions = this.#subjects.get(subject)
    const entry = versions?.get(version)
    if (versions === undefined || entry === undefined) return
    versions.delete(version)
    if (versions.size === 0) this.#subjects.delete(subject)
    this.#bySchema.get(entry.schemaId)?.delete(entry)
  }

  #set(setting: Setting): void {
    if (setting.config === null && setting.mode === null) this.#settings.delete(setting.scope)
    else this.#settings.set(setting.scope, setting)
  }
}
