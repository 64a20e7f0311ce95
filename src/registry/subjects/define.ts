/** The formats of schemas, by their names in the Confluent REST API. */
export const SCHEMA_TYPES = ['JSON', 'PROTOBUF', 'AVRO'] as const
export type SchemaType = (typeof SCHEMA_TYPES)[number]

/** Another schema that a schema uses: `name` is what the text calls it. */
export interface SchemaReference {
  readonly name: string
  readonly subject: string
  readonly version: number
}

export interface Metadata {
  /** Tags by the path of a field, e.g. `{'**.email': ['PII']}`. */
  readonly tags?: Readonly<Record<string, readonly string[]>>
  readonly properties?: Readonly<Record<string, string>>
  /** Names of properties that are secrets. */
  readonly sensitive?: readonly string[]
}

export const RULE_KINDS = ['TRANSFORM', 'CONDITION'] as const
export const RULE_MODES = ['UPGRADE', 'DOWNGRADE', 'UPDOWN', 'WRITE', 'READ', 'WRITEREAD'] as const

/** A rule that the serialisers and deserialisers of clients execute. */
export interface Rule {
  readonly name: string
  readonly doc?: string
  readonly kind?: (typeof RULE_KINDS)[number]
  readonly mode?: (typeof RULE_MODES)[number]
  /** `CEL`, `CEL_FIELD`, `JSONATA`, `ENCRYPT` …: which executor of the client runs it. */
  readonly type: string
  readonly tags?: readonly string[]
  readonly params?: Readonly<Record<string, string>>
  readonly expr?: string
  readonly onSuccess?: string
  readonly onFailure?: string
  readonly disabled?: boolean
}

export const RULE_PHASES = ['migrationRules', 'domainRules', 'encodingRules'] as const

export interface RuleSet {
  readonly migrationRules?: readonly Rule[]
  readonly domainRules?: readonly Rule[]
  readonly encodingRules?: readonly Rule[]
  readonly enableAt?: string
}

/** What a schema id stands for: equal content has one id, whatever the subjects it is registered under. */
export interface SchemaContent {
  readonly schemaType: SchemaType
  /** The schema's text; of JSON and Avro without white space. */
  readonly schema: string
  readonly references: readonly SchemaReference[]
  readonly metadata: Metadata | null
  readonly ruleSet: RuleSet | null
}

export interface StoredSchema extends SchemaContent {
  /** 1 upwards, one numbering for all subjects and contexts. */
  readonly id: number
  /** A UUID that follows from the content, the same in every registry. */
  readonly guid: string
}

/** That a subject has a schema as one of its versions. */
export interface SubjectVersion {
  /** With its context where that is not the default one: `:.staging:orders-value`. */
  readonly subject: string
  readonly version: number
  readonly schemaId: number
  /** Deleted softly: still found by id, and where a request asks for deleted ones. */
  readonly deleted: boolean
  /** `<contract id>@<version>` of the contract version that it was compiled from; `null` for one that a client registered. */
  readonly contract: string | null
}

export const COMPATIBILITY_LEVELS = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const
export type CompatibilityLevel = (typeof COMPATIBILITY_LEVELS)[number]

/** What is configured for a subject, a context or all subjects; what is absent is inherited. */
export interface SubjectConfig {
  readonly compatibilityLevel?: CompatibilityLevel
  /** Name of a metadata property: only versions with the same value of it are compared. */
  /** STRICT is the only one: schemas are compared by meaning. */
  readonly compatibilityPolicy?: string
  readonly compatibilityGroup?: string
  /** The subject that is meant by this one. */
  readonly alias?: string
  /** Schemas are brought into normal form before they are compared and stored. */
  readonly normalize?: boolean
  readonly defaultMetadata?: Metadata
  readonly overrideMetadata?: Metadata
  readonly defaultRuleSet?: RuleSet
  readonly overrideRuleSet?: RuleSet
}

export const MODES = ['READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT'] as const
export type Mode = (typeof MODES)[number]

/** Configuration and mode of a scope: a subject, a context (`:.staging:`), or everything (the empty text). */
export interface Setting {
  readonly scope: string
  readonly config: SubjectConfig | null
  readonly mode: Mode | null
}

/** Everything that the registry holds about subjects. */
export interface SubjectRows {
  readonly schemas: readonly StoredSchema[]
  readonly versions: readonly SubjectVersion[]
  readonly settings: readonly Setting[]
}

/** What one request changes, all or nothing. Versions and settings replace those of the same key. */
export interface SubjectChange {
  readonly schemas?: readonly StoredSchema[]
  readonly versions?: readonly SubjectVersion[]
  readonly removed?: readonly { readonly subject: string; readonly version: number }[]
  /** One whose members are both `null` removes the setting. */
  readonly settings?: readonly Setting[]
}

/** A schema as a client sends it. */
export interface SchemaRequest {
  readonly schemaType: SchemaType
  readonly schema: string
  readonly references: readonly SchemaReference[]
  /** `null` where the request has none: then those of the version before go on. */
  readonly metadata: Metadata | null
  readonly ruleSet: RuleSet | null
  /** Given in mode IMPORT only; `null` for the next one. */
  readonly id: number | null
  /** `null` for the next one, -1 for the latest. */
  readonly version: number | null
}

/** A version of a subject with its schema. */
export interface SubjectSchema {
  readonly entry: SubjectVersion
  readonly schema: StoredSchema
}

/** A schema's text with the texts it refers to, those that others build on first. */
export interface SchemaSource {
  readonly schema: string
  readonly references: readonly { readonly name: string; readonly schema: string }[]
}
