import { quoteName, quoteText } from '../../../kernel/index.ts'
import { isScalar, type PhysicalType } from './physical-type.ts'

/** An ISO 8601 text of a date or time column, as a contract means it: timestamps in UTC, without trailing zeros. */
export function momentText(expression: string, type: PhysicalType): string {
  if (isScalar(type, 'TIME', 'VARCHAR')) return `(${expression})::VARCHAR`
  if (isScalar(type, 'DATE')) return yearZero(`(${expression})::VARCHAR`)
  const utc = isScalar(type, 'TIMESTAMP WITH TIME ZONE') ? `(${expression}) AT TIME ZONE 'UTC'` : expression
  return `(replace(${yearZero(`(${utc})::VARCHAR`)}, ' ', 'T') || 'Z')`
}

/** ISO 8601 calls the year before 1 the year 0. */
function yearZero(text: string): string {
  return `regexp_replace(${text}, '^0001(-..-..) .BC.', '0000\\1')`
}

/** A numeric column as the double that reading its decimal text gives. */
export function doubleOf(expression: string, type: PhysicalType): string {
  if (isScalar(type, 'DOUBLE')) return expression
  const exact = type.kind === 'decimal' ? type.width <= 15 : !isScalar(type, 'FLOAT', 'HUGEINT', 'UHUGEINT')
  return exact ? `(${expression})::DOUBLE` : `(${expression})::VARCHAR::DOUBLE`
}

/**
 * A value as the JSON text that it stands for: structs as objects, lists as arrays, dates and times as ISO 8601. What
 * JSON has no number for (NaN, infinity) becomes `1e999`, which no contract accepts. JSON columns are taken as they are.
 */
export function jsonText(expression: string, type: PhysicalType): string {
  switch (type.kind) {
    case 'decimal':
      return `(${expression})::VARCHAR::JSON`
    case 'struct':
      return structJson(expression, type)
    case 'list':
      return `to_json(list_transform(${expression}, lambda ${variable(expression)}: ${jsonText(variable(expression), type.items)}))`
    case 'map': {
      const entry = variable(expression)
      const value = `{'key': ${entry}.key::VARCHAR, 'value': ${jsonText(`${entry}.value`, type.value)}}`
      return `to_json(map_from_entries(list_transform(map_entries(${expression}), lambda ${entry}: ${value})))`
    }
    case 'scalar':
      return scalarJson(expression, type)
  }
}

/** A text as an SQL literal, also where it holds the character 0, which ends a statement. */
export function textLiteral(text: string): string {
  if (!text.includes('\0')) return quoteText(text)
  return `(${text.split('\0').map(quoteText).join(' || chr(0) || ')})`
}

function structJson(expression: string, { members }: Extract<PhysicalType, { kind: 'struct' }>): string {
  const pairs = members.map(
    ({ name, type }) => `${textLiteral(name)}, ${jsonText(`(${expression}).${quoteName(name)}`, type)}`,
  )
  return `CASE WHEN (${expression}) IS NULL THEN NULL ELSE json_object(${pairs.join(', ')}) END`
}

function scalarJson(expression: string, type: PhysicalType): string {
  if (isScalar(type, 'JSON')) return expression
  if (isScalar(type, 'FLOAT', 'DOUBLE'))
    return `CASE WHEN isfinite(${expression}) THEN to_json(${doubleOf(expression, type)}) WHEN (${expression}) IS NULL THEN NULL ELSE '1e999'::JSON END`
  const isMoment = type.kind === 'scalar' && (/^TIMESTAMP/.test(type.name) || ['DATE', 'TIME'].includes(type.name))
  if (isMoment) return `to_json(${momentText(expression, type)})`
  return isScalar(type, 'ENUM', 'UUID', 'BLOB') ? `to_json((${expression})::VARCHAR)` : `to_json(${expression})`
}

/** The name of a lambda's variable, other than those around it. */
function variable(expression: string): string {
  const depth = Math.max(0, ...[...expression.matchAll(/\bv(\d+)\b/g)].map(([, digits]) => Number(digits)))
  return `v${depth + 1}`
}
