import {
  type Contract,
  compileJsonSchema,
  compileValidationPlan,
  type RulePlan,
  versionParts,
} from '../../contract/index.ts'
import { CovenantError } from '../../kernel/index.ts'
import { clientAvro, clientAvroKey, readsMoments } from './client-avro.ts'
import { clientCel } from './client-cel.ts'
import { clientJsonSchema, withTags } from './client-json-schema.ts'
import type { Metadata, Rule, RuleSet, SchemaContent, Setting } from './define.ts'

/** The topics of a contract, by what they hold. */
export interface TopicNames {
  readonly raw: string
  readonly validated: string
  readonly deadLetters: string
}

/** A schema that follows from a contract version, and what it is registered as. */
export interface ContractSchema {
  readonly subject: string
  /** `<contract id>@<version>`. */
  readonly contract: string
  readonly content: SchemaContent
  readonly settings: readonly Setting[]
}

/** The schemas of a contract version: of its records, and where it has a record key, of its keys. */
export function contractSchemas(contract: Contract, topics: TopicNames): readonly ContractSchema[] {
  const subject = contract.schemaRegistry?.subject ?? `${contract.topic}-value`
  const value = { subject, contract: `${contract.id}@${contract.version}`, content: valueContent(contract, topics) }
  return [
    { ...value, settings: settingsOf(subject, 'value', contract, topics) },
    ...(contract.key.length === 0 ? [] : [keySchema(contract, topics)]),
  ]
}

function keySchema(contract: Contract, topics: TopicNames): ContractSchema {
  const subject = `${contract.topic}-key`
  const { avro, why } = attempt(contract, () => clientAvroKey(contract))
  return {
    subject,
    contract: `${contract.id}@${contract.version}`,
    content: {
      schemaType: avro === null ? 'JSON' : 'AVRO',
      schema: JSON.stringify(avro ?? jsonKey(contract)),
      references: [],
      metadata: { properties: { ...propertiesOf(contract, []), ...why } },
      ruleSet: null,
    },
    settings: settingsOf(subject, 'key', contract, topics),
  }
}

/** The one key field's own schema, or an array of several, as records of Covenant are keyed. */
function jsonKey(contract: Contract): object {
  const { properties } = compileJsonSchema(contract) as { properties: Record<string, object> }
  const parts = contract.key.map((name) => clientJsonSchema(properties[name] ?? {}).schema)
  const head = { $schema: 'https://json-schema.org/draft/2020-12/schema', title: `${contract.name}: record key` }
  if (parts.length === 1) return { ...head, ...parts[0] }
  return { ...head, type: 'array', prefixItems: parts, items: false, minItems: parts.length }
}

function valueContent(contract: Contract, topics: TopicNames): SchemaContent {
  const { avro, why } = attempt(contract, () => clientAvro(contract))
  const { schema, unchecked } = avro ?? clientJson(contract)
  return {
    schemaType: avro === null ? 'JSON' : 'AVRO',
    schema: JSON.stringify(schema),
    references: [],
    metadata: metadataOf(contract, unchecked, why),
    ruleSet: ruleSetOf(contract, topics, avro !== null),
  }
}

function clientJson(contract: Contract): { readonly schema: object; readonly unchecked: readonly string[] } {
  const { schema: plain, unchecked } = clientJsonSchema(compileJsonSchema(contract))
  const schema = withTags(plain, contract.fields)
  return { schema: contract.cdc === 'debezium' ? changeEvent(schema) : schema, unchecked }
}

/**
 * The Avro of a contract that asks for it; `null` where it does not. Contract files that ask for what Avro cannot hold are
 * refused; one that an earlier Covenant registered is served as JSON Schema, whose metadata says why, lest one contract
 * keep the registry from answering.
 */
function attempt<Schema>(
  contract: Contract,
  compile: () => Schema,
): { readonly avro: Schema | null; readonly why: Readonly<Record<string, string>> } {
  if (contract.schemaRegistry?.format !== 'avro') return { avro: null, why: {} }
  try {
    return { avro: compile(), why: {} }
  } catch (thrown) {
    if (thrown instanceof CovenantError) return { avro: null, why: { 'covenant.avroUnsupported': thrown.message } }
    throw thrown
  }
}

/** The envelope of a change event around the schema of the row. */
function changeEvent(row: object): object {
  const { $schema, $id, title, ...rest } = row as Record<string, unknown>
  return {
    $schema,
    $id,
    title,
    type: 'object',
    properties: { op: { type: 'string' }, after: { anyOf: [{ type: 'null' }, rest] } },
    required: ['op'],
  }
}

/** Compatibility of a contract's subject, and other names under which clients look for it. */
function settingsOf(
  subject: string,
  part: 'key' | 'value',
  contract: Contract,
  topics: TopicNames,
): readonly Setting[] {
  const own = { compatibilityLevel: contract.compatibility, compatibilityGroup: 'major_version' }
  const aliases = [topics.raw, topics.validated].map((topic) => `${topic}-${part}`)
  return [
    { scope: subject, config: own, mode: null },
    ...aliases.map((scope) => ({ scope, config: { alias: subject }, mode: null })),
  ]
}

function metadataOf(contract: Contract, unchecked: readonly string[], why: Readonly<Record<string, string>>): Metadata {
  const extra = contract.schemaRegistry?.metadata ?? {}
  return { properties: { ...extra, ...propertiesOf(contract, unchecked), ...why } }
}

function propertiesOf(contract: Contract, unchecked: readonly string[]): Readonly<Record<string, string>> {
  const { id, version, owner, domain, topic, cdc } = contract
  return {
    'covenant.contract': id,
    'covenant.version': version,
    'covenant.topic': topic,
    major_version: String(versionParts(version)[0]),
    ...(owner === null ? {} : { owner }),
    ...(domain === null ? {} : { domain }),
    ...(cdc === null ? {} : { 'covenant.cdc': cdc }),
    ...(unchecked.length === 0 ? {} : { 'covenant.checkedByCovenantOnly': unchecked.join(', ') }),
  }
}

/** Record rules and migrations as rules that the clients' serialisers execute; `null` where there is none. */
function ruleSetOf(contract: Contract, topics: TopicNames, isAvro: boolean): RuleSet | null {
  const domainRules = compileValidationPlan(contract)
    .rules.filter(({ expression }) => !isAvro || !readsMoments(expression))
    .map((rule) => conditionRule(rule, contract, topics))
  const migrationRules = contract.migrations.map(({ fromMajor, expression }): Rule => {
    const doc = `Brings records of version ${fromMajor} to version ${versionParts(contract.version)[0]}.`
    return {
      name: `from_major_${fromMajor}`,
      doc,
      kind: 'TRANSFORM',
      mode: 'UPGRADE',
      type: 'JSONATA',
      expr: expression,
    }
  })
  if (domainRules.length + migrationRules.length === 0) return null
  return {
    ...(migrationRules.length === 0 ? {} : { migrationRules }),
    ...(domainRules.length === 0 ? {} : { domainRules }),
  }
}

/** A rule in stage `warn` changes nothing for producers, and one in `shadow` is not run by them. */
function conditionRule({ id, expected, stage, expression }: RulePlan, contract: Contract, topics: TopicNames): Rule {
  const { onFailure = 'ERROR', mode = 'WRITE' } = contract.schemaRegistry ?? {}
  const action = stage === 'enforce' ? onFailure : 'NONE'
  return {
    name: ruleName(id),
    doc: expected,
    kind: 'CONDITION',
    mode,
    type: 'CEL',
    expr: clientCel(expression, contract.cdc === null ? 'message' : 'message.after'),
    ...(action === 'DLQ' ? { params: { 'dlq.topic': topics.deadLetters } } : {}),
    onFailure: action,
    ...(stage === 'shadow' ? { disabled: true } : {}),
  }
}

/** Names of rules are made of letters, digits, `_` and `-`. */
function ruleName(id: string): string {
  const name = id.replace(/[^\p{L}\p{Nd}_-]/gu, '_').slice(0, 64)
  return /^[\p{L}_]/u.test(name) ? name : `_${name}`.slice(0, 64)
}
