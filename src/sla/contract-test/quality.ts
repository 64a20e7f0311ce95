import { type Contract, type FieldColumn, lakeValue, type TestColumn } from '../../contract/index.ts'
import { CovenantError, quoteName } from '../../kernel/index.ts'
import { COLUMN_SQL_TYPES, lakeColumns, type SqlEngine, type SqlRow } from '../../lake/index.ts'
import { countedRows, metricSql, repeated, ruleSql } from '../audit-sql.ts'
import { auditPlan, type CheckPlan } from '../plan.ts'
import { checkResult, numberOf } from '../verdict.ts'
import type { FailingRow, TestCheck } from './define.ts'
import { statusOf } from './report.ts'
import { failingRow, failingRowsSql, type RowNaming, rowNaming } from './rows.ts'

/** The data with its columns as a table of the lake holds them, for quality rules. */
const ROWS = 'covenant_rows'

type DataCheck = Exclude<CheckPlan, { kind: 'latency' }>

export interface QualityTest {
  readonly engine: SqlEngine
  readonly contract: Contract
  /** The data as SQL that can be read from. */
  readonly relation: string
  readonly fields: readonly FieldColumn[]
  readonly columns: readonly TestColumn[]
  readonly rows: number
  /** Rows shown for each check that fails. */
  readonly show: number
}

/** Evaluates the quality rules and keys of a contract. A rule that cannot be evaluated is one `error`. */
export async function testQuality(test: QualityTest): Promise<readonly TestCheck[]> {
  const { engine, contract } = test
  const checks = auditPlan(contract).checks.filter((check): check is DataCheck => check.kind !== 'latency')
  if (checks.length === 0) return []
  const columns = lakeView(test)
  await engine.execute(`CREATE OR REPLACE TEMP VIEW ${ROWS} AS ${columns.sql}`)
  const naming = rowNaming(contract, columns.fields, columns.columns, false)
  const measured = await measure(engine, checks)
  const results: TestCheck[] = []
  for (const [index, check] of checks.entries()) results.push(await testCheck(test, check, measured[index]!, naming))
  return results
}

function lakeView({ contract, relation, fields, columns }: QualityTest) {
  const types = new Map(lakeColumns(contract).map(({ name, type }) => [name, COLUMN_SQL_TYPES[type]]))
  const own = fields.map((field) => ({ field, name: field.field.name, type: types.get(field.field.name)! }))
  const taken = new Set(own.flatMap(({ field, name }) => [name.toLowerCase(), field.column?.name.toLowerCase() ?? '']))
  const others = columns.filter(({ name }) => !taken.has(name.toLowerCase()))
  const selected = [
    ...own.map(({ field, name, type }) => `${lakeValue(field, type)} AS ${quoteName(name)}`),
    ...others.map(({ name }) => quoteName(name)),
  ]
  const typed = own.map(({ field, name, type }) => ({ field: field.field, column: { name, type } }))
  return {
    sql: `SELECT ${selected.join(', ')} FROM ${relation}`,
    fields: typed,
    columns: [...typed.map(({ column }) => column), ...others],
  }
}

type Measured = { readonly value: SqlRow[string] } | { readonly fault: string }

/** All that are aggregates in one scan, each query of a contract by itself. */
async function measure(engine: SqlEngine, checks: readonly DataCheck[]): Promise<readonly Measured[]> {
  const aggregates = checks.flatMap((check, index) => {
    if (check.kind === 'sql') return []
    return [`${check.kind === 'key' ? repeated(check.fields) : metricSql(check.metric)} AS c${index}`]
  })
  const [row = {}] = aggregates.length === 0 ? [] : await engine.query(`SELECT ${aggregates.join(', ')} FROM ${ROWS}`)
  const measured: Measured[] = []
  for (const [index, check] of checks.entries())
    measured.push(check.kind === 'sql' ? await queried(engine, check) : { value: row[`c${index}`] ?? null })
  return measured
}

async function queried(engine: SqlEngine, check: Extract<CheckPlan, { kind: 'sql' }>): Promise<Measured> {
  try {
    const [row] = await engine.query(`SELECT ${ruleSql(check, ROWS)} AS value`)
    const value = row?.value ?? null
    if (typeof value === 'string') return { fault: `its query gives the text ${JSON.stringify(value)}, not a number` }
    return { value }
  } catch (thrown) {
    if (thrown instanceof CovenantError && thrown.code === 'LAKE_SQL_FAILED') return { fault: thrown.message }
    throw thrown
  }
}

async function testCheck(
  test: QualityTest,
  check: DataCheck,
  measured: Measured,
  naming: RowNaming,
): Promise<TestCheck> {
  const base = {
    id: check.id,
    kind: check.kind === 'key' ? ('key' as const) : ('quality' as const),
    field: check.kind === 'sql' ? check.field : fieldOf(check),
    dimension: check.dimension,
    severity: check.severity,
    rows: test.rows,
  }
  const value = 'fault' in measured ? null : numberOf(measured.value)
  const result = checkResult(check, value, test.rows)
  const expected = { expected: result.expected, observed: result.observed }
  if ('fault' in measured)
    return { ...base, ...expected, status: 'error', failed: null, reason: measured.fault, examples: [] }
  const counted = check.kind === 'sql' ? await countedBy(test, check, value) : conditionOf(check)
  const isCount =
    check.kind === 'key' || (check.kind === 'metric' && check.metric.metric !== 'rowCount') || counted !== null
  const examples = result.passed || test.show === 0 ? [] : await rowsOf(test, check, counted, naming)
  return {
    ...base,
    ...expected,
    status: statusOf(result.passed, check.severity),
    failed: isCount ? value : null,
    reason: value === null ? 'there was nothing to measure' : null,
    examples,
  }
}

function fieldOf(check: Exclude<DataCheck, { kind: 'sql' }>): string | null {
  const fields =
    check.kind === 'key'
      ? check.fields
      : 'fields' in check.metric
        ? check.metric.fields
        : 'field' in check.metric
          ? [check.metric.field]
          : []
  return fields.length === 1 ? fields[0]! : null
}

function conditionOf(check: Exclude<DataCheck, { kind: 'sql' }>): string | null {
  return check.kind === 'metric' ? countedRows(check.metric) : null
}

/** The most common form of a rule, whose condition is that of its rows: `SELECT count(*) FROM {object} WHERE …`. */
const COUNT_OF_ROWS = /^\s*select\s+count\s*\(\s*\*\s*\)\s+from\s+\{object\}\s+where\s+(.*?);?\s*$/is

/** The condition of the rows that a query counts, where it has that form and counting by it gives the same number. */
async function countedBy(test: QualityTest, check: Extract<CheckPlan, { kind: 'sql' }>, value: number | null) {
  const condition = COUNT_OF_ROWS.exec(check.query)?.[1]
  if (condition === undefined || value === null) return null
  const text = condition
    .replaceAll('{object}', ROWS)
    .replaceAll('{property}', check.field === null ? '*' : quoteName(check.field))
  try {
    const [row] = await test.engine.query(`SELECT count(*) AS rows FROM ${ROWS} WHERE (${text}\n)`)
    return Number(row!.rows) === value ? `(${text}\n)` : null
  } catch {
    return null
  }
}

/** The first rows that a check counts. Of keys and duplicates: those that have a twin. */
async function rowsOf(
  test: QualityTest,
  check: DataCheck,
  condition: string | null,
  naming: RowNaming,
): Promise<readonly FailingRow[]> {
  const repeats =
    check.kind === 'key'
      ? check.fields
      : check.kind === 'metric' && check.metric.metric === 'duplicateValues'
        ? check.metric.fields
        : null
  const rows = repeats === null ? condition : twins(repeats)
  if (rows === null) return []
  const shown = check.kind === 'sql' ? check.field : fieldOf(check)
  const value =
    shown === null
      ? repeats === null
        ? 'NULL'
        : `to_json([${repeats.map((field) => `to_json(${quoteName(field)})`).join(', ')}])`
      : `to_json(${quoteName(shown)})`
  const found = await test.engine.query(failingRowsSql(0, ROWS, rows, value, naming, test.show))
  return found.map((row) => ({ ...failingRow(row, naming), ...(value === 'NULL' ? { got: 'the row' } : {}) }))
}

function twins(fields: readonly string[]): string {
  const key = fields.map(quoteName).join(', ')
  const given = fields.map((field) => `${quoteName(field)} IS NOT NULL`).join(' AND ')
  return `(${key}) IN (SELECT (${key}) FROM ${ROWS} WHERE ${given} GROUP BY ALL HAVING count(*) > 1)`
}
