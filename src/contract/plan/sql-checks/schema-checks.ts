import type { FieldPlan, FieldRules } from '../../define.ts'
import { isMomentType } from '../../moment.ts'
import type { SchemaCheck } from './check.ts'

const RULES_BY_TYPE = {
  text: ['minLength', 'maxLength', 'pattern', 'enum'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'enum'],
  moment: ['earliest', 'latest', 'enum'],
  boolean: ['enum'],
  array: ['minItems', 'maxItems', 'uniqueItems'],
  none: [],
} as const satisfies Record<string, readonly (keyof FieldRules)[]>

/** Every rule that a record can break, in the order of the contract; free of any engine. */
export function schemaChecks(fields: readonly FieldPlan[]): readonly SchemaCheck[] {
  return fields.flatMap((field) => checksOf(field, field.name, field.name))
}

function checksOf(plan: FieldPlan, path: string, field: string): readonly SchemaCheck[] {
  const check = (code: string): SchemaCheck => ({ ruleId: `${path}.${code}`, field, code, plan })
  const inside = (plan.fields ?? []).flatMap((member) => checksOf(member, `${path}.${member.name}`, field))
  const each = plan.items ? checksOf(plan.items, `${path}${plan.type === 'map' ? '{}' : '[]'}`, field) : []
  return [
    ...(plan.required ? [check('required')] : []),
    check('type'),
    ...ruleCodes(plan).map(check),
    ...inside,
    ...each,
  ]
}

/** The rules that a field states and that apply to its type. */
export function ruleCodes({ type, rules }: FieldPlan): readonly (keyof FieldRules)[] {
  const codes: readonly (keyof FieldRules)[] = RULES_BY_TYPE[kindOf(type)]
  return codes.filter((code) => rules[code] !== undefined && rules[code] !== false)
}

function kindOf(type: FieldPlan['type']): keyof typeof RULES_BY_TYPE {
  if (type === 'string') return 'text'
  if (type === 'integer' || type === 'number') return 'number'
  if (isMomentType(type)) return 'moment'
  return type === 'boolean' || type === 'array' ? type : 'none'
}
