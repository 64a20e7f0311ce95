import { isJsonObject } from '../../kernel/index.ts'
import type { RulePlan, ValidationPlan } from '../define.ts'
import { acceptsDocument } from './accepts.ts'
import { evaluateRule } from './expression/evaluate.ts'

/** The reference for a record (of a change data capture contract: a row): its schema and its enforced rules. */
export function acceptsRecord({ fields, rules }: Pick<ValidationPlan, 'fields' | 'rules'>, record: unknown): boolean {
  return acceptsDocument(fields, record) && brokenRules(rules, record).every(({ stage }) => stage !== 'enforce')
}

/** The rules that a record breaks, of whatever stage, in the order of the contract. */
export function brokenRules(rules: readonly RulePlan[], record: unknown): readonly RulePlan[] {
  if (!isJsonObject(record)) return []
  return rules.filter(({ expression }) => evaluateRule(expression, record) === false)
}
