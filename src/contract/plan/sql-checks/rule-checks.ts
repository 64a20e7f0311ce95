import { quoteName } from '../../../kernel/index.ts'
import type { LogicalType, RulePlan } from '../../define.ts'
import { fieldsRead } from '../expression/fields-read.ts'
import { sqlOfRule } from '../expression/sql.ts'
import { columnRow, jsonRow } from '../expression/sql-row.ts'
import type { FieldColumn } from './check.ts'
import { isScalar, type PhysicalType, physicalType } from './physical-type.ts'
import { jsonText, textLiteral } from './value-sql.ts'

/** A record rule over the columns of a table. */
export interface RuleCheck {
  readonly rule: RulePlan
  /** SQL that is true (never null) for the rows that break the rule. */
  readonly violated: string
  /** SQL of the JSON text of what the rule looks at. */
  readonly value: string
}

/**
 * Record rules as SQL. Where each column that a rule reads has the plain type of its field, the rule reads the columns;
 * otherwise it reads the record that the row stands for, as JSON.
 */
export function compileRuleChecks(
  rules: readonly RulePlan[],
  fields: readonly FieldColumn[],
  { isText }: { readonly isText: boolean },
): readonly RuleCheck[] {
  return rules.map((rule) => {
    const names = fieldsRead(rule.expression)
    const read = fields.filter(({ field, column }) => names.includes(field.name) && column !== undefined)
    const json = recordJson(read, isText)
    const isPlain = !isText && read.length === names.length && read.every(hasPlainType)
    const columnOf = (name: string) => quoteName(read.find(({ field }) => field.name === name)?.column?.name ?? name)
    const holds = sqlOfRule(rule, isPlain ? columnRow(columnOf) : jsonRow(`(${json})`))
    return { rule, violated: `NOT ${holds}`, value: json }
  })
}

const PLAIN: Readonly<Partial<Record<LogicalType, readonly string[]>>> = {
  string: ['VARCHAR'],
  integer: ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'DOUBLE'],
  number: ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'DOUBLE'],
  boolean: ['BOOLEAN'],
}

function hasPlainType({ field, column }: FieldColumn): boolean {
  return isScalar(physicalType(column!.type), ...(PLAIN[field.type] ?? []))
}

/** The members of the record that the columns hold, as JSON. */
function recordJson(fields: readonly FieldColumn[], isText: boolean): string {
  const pairs = fields.map((field) => `${textLiteral(field.field.name)}, ${memberJson(field, isText)}`)
  return `json_object(${pairs.join(', ')})`
}

/** The member of the record that a column holds, as JSON. */
export function memberJson({ field, column }: FieldColumn, isText: boolean): string {
  const name = quoteName(column!.name)
  const type = physicalType(column!.type)
  return isText || isNestedText(field.type, type) ? textJson(field.type, name) : jsonText(name, type)
}

function isNestedText(logical: LogicalType, type: PhysicalType): boolean {
  return isScalar(type, 'VARCHAR') && (logical === 'object' || logical === 'array' || logical === 'map')
}

/** What a text stands for, by the type of its field; a text that is none of it stays a text. */
function textJson(logical: LogicalType, name: string): string {
  switch (logical) {
    case 'integer':
    case 'number':
      return `CASE WHEN regexp_full_match(${name}, '-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?') THEN ${name}::JSON ELSE to_json(${name}) END`
    case 'boolean':
      return `CASE WHEN lower(${name}) IN ('true', 'false') THEN lower(${name})::JSON ELSE to_json(${name}) END`
    case 'object':
    case 'array':
    case 'map':
      return `coalesce(TRY_CAST(${name} AS JSON), to_json(${name}))`
    default:
      return `to_json(${name})`
  }
}
