import type { Contract, Field, FieldRules } from '../define.ts'
import { isMomentType, MOMENT_PATTERNS } from '../moment.ts'
import { compileValidationPlan } from './validation-plan.ts'

/** A JSON schema, or a part of one. */
export type JsonSchema = { readonly [keyword: string]: unknown }

/**
 * The contract's records as a JSON schema, draft 2020-12. It accepts exactly what a validator of the contract accepts:
 *
 * - an optional member may be missing or `null`; members that are not declared are allowed
 * - `timestamp`, `date` and `time` are texts with a pattern that knows months and leap years
 * - whole numbers lie within ±(2^53 − 1)
 *
 * Three things need help from outside. Record rules have no keyword: they stand in `x-covenant-rules`, as compiled, and
 * `$comment` names those that a validator which does not know that keyword leaves unchecked. The earliest and latest moment have no standard keyword: they are `x-earliest` and
 * `x-latest`. And `multipleOf` means the exact decimal, where many validators divide floating point numbers.
 * `addContractKeywords` teaches ajv all of it. Of a change data capture contract, the schema describes the row.
 *
 * @example addContractKeywords(new Ajv2020()).compile(compileJsonSchema(contract))
 */
export function compileJsonSchema(contract: Contract): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:covenant:contract:${encodeURIComponent(contract.id)}:${contract.version}`,
    title: contract.name,
    ...(contract.purpose === null ? {} : { description: contract.purpose }),
    ...objectSchema(contract.fields),
    ...recordRules(contract),
  }
}

function recordRules(contract: Contract): JsonSchema {
  const { rules } = compileValidationPlan(contract)
  if (rules.length === 0) return {}
  const names = rules.map(({ id }) => id).join(', ')
  return {
    $comment: `JSON Schema cannot express these rules; only validators that know x-covenant-rules check them: ${names}.`,
    'x-covenant-rules': rules,
  }
}

function objectSchema(fields: readonly Field[]): JsonSchema {
  const required = fields.filter((field) => field.required).map(({ name }) => name)
  // Validators written in JavaScript, ajv among them, do not look at a property of this name.
  const odd = fields.find(({ name }) => name === '__proto__')
  const named = fields.filter((field) => field !== odd)
  return {
    type: 'object',
    properties: Object.fromEntries(named.map((field) => [field.name, fieldSchema(field)])),
    ...(odd && { patternProperties: { '^__proto__$': fieldSchema(odd) } }),
    ...(required.length === 0 ? {} : { required }),
  }
}

function fieldSchema(field: Field): JsonSchema {
  const present = { ...typeSchema(field), ...ruleSchema(field) }
  const schema = field.required ? present : { anyOf: [{ type: 'null' }, present] }
  return field.description === null ? schema : { description: field.description, ...schema }
}

function typeSchema(field: Field): JsonSchema {
  const { type, items } = field
  if (type === 'object') return objectSchema(field.fields ?? [])
  if (type === 'array') return items === undefined ? { type } : { type, items: fieldSchema(items) }
  if (type === 'map')
    return { type: 'object', ...(items === undefined ? {} : { additionalProperties: fieldSchema(items) }) }
  if (isMomentType(type)) return { type: 'string', pattern: MOMENT_PATTERNS[type] }
  return { type }
}

function ruleSchema({ type, rules }: Field): JsonSchema {
  const { earliest, latest, ...standard } = rules
  return {
    ...standard,
    ...(type === 'integer' ? safeBounds(rules) : {}),
    ...(earliest === undefined ? {} : { 'x-earliest': { type, value: earliest } }),
    ...(latest === undefined ? {} : { 'x-latest': { type, value: latest } }),
  }
}

function safeBounds({ minimum, maximum }: FieldRules): JsonSchema {
  return {
    minimum: Math.max(minimum ?? Number.MIN_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
    maximum: Math.min(maximum ?? Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  }
}
