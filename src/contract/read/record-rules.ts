import type { Field, QualityRule, RecordRule, RuleStage } from '../define.ts'
import { compileRule } from '../plan/expression/compile.ts'
import type { Path, Report } from '../problem.ts'
import { ruleProperties } from './covenant-properties.ts'
import { type Entry, entries, textMember } from './members.ts'

/** Whether an ODCS quality rule is one about single records: CEL, not a measure over many. */
export function isRecordRule({ value: rule }: Entry): boolean {
  return textMember(rule, 'type') === 'custom' && textMember(rule, 'engine')?.toLowerCase() === 'cel'
}

/** Reads the record rules of the schema object and of its properties, in that order; ids are unique among all rules. */
export function readRecordRules(
  object: Entry,
  fields: readonly Field[],
  quality: readonly QualityRule[],
  report: Report,
): readonly RecordRule[] {
  const ids = new Set(quality.map(({ id }) => id))
  const properties = entries(object.value, 'properties', object.path)
  return [object, ...properties].flatMap((owner) => {
    const field = owner === object ? null : textMember(owner.value, 'name')
    return entries(owner.value, 'quality', owner.path)
      .filter(isRecordRule)
      .flatMap((entry) => readRule(entry, field, fields, ids, report) ?? [])
  })
}

function readRule(
  entry: Entry,
  field: string | null,
  fields: readonly Field[],
  ids: Set<string>,
  report: Report,
): RecordRule | null {
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
  checkExpression(expression, field, fields, [...path, 'implementation'], report)
  if (ids.has(id))
    report.error(
      [...path, textMember(rule, 'id') === null ? 'name' : 'id'],
      'CONTRACT_NAME_REPEATED',
      `The rule id "${id}" stands twice.`,
    )
  ids.add(id)
  return { id, description: textMember(rule, 'description'), stage: stage ?? 'enforce', field, expression }
}

function checkExpression(text: string, field: string | null, fields: readonly Field[], at: Path, report: Report): void {
  if (text.trim() === '') return
  const compiled = compileRule(text, fields, field)
  if ('expression' in compiled) return
  const { message, offset } = compiled.fault
  const before = text.slice(0, offset).split('\n')
  const place = `line ${before.length}, column ${before.at(-1)!.length + 1} of the expression`
  report.error(at, 'CONTRACT_RULE_INVALID', `${message.replace(/\.?$/, '')} (${place}).`)
}
