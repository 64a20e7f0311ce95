import {
  COMPATIBILITY_LEVELS,
  type ConfigUpdate,
  RULE_KINDS,
  RULE_MODES,
  refuse,
  SCHEMA_TYPES,
  type SchemaRequest,
} from '../../registry/index.ts'

const optional = (type: string, more: object = {}) => ({ type: [type, 'null'], ...more })
const ofTexts = optional('object', { additionalProperties: { type: 'string' } })
const texts = optional('array', { items: { type: 'string' } })

const rule = {
  type: 'object',
  properties: {
    name: optional('string'),
    doc: optional('string'),
    kind: optional('string', { enum: [...RULE_KINDS, null] }),
    mode: optional('string', { enum: [...RULE_MODES, null] }),
    type: optional('string'),
    tags: texts,
    params: ofTexts,
    expr: optional('string'),
    onSuccess: optional('string'),
    onFailure: optional('string'),
    disabled: optional('boolean'),
  },
}
const rules = optional('array', { items: rule })
const ruleSet = optional('object', {
  properties: { migrationRules: rules, domainRules: rules, encodingRules: rules, enableAt: optional('string') },
})
const metadata = optional('object', {
  properties: {
    tags: optional('object', { additionalProperties: { type: 'array', items: { type: 'string' } } }),
    properties: ofTexts,
    sensitive: texts,
  },
})

/** Body of registration, look-up and check of a schema. */
export const schemaBody = {
  type: 'object',
  properties: {
    schema: optional('string', { description: 'The text of the schema.' }),
    schemaType: optional('string', { description: 'AVRO (the default), JSON or PROTOBUF.' }),
    references: optional('array', {
      items: {
        type: 'object',
        required: ['name', 'subject', 'version'],
        properties: { name: { type: 'string' }, subject: { type: 'string' }, version: { type: 'integer' } },
      },
    }),
    metadata,
    ruleSet,
    id: optional('integer'),
    version: optional('integer'),
  },
} as const

export const configBody = {
  type: 'object',
  properties: {
    compatibility: optional('string', { description: COMPATIBILITY_LEVELS.join(', ') }),
    compatibilityLevel: optional('string'),
    compatibilityPolicy: optional('string', { description: 'STRICT, the only one.' }),
    compatibilityGroup: optional('string'),
    alias: optional('string'),
    normalize: optional('boolean'),
    defaultMetadata: metadata,
    overrideMetadata: metadata,
    defaultRuleSet: ruleSet,
    overrideRuleSet: ruleSet,
  },
} as const

export const modeBody = { type: 'object', properties: { mode: optional('string') } } as const

/** A body of `schemaBody` as the registry takes it. Throws `42201` for a type that it does not know. */
export function schemaRequest(body: unknown): SchemaRequest {
  const { schema, schemaType, references, metadata, ruleSet, id, version } = cleaned(body) as Partial<SchemaRequest>
  const type = (schemaType ?? 'AVRO') as string
  if (!SCHEMA_TYPES.some((known) => known === type))
    throw refuse.invalidSchema(`Invalid schema type ${type}. Supported: ${[...SCHEMA_TYPES].sort().join(', ')}`)
  return {
    schemaType: type as SchemaRequest['schemaType'],
    schema: schema ?? '',
    references: (references ?? []).map(({ name, subject, version: of }) => ({ name, subject, version: of })),
    metadata: metadata ?? null,
    ruleSet: ruleSet ?? null,
    id: id === undefined || id === null || id < 0 ? null : id,
    version: version === undefined || version === null || version === 0 ? null : version,
  }
}

const MEMBERS = [
  'compatibilityPolicy',
  'compatibilityGroup',
  'alias',
  'normalize',
  'defaultMetadata',
  'overrideMetadata',
  'defaultRuleSet',
  'overrideRuleSet',
] as const

/** A body of `configBody` as the registry takes it. Throws `42203` for a level or policy that it does not know. */
export function configUpdate(body: unknown): ConfigUpdate {
  const source = (body ?? {}) as { readonly compatibility?: unknown; readonly compatibilityLevel?: unknown } & Readonly<
    Record<string, unknown>
  >
  const level = source.compatibility ?? source.compatibilityLevel
  const named = typeof level === 'string' ? level.toUpperCase() : level
  if (typeof named === 'string' && !COMPATIBILITY_LEVELS.some((known) => known === named)) throw refuse.invalidLevel()
  const policy = source.compatibilityPolicy
  if (typeof policy === 'string' && policy !== 'STRICT') throw refuse.unknownPolicy(policy)
  const kept = MEMBERS.filter((member) => source[member] !== undefined)
  return {
    ...(named === undefined ? {} : { compatibilityLevel: named }),
    ...Object.fromEntries(kept.map((member) => [member, cleaned(source[member])])),
  } as ConfigUpdate
}

/** Members that are `null` say nothing: they are left out, so that equal requests are equal. */
function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(members.map(([name, member]) => [name, cleaned(member)]))
}
