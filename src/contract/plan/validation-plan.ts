import { contentHash } from '../../kernel/index.ts'
import type { Contract, Field, FieldPlan, ValidationPlan } from '../define.ts'

/**
 * What a record of the contract's topic has to satisfy, free of any engine. Descriptions and the like are left out, so
 * that the hash changes exactly when the checks do, or the version.
 *
 * @example compileValidator(compileValidationPlan(contract)).validate(bytes)
 */
export function compileValidationPlan(contract: Contract): ValidationPlan {
  const plan = {
    planVersion: 1,
    contractId: contract.id,
    contractVersion: contract.version,
    topic: contract.topic,
    cdc: contract.cdc,
    key: contract.key,
    eventTime: contract.eventTime,
    fields: contract.fields.map(compileField),
  } as const
  return { ...plan, hash: contentHash(plan) }
}

function compileField(field: Field): FieldPlan {
  return {
    name: field.name,
    type: field.type,
    required: field.required,
    rules: field.rules,
    ...(field.fields ? { fields: field.fields.map(compileField) } : {}),
    ...(field.items ? { items: compileField(field.items) } : {}),
  }
}
