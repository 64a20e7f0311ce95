import { type BoundedPattern, compilePattern, type FieldPlan, type ValidationPlan } from '../../contract/index.ts'

/** Pattern text to what matches it. */
export type Patterns = ReadonlyMap<string, BoundedPattern>

/** Compiles every pattern of a plan once. Throws `CONTRACT_PATTERN_INVALID`. */
export function compilePatterns(plan: ValidationPlan): Patterns {
  const patterns = new Map<string, BoundedPattern>()
  const visit = (field: FieldPlan): void => {
    const { pattern } = field.rules
    if (pattern !== undefined && !patterns.has(pattern))
      patterns.set(pattern, compilePattern(pattern, `${plan.contractId} ${plan.contractVersion}, field ${field.name}`))
    for (const child of field.fields ?? []) visit(child)
    if (field.items) visit(field.items)
  }
  for (const field of plan.fields) visit(field)
  return patterns
}
