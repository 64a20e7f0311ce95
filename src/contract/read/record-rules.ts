import type { RecordRule, RuleStage } from '../define.ts'
import type { Report } from '../problem.ts'
import { ruleProperties } from './covenant-properties.ts'
import { type Entry, entries, textMember } from './members.ts'

/** Whether an ODCS quality rule is one about single records: CEL, not a measure over many. */
export function isRecordRule({ value: rule }: Entry): boolean {
  return textMember(rule, 'type') === 'custom' && textMember(rule, 'engine')?.toLowerCase() === 'cel'
}

/** Reads the record rules of the schema object and of its properties, in that order. */
export function readRecordRules(object: Entry, report: Report): readonly RecordRule[] {
  const properties = entries(object.value, 'properties', object.path)
  return [object, ...properties].flatMap((owner) => {
    const field = owner === object ? null : textMember(owner.value, 'name')
    return entries(owner.value, 'quality', owner.path)
      .filter(isRecordRule)
      .flatMap((entry) => readRule(entry, field, report) ?? [])
  })
}

function readRule(entry: Entry, field: string | null, report: Report): RecordRule | null {
  const { value: rule, path } = entry
  const stage = ruleProperties(entry, report).get('covenant.stage')?.value as RuleStage | undefined
  const id = textMember(rule, 'id') ?? textMember(rule, 'name')
  const expression = textMember(rule, 'implementation')
  if (id === null)
    report.error(path, 'CONTRACT_MISSING_KEY', 'A CEL rule needs an "id": dead letters are grouped by it.')
  if (expression === null || expression.trim() === '')
    report.error(
      path,
      'CONTRACT_MISSING_KEY',
      'A CEL rule needs an "implementation": the expression as text, such as this.amount > 0.',
    )
  if (id === null || expression === null) return null
  return { id, description: textMember(rule, 'description'), stage: stage ?? 'enforce', field, expression }
}
