import { CovenantError, contentHash } from '../../kernel/index.ts'
import type { Contract, Field, FieldPlan, RecordRule, RulePlan, ValidationPlan } from '../define.ts'
import { compileRule } from './expression/compile.ts'

/**
 * What a record of the contract's topic has to satisfy, free of any engine. Descriptions and the like are left out, so
 * that the hash changes exactly when the checks do, or the version.
 *
 * @throws CovenantError `CONTRACT_RULE_INVALID`; never for a contract that was read without errors.
 * @example compileValidator(compileValidationPlan(contract)).validate(bytes)
 */
export function compileValidationPlan(contract: Contract): ValidationPlan {
  const fields = contract.fields.map(compileField)
  const plan = {
    planVersion: 2,
    contractId: contract.id,
    contractVersion: contract.version,
    topic: contract.topic,
    cdc: contract.cdc,
    key: contract.key,
    eventTime: contract.eventTime,
    fields,
    rules: contract.rules.map((rule) => compileRecordRule(contract, rule, fields)),
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

function compileRecordRule(contract: Contract, rule: RecordRule, fields: readonly FieldPlan[]): RulePlan {
  const { id, stage, field, expression, description } = rule
  const compiled = compileRule(expression, fields, field)
  if ('expression' in compiled)
    return { id, stage, field, expected: description ?? expression, expression: compiled.expression }
  throw new CovenantError({
    code: 'CONTRACT_RULE_INVALID',
    message: `The rule "${id}" is not usable: ${compiled.fault.message}`,
    where: `${contract.id} ${contract.version}`,
    remedy: 'Correct its expression, and check with: covenant contract lint.',
  })
}
