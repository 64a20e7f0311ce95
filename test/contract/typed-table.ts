/** Records as the rows of a DuckDB table with typed columns, and what the compiled SQL says of each row. */
import assert from 'node:assert/strict'
import type { DataEngine } from '../../src/adapters/embedded/duckdb-data.ts'
import {
  compileColumnChecks,
  compileRuleChecks,
  type FieldColumn,
  type FieldPlan,
  type ValidationPlan,
} from '../../src/contract/index.ts'
import { isJsonObject } from '../../src/kernel/index.ts'
import { judge } from '../../src/sla/contract-test/judge.ts'

export interface RowVerdict {
  /** Index of the record. */
  readonly record: number
  /** Ids of the rules of the schema that the row breaks, sorted. */
  readonly schema: readonly string[]
  /** Ids of the record rules that it breaks, sorted. */
  readonly rules: readonly string[]
}

/**
 * What DuckDB says of the records that a typed table can hold. It cannot hold what is no object; texts with half of a
 * surrogate pair, which are no UTF-8; numbers beyond a double within nested values; and members of another JSON type than their field, of which it is asserted that
 * the compilation says so. Texts are VARCHAR, moments too, numbers BIGINT where all are whole and DOUBLE otherwise;
 * nested values are VARCHAR with their JSON text, whatever they are.
 */
export async function judgeRows(
  { engine }: DataEngine,
  { fields, rules }: ValidationPlan,
  records: readonly unknown[],
): Promise<readonly RowVerdict[]> {
  const held = records.flatMap((record, index) =>
    isJsonObject(record) &&
    isUtf8(record) &&
    !hasInfinity(fields, record) &&
    fields.every((field) => fits(field, memberOf(record, field)))
      ? [{ record, index }]
      : [],
  )
  if (held.length === 0 || fields.length === 0) return []
  const columns = fields.map((field, i) => {
    const values = held.map(({ record }) => memberOf(record, field))
    return { field, column: { name: `c${i}`, type: columnType(field, values) } }
  })
  const declared = columns.map(({ column: { name, type } }) => `, ${name} ${type}`)
  await engine.execute(`CREATE OR REPLACE TABLE typed_rows (i INTEGER${declared.join('')})`)
  for (const { record, index } of held) {
    const cells = columns.map(({ column: { type } }, i) => `, CAST($${i + 1} AS ${type})`)
    const values = fields.map((field) => cell(field, memberOf(record, field)))
    await engine.query(`INSERT INTO typed_rows VALUES (${index}${cells.join('')})`, values)
  }
  return verdicts(engine, columns, rules)
}

async function verdicts(engine: DataEngine['engine'], columns: readonly FieldColumn[], rules: ValidationPlan['rules']) {
  const compiled = compileColumnChecks(columns, { isText: false })
  assert.deepEqual(compiled.faults, [])
  for (const judgement of compiled.judgements) await judge(engine, 'typed_rows', judgement)
  const ruleChecks = compileRuleChecks(rules, columns, { isText: false })
  const flags = [...compiled.checks, ...ruleChecks].map(({ violated }, i) => `, ${violated} AS v${i}`)
  const rows = await engine.query(`SELECT i${flags.join('')} FROM typed_rows ORDER BY i`)
  return rows.map((row) => ({
    record: Number(row.i),
    schema: compiled.checks
      .filter((_, i) => row[`v${i}`] === true)
      .map(({ ruleId }) => ruleId)
      .sort(),
    rules: ruleChecks
      .filter((_, i) => row[`v${compiled.checks.length + i}`] === true)
      .map(({ rule }) => rule.id)
      .sort(),
  }))
}

/**
 * The rules `<field>.type` that a record breaks by a member that no column of its field's type can hold. A column that
 * has the member's type is a fault, by the same id, for all of its rows.
 */
export function unheldTypes({ fields }: ValidationPlan, record: unknown): readonly string[] {
  if (!isJsonObject(record)) return []
  return fields.flatMap((field) => {
    const value = memberOf(record, field)
    if (fits(field, value)) return []
    const { faults } = compileColumnChecks([{ field, column: { name: 'c', type: typeOf(value) } }], { isText: false })
    const ids = faults.map(({ ruleId, severity }) => `${severity} ${ruleId}`)
    assert.deepEqual(ids, [`error ${field.name}.type`], `${typeOf(value)} for ${field.type}`)
    return [`${field.name}.type`]
  })
}

function memberOf(record: object, { name }: FieldPlan): unknown {
  return Object.hasOwn(record, name) ? (record as Record<string, unknown>)[name] : undefined
}

function isNested({ type }: FieldPlan): boolean {
  return type === 'object' || type === 'array' || type === 'map'
}

function fits(field: FieldPlan, value: unknown): boolean {
  if (value === undefined || value === null || isNested(field)) return true
  if (field.type === 'integer' || field.type === 'number') return typeof value === 'number'
  return typeof value === (field.type === 'boolean' ? 'boolean' : 'string')
}

function columnType(field: FieldPlan, values: readonly unknown[]): string {
  if (field.type === 'boolean') return 'BOOLEAN'
  if (field.type !== 'integer' && field.type !== 'number') return 'VARCHAR'
  return values.every((value) => typeof value !== 'number' || Number.isSafeInteger(value)) ? 'BIGINT' : 'DOUBLE'
}

function cell(field: FieldPlan, value: unknown): string | number | boolean | null {
  if (value === undefined || value === null) return null
  return isNested(field) ? JSON.stringify(value) : (value as string | number | boolean)
}

/** The type of a column with such values. */
function typeOf(value: unknown): string {
  if (typeof value === 'string') return 'VARCHAR'
  if (typeof value === 'number') return 'DOUBLE'
  if (typeof value === 'boolean') return 'BOOLEAN'
  return Array.isArray(value) ? 'INTEGER[]' : 'STRUCT(x INTEGER)'
}

function isUtf8(record: object): boolean {
  const text = JSON.stringify(record)
  return text.isWellFormed() && !/\\ud[89a-f]/i.test(text)
}

/** `1e999` is infinite in JavaScript and in a column of numbers; JSON text that is written again has none. */
function hasInfinity(fields: readonly FieldPlan[], record: object): boolean {
  const within = (value: unknown): boolean =>
    typeof value === 'object' && value !== null
      ? Object.values(value).some(within)
      : value === Infinity || value === -Infinity
  return fields.some((field) => isNested(field) && within(memberOf(record, field)))
}
