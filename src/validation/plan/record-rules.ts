import { fieldsRead, type RulePlan, type ValidationPlan } from '../../contract/index.ts'
import type { Violation } from '../define.ts'
import { own } from './expression/runtime.ts'
import { compileExpression, type Judge } from './expression/write-expression.ts'
import { redact } from './redact.ts'

export interface RecordRules {
  /** True where no rule is broken, of whatever stage. The value conforms to the schema. */
  holdFor(value: unknown): boolean
  /** The rules that a value breaks, in the order of the contract; the value may violate the schema. */
  broken(value: unknown): readonly Violation[]
}

interface CompiledRule {
  readonly plan: RulePlan
  readonly judge: Judge
  readonly reads: readonly string[]
}

/**
 * The record rules of a plan as generated functions. A rule is broken where its expression is false: one that has no
 * value, because a member is missing, null, or not of its type, is not.
 */
export function compileRules(plan: ValidationPlan): RecordRules {
  const rules = plan.rules.map(
    (rule): CompiledRule => ({
      plan: rule,
      judge: compileExpression(rule.expression, plan),
      reads: fieldsRead(rule.expression),
    }),
  )
  const place = rowPlace(plan)
  return {
    holdFor(value) {
      const row = rowOf(plan, value)
      return row === null || rules.every(({ judge }) => judge(row) !== false)
    },
    broken(value) {
      const row = rowOf(plan, value)
      if (row === null) return []
      return rules.filter(({ judge }) => judge(row) === false).map((rule) => violation(rule, row, place))
    },
  }
}

type Members = Readonly<Record<string, unknown>>

/** What the rules are about; `null` where there is nothing, as in a delete. */
function rowOf({ cdc }: ValidationPlan, value: unknown): Members | null {
  if (!isMembers(value)) return null
  if (cdc !== 'debezium') return value
  const op = own(value, 'op')
  const after = op === 'c' || op === 'u' || op === 'r' ? own(value, 'after') : null
  return isMembers(after) ? after : null
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function rowPlace({ cdc }: ValidationPlan): string {
  return cdc === 'debezium' ? 'after' : ''
}

function violation({ plan, reads }: CompiledRule, row: Members, place: string): Violation {
  const { id, stage, field, expected } = plan
  const path = [place, field ?? ''].filter((step) => step !== '').join('.')
  const found = Object.fromEntries(reads.map((name) => [name, own(row, name) ?? null]))
  const got = redact(found)
  return { ruleId: id, path, code: 'rule', expected, got, severity: stage === 'enforce' ? 'error' : 'warning', stage }
}
