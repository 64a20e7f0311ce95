import { quoteName } from '../../../kernel/index.ts'
import type { FieldPlan } from '../../define.ts'
import { isMomentType } from '../../moment.ts'
import { parsePattern } from '../../pattern/parse.ts'
import { re2Pattern } from '../../pattern/re2.ts'
import type {
  ColumnCheck,
  ColumnChecks,
  ColumnFault,
  FieldColumn,
  OwnJudgement,
  SchemaCheck,
  TestColumn,
} from './check.ts'
import { momentSql } from './moment-sql.ts'
import { isMultipleExpressible, numberSql } from './number-sql.ts'
import { isScalar, misfit, type PhysicalType, physicalType } from './physical-type.ts'
import { ruleCodes, schemaChecks } from './schema-checks.ts'
import { doubleOf, jsonText, momentText, textLiteral } from './value-sql.ts'

export type {
  ColumnCheck,
  ColumnChecks,
  ColumnFault,
  FieldColumn,
  OwnJudgement,
  SchemaCheck,
  TestColumn,
} from './check.ts'
export { compileRuleChecks, memberJson, type RuleCheck } from './rule-checks.ts'
export { schemaChecks } from './schema-checks.ts'

export interface ColumnCheckOptions {
  /** The columns are texts (CSV): numbers are written as in JSON, booleans `true` and `false`, nested values as JSON. */
  readonly isText: boolean
}

/**
 * Compiles a contract's schema to checks over the columns of one table (DuckDB's SQL). A row is a record: what the
 * validator says of the record is what the checks say of the row. What a column's type means:
 *
 * - integers, decimals, FLOAT and DOUBLE are JSON numbers: 3.0 is an integer, NaN no number
 * - TIMESTAMP is UTC; DATE, TIME and timestamps are their ISO 8601 text; so are VARCHAR columns
 * - STRUCT is an object, LIST an array, MAP a map; JSON and VARCHAR columns hold such values as JSON text
 * - SQL's null is a missing value
 *
 * A column of any other type than its field can have is one fault, not one for each row.
 */
export function compileColumnChecks(fields: readonly FieldColumn[], options: ColumnCheckOptions): ColumnChecks {
  const compiler = new Compiler(options.isText)
  for (const { field, column } of fields) compiler.field(field, column)
  return compiler
}

class Compiler implements ColumnChecks {
  readonly checks: ColumnCheck[] = []
  readonly faults: ColumnFault[] = []
  readonly judgements: OwnJudgement[] = []
  readonly #isText: boolean

  constructor(isText: boolean) {
    this.#isText = isText
  }

  field(plan: FieldPlan, column: TestColumn | undefined): void {
    if (column === undefined) {
      const severity = plan.required ? 'error' : 'warning'
      const code = plan.required ? 'required' : 'type'
      const message = `the data has no column ${plan.name}`
      this.faults.push({ ruleId: `${plan.name}.${code}`, field: plan.name, code, plan, message, severity })
      return
    }
    const type = physicalType(column.type)
    const fault = this.#isText ? null : misfit(plan, type, column.name)
    const name = quoteName(column.name)
    const add = (code: string, violated: string) =>
      this.#add({ ruleId: `${plan.name}.${code}`, field: plan.name, code, plan }, violated, jsonText(name, type))
    if (plan.required) add('required', `${name} IS NULL`)
    if (fault !== null) {
      const message = `the column ${fault}, which cannot hold ${article(plan.type)}`
      this.faults.push({
        ruleId: `${plan.name}.type`,
        field: plan.name,
        code: 'type',
        plan,
        message,
        severity: 'error',
      })
    } else this.#values(plan, name, type, add)
  }

  #values(plan: FieldPlan, name: string, type: PhysicalType, add: (code: string, violated: string) => void): void {
    if (plan.type === 'object' || plan.type === 'array' || plan.type === 'map') this.#nested(plan, name, type)
    else if (plan.type === 'string') this.#text(plan, isScalar(type, 'VARCHAR') ? name : `${name}::VARCHAR`, add)
    else if (plan.type === 'boolean') this.#boolean(plan, name, add)
    else if (isMomentType(plan.type)) {
      const sql = momentSql(plan, name, type)
      this.#typed(plan, name, sql.isOfType, sql.broken, add)
    } else this.#number(plan, name, type, add)
  }

  #typed(
    plan: FieldPlan,
    name: string,
    isOfType: string,
    broken: (code: string) => string,
    add: (code: string, violated: string) => void,
  ): void {
    const always = isOfType === 'true'
    add('type', always ? 'false' : `${name} IS NOT NULL AND NOT coalesce(${isOfType}, false)`)
    for (const code of ruleCodes(plan)) add(code, always ? broken(code) : `(${isOfType}) AND ${broken(code)}`)
  }

  #text(plan: FieldPlan, text: string, add: (code: string, violated: string) => void): void {
    const { minLength, maxLength, pattern, enum: values = [] } = plan.rules
    this.#typed(
      plan,
      text,
      'true',
      (code) => {
        if (code === 'minLength') return `length(${text}) < ${minLength}`
        if (code === 'maxLength') return `length(${text}) > ${maxLength}`
        if (code === 'enum') return `${text} NOT IN (${values.map((value) => textLiteral(String(value))).join(', ')})`
        const re2 = re2Pattern(pattern!)
        if (re2 !== null) return `NOT ${isWhole(pattern!) ? 'regexp_full_match' : 'regexp_matches'}(${text}, '${re2}')`
        return this.#refused(`${plan.name}.pattern`, `to_json(${text})`, { ...plan, rules: { pattern: pattern! } })
      },
      add,
    )
  }

  #boolean(plan: FieldPlan, name: string, add: (code: string, violated: string) => void): void {
    const allowed = (plan.rules.enum ?? []).map(String)
    const text = this.#isText ? `lower(${name})` : `${name}::VARCHAR`
    const isOfType = this.#isText ? `${text} IN ('true', 'false')` : 'true'
    this.#typed(plan, name, isOfType, () => `${text} NOT IN (${allowed.map(textLiteral).join(', ')})`, add)
  }

  #number(plan: FieldPlan, name: string, type: PhysicalType, add: (code: string, violated: string) => void): void {
    const sql = numberSql(plan, name, type, this.#isText)
    const broken = (code: string) => {
      if (code !== 'multipleOf') return sql.broken(code)
      const step = plan.rules.multipleOf!
      const isExpressible = isMultipleExpressible(step)
      if (isExpressible && sql.multipleDecidable === null) return sql.broken(code)
      const judged = isExpressible
        ? `CASE WHEN NOT (${sql.multipleDecidable}) AND isfinite(${sql.double}) THEN to_json(${sql.double}) END`
        : `CASE WHEN isfinite(${sql.double}) THEN to_json(${sql.double}) END`
      const refused = this.#refused(`${plan.name}.multipleOf`, judged, {
        ...plan,
        type: 'number',
        rules: { multipleOf: step },
      })
      return isExpressible ? `CASE WHEN ${sql.multipleDecidable} THEN ${sql.broken(code)} ELSE ${refused} END` : refused
    }
    this.#typed(plan, name, sql.isOfType, broken, add)
  }

  /** The validator walks nested values: their meaning is too rich to be written twice. */
  #nested(plan: FieldPlan, name: string, type: PhysicalType): void {
    const json = this.#isText || isScalar(type, 'VARCHAR') ? `${name}::VARCHAR` : jsonText(name, type)
    const table = this.#judge(json, { ...plan, required: false })
    for (const check of schemaChecks([{ ...plan, required: false }]))
      this.#add(check, refusedBy(table, check.ruleId, json), json)
  }

  #refused(ruleId: string, json: string, plan: FieldPlan): string {
    return refusedBy(this.#judge(json, { ...plan, required: false }), ruleId, json)
  }

  #judge(json: string, plan: FieldPlan): string {
    const table = `covenant_refused_${this.judgements.length}`
    this.judgements.push({ table, json, plan })
    return table
  }

  #add(check: SchemaCheck, violated: string, value: string): void {
    this.checks.push({ ...check, violated: `coalesce(${violated}, false)`, value })
  }
}

/** Whether a match of the pattern is always the whole text: RE2 then need not look for a place to begin, which is slow. */
function isWhole(pattern: string): boolean {
  const node = parsePattern(pattern)
  if (node.type !== 'sequence') return false
  const [first, last] = [node.parts[0], node.parts.at(-1)]
  return first?.type === 'assertion' && first.kind === '^' && last?.type === 'assertion' && last.kind === '$'
}

function refusedBy(table: string, ruleId: string, json: string): string {
  return `(${json})::VARCHAR IN (SELECT value FROM ${table} WHERE rule = ${textLiteral(ruleId)})`
}

function article(type: FieldPlan['type']): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`
}

/**
 * A column as a table of the lake holds its field, `sqlType` there, so that a quality rule means the same in a test and
 * in an audit; null where the value cannot be read so.
 */
export function lakeValue({ field, column }: FieldColumn, sqlType: string): string {
  if (column === undefined) return `NULL::${sqlType}`
  const name = quoteName(column.name)
  const type = physicalType(column.type)
  if (sqlType === 'JSON') return isScalar(type, 'VARCHAR') ? `TRY_CAST(${name} AS JSON)` : jsonText(name, type)
  if (field.type === 'number' && !isScalar(type, 'VARCHAR') && misfit(field, type, '') === null)
    return doubleOf(name, type)
  if (field.type === 'timestamp') return timestampValue(name, type)
  return column.type === sqlType ? name : `TRY_CAST(${name} AS ${sqlType})`
}

function timestampValue(name: string, type: PhysicalType): string {
  if (isScalar(type, 'TIMESTAMP')) return name
  if (isScalar(type, 'VARCHAR')) return `TRY_CAST(TRY_CAST(${name} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS TIMESTAMP)`
  if (isScalar(type, 'TIMESTAMP WITH TIME ZONE')) return `(${name} AT TIME ZONE 'UTC')`
  return `TRY_CAST(${momentText(name, type)} AS TIMESTAMP)`
}
