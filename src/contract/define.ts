import type { Json, JsonObject } from '../kernel/index.ts'
import type { LogicalType } from './logical-type.ts'
import type { Expression } from './plan/expression/define.ts'

export type { LogicalType } from './logical-type.ts'

/** The bounds of a field, from ODCS `logicalTypeOptions`, `enum` and `required`. Absent members do not constrain. */
export interface FieldRules {
  readonly minLength?: number
  readonly maxLength?: number
  /** ECMA-262 regular expression, unanchored, matched with the `u` flag. */
  readonly pattern?: string
  readonly enum?: readonly (string | number | boolean)[]
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly multipleOf?: number
  /** For `timestamp`, `date`, `time`: ISO 8601 text that is the earliest or latest allowed. */
  readonly earliest?: string
  readonly latest?: string
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
}

/** One property of the contract's schema object. */
export interface Field {
  readonly name: string
  readonly type: LogicalType
  readonly required: boolean
  readonly unique: boolean
  /** 1-based position in the primary key, or `null`. */
  readonly primaryKeyPosition: number | null
  readonly rules: FieldRules
  readonly description: string | null
  /** Of `object`. */
  readonly fields?: readonly Field[]
  /** Of `array` (its items) and `map` (its values). */
  readonly items?: Field
  /** What the values mean; absent where the contract says nothing about it. */
  readonly semantics?: Semantics
}

/** What a field means to its consumers: facts of ODCS that no validator checks. */
export interface Semantics {
  readonly businessName: string | null
  /** E.g. `restricted`, `public`, `PII`: the producer's words. */
  readonly classification: string | null
  readonly semanticType: 'column' | 'measure' | 'dimension' | null
  readonly tags: readonly string[]
  readonly synonyms: readonly string[]
  /** URLs of the field's `authoritativeDefinitions`. */
  readonly definitions: readonly string[]
  readonly deprecated: boolean
}

export type QualityDimension =
  | 'accuracy'
  | 'completeness'
  | 'conformity'
  | 'consistency'
  | 'coverage'
  | 'timeliness'
  | 'uniqueness'

/** The expectation of an ODCS quality rule, bounds inclusive for `between`. */
export type Expectation =
  | { readonly op: 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le'; readonly value: number }
  | { readonly op: 'between' | 'notBetween'; readonly low: number; readonly high: number }

/** A quality rule of the contract, audited on each new snapshot. */
export interface QualityRule {
  readonly id: string
  readonly description: string | null
  readonly dimension: QualityDimension | null
  readonly severity: 'error' | 'warning'
  /** The field it is about; `null` for a rule of the whole object. */
  readonly field: string | null
  /** Cron expression of its own (`scheduler: cron`), UTC; absent where it has none. */
  readonly schedule?: string
  readonly check:
    | {
        readonly type: 'library'
        readonly metric: 'rowCount' | 'nullValues' | 'missingValues' | 'invalidValues' | 'duplicateValues'
        readonly arguments: JsonObject
        readonly unit: 'rows' | 'percent'
      }
    /** `query` returns one number; `{object}` stands for the audited rows, `{property}` for the field. */
    | { readonly type: 'sql'; readonly query: string }
  readonly expect: Expectation
}

/**
 * How far a new rule goes: `shadow` counts what it would refuse, `warn` marks it, `enforce` refuses it. A rule that is
 * not `enforce` never moves a record to the dead letter topic.
 */
export type RuleStage = 'shadow' | 'warn' | 'enforce'

/** A rule about one record: ODCS quality of `type: custom, engine: cel`. Part of the validator's verdict. */
export interface RecordRule {
  /** Unique among the record rules and quality rules of the contract. */
  readonly id: string
  readonly description: string | null
  readonly stage: RuleStage
  /** The field it stands under; `null` for a rule of the whole record. */
  readonly field: string | null
  /** CEL (Common Expression Language) over `this`, the record, that is not false for a conforming one. */
  readonly expression: string
}

/** A service level of the contract, with its ODCS name. Durations are in milliseconds. */
export interface SlaProperty {
  /** `latency` (also written `freshness`), `retention`, `frequency`, `availability` … */
  readonly property: string
  readonly value: Json
  readonly unit: string | null
  /** The value as milliseconds where the unit is one of time; else `null`. */
  readonly valueMs: number | null
  /** The field the level is measured on, without the object's name; `null` where the contract names none. */
  readonly field: string | null
  /** Cron expression of the audit (`scheduler: cron`), UTC; `null` where the contract leaves it open. */
  readonly schedule: string | null
  /**
   * Share of evaluations, in percent, that have to meet the level, over a window (custom property
   * `covenant.objective`); absent where none may miss it.
   */
  readonly objective?: { readonly percent: number; readonly windowMs: number }
}

/** A person of the contract's team (ODCS `team`). */
export interface TeamMember {
  readonly username: string
  readonly name: string | null
  /** As the contract writes it, e.g. `Owner`, `Data Steward`. */
  readonly role: string | null
}

/** A foreign key (ODCS `relationships`). */
export interface Relationship {
  /** Names of own fields. */
  readonly from: readonly string[]
  /** What they refer to, as written: `planes.tailnum`, or in another file `planes.odcs.yaml#schema/planes/…`. */
  readonly to: readonly string[]
}

/** A place where the contract's data stands (ODCS `servers`). */
export interface Server {
  readonly name: string
  /** `kafka`, `postgres`, `s3` … */
  readonly type: string
  readonly environment: string | null
  /** The entry whole, as written. */
  readonly entry: JsonObject
}

/** What happens to records that violate the contract (custom property `covenant.dlq`). */
export interface DeadLetterPolicy {
  /** Later records with the key of a parked one park too, until it is replayed or discarded. On by default for CDC. */
  readonly blockKey: boolean
  /** Pauses the topic before anything is written, where too much of a batch violates; `null` for never. */
  readonly breaker: {
    /** In (0, 1]: the topic is paused where more than this share of a batch violates. */
    readonly maxRatio: number
    /** Smaller batches never pause it. */
    readonly minRecords: number
  } | null
  /** `covenant apply` replays the open dead letters that a new version accepts. Absent: it only tells how many. */
  readonly replayOnMerge?: boolean
}

/** Brings records that were written under an earlier major version to this one (custom property `covenant.migrations`). */
export interface MigrationRule {
  /** Major version of the records that it takes. */
  readonly fromMajor: number
  /** JSONata over the old record, whose result is the new one. */
  readonly expression: string
}

/** Which earlier versions a new one has to fit, and in which direction (custom property `covenant.compatibility`). */
export type CompatibilityMode =
  | 'NONE'
  | 'BACKWARD'
  | 'BACKWARD_TRANSITIVE'
  | 'FORWARD'
  | 'FORWARD_TRANSITIVE'
  | 'FULL'
  | 'FULL_TRANSITIVE'

/** How the schema registry serves the contract to clients (custom property `covenant.schemaRegistry`). */
export interface SchemaRegistryPolicy {
  readonly format: 'avro' | 'json'
  /** The subject of the records' schema; `null` for `<topic>-value`. */
  readonly subject: string | null
  /** When the serialisers of clients check the record rules. */
  readonly mode: 'WRITE' | 'WRITEREAD'
  /** What they do with a record that a rule refuses: throw, or send it to the dead letter topic. */
  readonly onFailure: 'ERROR' | 'DLQ'
  /** Properties that clients can look schemas up by, beside those that follow from the contract. */
  readonly metadata: Readonly<Record<string, string>>
}

/** Where a contract's data comes from, as far as the contract says it. */
export interface ContractLineage {
  /** Upstream objects named by `transformSourceObjects`, e.g. `faa.registry`. */
  readonly sources: readonly string[]
}

/**
 * A data contract as the rest of Covenant uses it: read from an ODCS document, checked, with the streaming facts that
 * ODCS has no field for taken from the custom property `covenant.stream`.
 */
export interface Contract {
  /** The document's id; of a document with several schema objects `<document id>/<object id or name>`. */
  readonly id: string
  readonly name: string
  /** Semantic version, `major.minor.patch`. */
  readonly version: string
  readonly status: string
  /** Name of the schema object, unique in the document. */
  readonly object: string
  /** Topic name without suffix: the `physicalName` of the schema object. */
  readonly topic: string
  /** Team name, or the first member with role `owner`; `null` where the contract names nobody. */
  readonly owner: string | null
  readonly domain: string | null
  readonly purpose: string | null
  /** Names of the fields that form the record key, in order. */
  readonly key: readonly string[]
  /** The field that holds the event time, or `null`. */
  readonly eventTime: string | null
  /** `debezium`: records are change events in the Debezium envelope, and the schema describes the row. */
  readonly cdc: 'debezium' | null
  readonly fields: readonly Field[]
  readonly quality: readonly QualityRule[]
  /** Rules about single records, in the order of the file. */
  readonly rules: readonly RecordRule[]
  readonly sla: readonly SlaProperty[]
  readonly lineage: ContractLineage
  readonly team: readonly TeamMember[]
  readonly servers: readonly Server[]
  readonly relationships: readonly Relationship[]
  readonly deadLetters: DeadLetterPolicy
  readonly migrations: readonly MigrationRule[]
  readonly compatibility: CompatibilityMode
  /** Absent where the contract says nothing about it: JSON, checked on writing. */
  readonly schemaRegistry?: SchemaRegistryPolicy
  /** The parsed ODCS document, whole: with the other schema objects, where there are several. */
  readonly document: JsonObject
  /** The YAML text it was read from. */
  readonly source: string
  /** SHA-256 of the parsed document: equal for files that differ in layout and comments only. */
  readonly hash: string
}

/**
 * One field in a validation plan: what the record must hold there. A required value is present and not null; an
 * optional one may be missing or null, and null then satisfies every rule. This also holds for the items of an array
 * and the values of a map. What the types mean:
 *
 * - `string`: lengths count Unicode code points
 * - `integer`: a JSON number with integral value within ±(2^53 − 1), so `3.0` is one; `number`: a finite JSON number
 * - `timestamp`, `date`, `time`: texts as `moment.ts` describes; bounds compare instants, `enum` compares texts
 * - `object`: members that are not declared are allowed; `map`: an object whose values all follow `items`
 * - `multipleOf` is exact for the decimals as written: 0.3 is a multiple of 0.1
 * - `uniqueItems`: no two items are equal as JSON, whatever the order of their members
 *
 * `plan/accepts.ts` is the reference.
 */
export interface FieldPlan {
  readonly name: string
  readonly type: LogicalType
  readonly required: boolean
  readonly rules: FieldRules
  readonly fields?: readonly FieldPlan[]
  readonly items?: FieldPlan
}

/** A record rule, compiled. It holds unless its expression is false: none, as for a missing value, is no violation. */
export interface RulePlan {
  readonly id: string
  readonly stage: RuleStage
  /** The field that a violation points to; `null` for the whole record. */
  readonly field: string | null
  /** What the contract wants, in words: its description, else the CEL text. */
  readonly expected: string
  readonly expression: Expression
}

/**
 * What a record of a topic has to satisfy, free of any engine: the generated validator, Flink, SQL and Python execute
 * the same plan. Members not named in `fields` are allowed.
 */
export interface ValidationPlan {
  readonly planVersion: 2
  readonly contractId: string
  readonly contractVersion: string
  readonly topic: string
  readonly cdc: 'debezium' | null
  readonly key: readonly string[]
  readonly eventTime: string | null
  readonly fields: readonly FieldPlan[]
  /** Of a change data capture contract they are about the row. */
  readonly rules: readonly RulePlan[]
  /** Content hash of the members above. */
  readonly hash: string
}

/** One column of a table that holds a contract's records. */
export interface ColumnPlan {
  readonly name: string
  readonly type: LogicalType
}

/** One way in which two versions of a contract do not fit together. */
export interface Incompatibility {
  /** The field, e.g. `address.zip`, `lines[].sku` or `labels{}`; for other parts their name, e.g. `key`. */
  readonly path: string
  readonly message: string
  /** What changed: the keyword of a rule (`minimum`, `enum` …), or one of the others. */
  readonly rule:
    | keyof FieldRules
    | 'required'
    | 'field-added'
    | 'field-removed'
    | 'type'
    | 'topic'
    | 'key'
    | 'event-time'
    | 'cdc'
    | 'sla-latency'
    | 'sla'
    | 'record-rule'
    | 'quality'
    | 'semantics'
    | 'classification'
    | 'unique'
    | 'primary-key'
  /**
   * A document (of a change data capture contract: a row) that one version accepts and the other refuses; `null` where
   * the change is not about single documents, or where none was found.
   */
  readonly witness: Json | null
  /**
   * `readers`: documents of the newer version that readers of the older one cannot accept.
   * `writers`: documents of writers of the older version that the newer one refuses.
   */
  readonly breaks: 'readers' | 'writers'
}

/** The smallest part of a semantic version that has to grow for a change; `none` where nothing changed. */
export type VersionBump = 'none' | 'patch' | 'minor' | 'major'

/** One thing that differs between two versions of a contract. */
export interface PartChange {
  /** The field or the part of the contract, as `Incompatibility` names it. */
  readonly path: string
  /** The keyword of the rule that changed (`maximum`, `required` …) or the name of what did (`quality`, `words` …). */
  readonly rule: string
  readonly change: 'added' | 'removed' | 'changed'
  /** What the contract says; `null` where it says nothing. */
  readonly before: Json
  readonly after: Json
  readonly message: string
  /** `patch`: words only. `minor`: compatible. `major`: it breaks somebody, as `breaks` says. */
  readonly effect: Exclude<VersionBump, 'none'>
  readonly breaks: readonly Incompatibility['breaks'][]
  /** Where it breaks somebody: a document that shows it; else, or where none was found, `null`. */
  readonly witness: Json | null
}

/** A version that a candidate does not fit, and why. */
export interface VersionIncompatibility {
  readonly version: string
  readonly reasons: readonly Incompatibility[]
}
