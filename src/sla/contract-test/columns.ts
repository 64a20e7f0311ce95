import {
  type ColumnCheck,
  type ColumnFault,
  type Contract,
  compileColumnChecks,
  compileRuleChecks,
  compileValidationPlan,
  type FieldColumn,
  type TestColumn,
} from '../../contract/index.ts'
import type { SqlEngine } from '../../lake/index.ts'
import { expectation, type ViolationCode } from '../../validation/index.ts'
import type { FailingRow, TestCheck, TestFindings } from './define.ts'
import { copySql, failedRowsSql } from './failed-rows.ts'
import { judge } from './judge.ts'
import { testQuality } from './quality.ts'
import { failingRow, failingRowsSql, type RowNaming, rowNaming } from './rows.ts'
import { ruleResult } from './rule-result.ts'

/** The data under test, as a view. */
const DATA = 'covenant_data'

export interface ColumnsTest {
  readonly engine: SqlEngine
  readonly contract: Contract
  /** SQL that reads the data: a table, a table function or a query in parentheses. */
  readonly relation: string
  /** The columns are texts, as in CSV. */
  readonly isText: boolean
  /** Table of the lines that the reader of CSV could not make rows of; they count as rows that break the schema. */
  readonly rejects: string | null
  /** Rows shown for each check that fails. */
  readonly show: number
  /** A file for all rows that break a rule of the schema or a record rule, with the ids of the rules. */
  readonly failedRows?: string | undefined
}

/** Tests the rows of a table: every rule of the schema in one scan, then the quality rules. */
export async function testColumns(test: ColumnsTest): Promise<TestFindings> {
  const { engine, contract, relation, isText, rejects, show } = test
  await engine.execute(`CREATE OR REPLACE TEMP VIEW ${DATA} AS SELECT * FROM ${relation}`)
  const columns = await describeColumns(engine, DATA)
  const fields = fieldColumns(contract, columns)
  const compiled = compileColumnChecks(fields, { isText })
  for (const judgement of compiled.judgements) await judge(engine, DATA, judgement)
  const rules = compileRuleChecks(compileValidationPlan(contract).rules, fields, { isText })
  const conditions: readonly Condition[] = [
    ...compiled.checks.map(({ ruleId: id, violated, value }) => ({ id, violated, value, refuses: true })),
    ...rules.map(({ violated, value, rule }) => ({ id: rule.id, violated, value, refuses: rule.stage === 'enforce' })),
  ]
  const counts = await countRows(engine, conditions)
  const naming = rowNaming(contract, fields, columns, isText)
  const examples = await failingRows(engine, conditions, counts.failed, naming, show)
  if (test.failedRows !== undefined) await engine.execute(copySql(failedRowsSql(DATA, conditions), test.failedRows))
  const ruleAt = (index: number) => compiled.checks.length + index
  const quality = await testQuality({ engine, contract, relation: DATA, fields, columns, rows: counts.rows, show })
  const missing = compiled.faults.some(({ severity }) => severity === 'error')
  const refused = rejects === null ? null : await rejectedLines(engine, rejects, counts.rows, show)
  const lines = refused?.failed ?? 0
  return {
    rows: counts.rows + lines,
    failingRows: lines + (missing ? counts.rows : counts.failingRows),
    checks: [
      ...(refused === null ? [] : [refused]),
      ...compiled.faults.map((fault) => faultResult(fault, counts.rows)),
      ...compiled.checks.map((check, index) =>
        schemaResult(check, counts.failed[index]!, counts.rows, examples.get(index) ?? []),
      ),
      ...rules.map((check, index) =>
        ruleResult(check.rule, counts.failed[ruleAt(index)]!, counts.rows, examples.get(ruleAt(index)) ?? []),
      ),
      ...quality,
    ],
  }
}

/** What a row is held against. */
interface Condition extends Pick<ColumnCheck, 'violated' | 'value'> {
  readonly id: string
  /** Whether a row that breaks it would be refused as a record. */
  readonly refuses: boolean
}

export async function describeColumns(engine: SqlEngine, relation: string): Promise<readonly TestColumn[]> {
  const rows = await engine.query(`DESCRIBE ${relation}`)
  return rows.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }))
}

/** The column of each field: of its name, of its `physicalName`, or one that differs from these by case only. */
function fieldColumns(contract: Contract, columns: readonly TestColumn[]): readonly FieldColumn[] {
  const physical = physicalNames(contract)
  const find = (name: string) =>
    columns.find((column) => column.name === name) ??
    columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
  return compileValidationPlan(contract).fields.map((field) => ({
    field,
    column: find(field.name) ?? (physical.has(field.name) ? find(physical.get(field.name)!) : undefined),
  }))
}

function physicalNames({ document }: Contract): ReadonlyMap<string, string> {
  const objects = (document.schema ?? []) as readonly {
    properties?: readonly { name?: string; physicalName?: string }[]
  }[]
  const properties = objects.flatMap(({ properties: own = [] }) => own)
  return new Map(properties.flatMap(({ name, physicalName }) => (name && physicalName ? [[name, physicalName]] : [])))
}

async function countRows(engine: SqlEngine, checks: readonly Condition[]) {
  const decided = checks
    .map(({ violated, refuses }, index) => ({ violated, refuses, index }))
    .filter(({ violated }) => violated !== 'coalesce(false, false)')
  const flags = decided.map(({ violated, index }) => `${violated} AS v${index}`)
  const refusing = decided.filter(({ refuses }) => refuses)
  const any = refusing.map(({ index }) => `v${index}`).join(' OR ') || 'false'
  const counts = decided.map(({ index }) => `count(*) FILTER (WHERE v${index}) AS v${index}`)
  const selected = ['count(*) AS rows', `count(*) FILTER (WHERE ${any}) AS failing`, ...counts]
  const [row] = await engine.query(
    `SELECT ${selected.join(', ')} FROM (SELECT ${[...flags, '1'].join(', ')} FROM ${DATA})`,
  )
  return {
    rows: Number(row!.rows),
    failingRows: Number(row!.failing),
    failed: checks.map((_, index) => Number(row![`v${index}`] ?? 0)),
  }
}

/** The lines of CSV that are no rows, as one check. */
async function rejectedLines(engine: SqlEngine, rejects: string, rows: number, show: number): Promise<TestCheck> {
  const faults = `SELECT file_id, line, any_value(error_type)::VARCHAR AS fault FROM ${rejects} GROUP BY ALL`
  const [counted] = await engine.query(`SELECT count(*) AS failed FROM (${faults})`)
  const failed = Number(counted!.failed)
  const found = await engine.query(`${faults} ORDER BY file_id, line LIMIT ${show}`)
  return {
    ...{ id: 'parse', kind: 'schema', field: null, dimension: 'conformity', severity: 'error', observed: null },
    ...{ status: failed === 0 ? 'pass' : 'fail', expected: 'a row with a field for each column', failed },
    ...{ rows: rows + failed, reason: null },
    examples: found.map(({ line, fault }) => ({ key: null, row: Number(line), got: String(fault).toLowerCase() })),
  }
}

/** The first failing rows of each check, in one statement. */
async function failingRows(
  engine: SqlEngine,
  checks: readonly Condition[],
  failed: readonly number[],
  naming: RowNaming,
  show: number,
): Promise<ReadonlyMap<number, readonly FailingRow[]>> {
  const parts = checks.flatMap(({ violated, value }, index) =>
    failed[index]! > 0 && show > 0 ? [failingRowsSql(index, DATA, violated, value, naming, show)] : [],
  )
  if (parts.length === 0) return new Map()
  const found = new Map<number, FailingRow[]>()
  for (const row of await engine.query(parts.join(' UNION ALL '))) {
    const index = Number(row.covenant_check)
    found.set(index, [...(found.get(index) ?? []), failingRow(row, naming)])
  }
  return found
}

function schemaResult(check: ColumnCheck, failed: number, rows: number, examples: readonly FailingRow[]): TestCheck {
  return {
    ...base(check, 'error', rows),
    ...{ status: failed === 0 ? 'pass' : 'fail', failed, reason: null, examples },
  }
}

function faultResult(fault: ColumnFault, rows: number): TestCheck {
  return {
    ...base(fault, fault.severity, rows),
    ...{ status: fault.severity === 'error' ? 'fail' : 'warn', failed: null, reason: fault.message, examples: [] },
  }
}

function base({ ruleId, field, code, plan }: ColumnFault | ColumnCheck, severity: TestCheck['severity'], rows: number) {
  const dimension = code === 'required' ? 'completeness' : 'conformity'
  const expected = expectation(code as ViolationCode, plan)
  return { id: ruleId, kind: 'schema' as const, field, dimension, severity, expected, rows, observed: null }
}
