import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Contract } from '../../contract/index.ts'
import { CovenantError, quoteText } from '../../kernel/index.ts'
import {
  copySql,
  needsRelation,
  type TestRecord,
  type TestReport,
  testColumns,
  testDocuments,
  testRelation,
  testReport,
} from '../../sla/index.ts'
import type { Violation } from '../../validation/index.ts'
import { duckDbExtensionFolders } from '../installation.ts'
import type { TestSource } from './source.ts'

export interface ContractTestOptions {
  /** Rows shown for each check that fails. */
  readonly show: number
  /** A file for all rows that break a rule of the schema or a record rule: .parquet, .csv or .ndjson. */
  readonly failedRows?: string | undefined
  /** Is told how many bytes were read so far, of records. */
  readonly onProgress?: (bytes: number) => void
}

/** Tests data against a contract. What is wrong with the data is in the report; only what hinders the test throws. */
export async function testContract(
  contract: Contract,
  source: TestSource,
  options: ContractTestOptions,
): Promise<TestReport> {
  const findings =
    source.kind === 'columns' ? await ofColumns(contract, source, options) : await ofRecords(contract, source, options)
  return testReport(contract, source.name, findings)
}

async function ofColumns(
  contract: Contract,
  source: Extract<TestSource, { kind: 'columns' }>,
  { show, failedRows }: ContractTestOptions,
) {
  const { relation, isText, rejects, extensions, statements } = source
  try {
    const { engine, close } = await openEngine(extensions, statements)
    try {
      return await testColumns({ engine, contract, relation, isText, rejects, show, failedRows })
    } finally {
      await close()
    }
  } catch (cause) {
    if (!(cause instanceof CovenantError) || cause.code !== 'LAKE_SQL_FAILED') throw cause
    throw new CovenantError({
      code: 'TEST_DATA_UNREADABLE',
      message: cause.message.replace('DuckDB refused a statement', 'The data cannot be read'),
      where: source.name,
      remedy: 'Check that it is there, whole, and of the format that its name or --format says.',
      cause,
    })
  }
}

/** DuckDB's driver is loaded here, because most verbs do not need it. */
async function openEngine(extensions: readonly string[], statements: readonly string[]) {
  const { openDataEngine } = await import('../../adapters/embedded/duckdb-data.ts')
  return openDataEngine({
    extensions,
    statements,
    extensionDirs: extensions.length > 0 ? duckDbExtensionFolders() : [],
  })
}

async function ofRecords(
  contract: Contract,
  source: Extract<TestSource, { kind: 'records' }>,
  { show, failedRows, onProgress }: ContractTestOptions,
) {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-test-'))
  const rows = new LineFile(join(folder, 'records.ndjson'))
  const refused = new LineFile(join(folder, 'refused.ndjson'))
  const related = needsRelation(contract)
  try {
    let bytes = 0
    const findings = await testDocuments({
      contract,
      records: source.read(),
      show,
      onRecords: (records) => {
        if (related) rows.write(relationLines(contract, records))
        bytes += records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
        onProgress?.(bytes)
      },
      ...(failedRows === undefined
        ? {}
        : { onRefused: (record, violations) => refused.write(refusedLine(record, violations)) }),
    })
    rows.close()
    refused.close()
    if (!related && failedRows === undefined) return findings
    const { engine, close } = await openEngine([], [])
    try {
      if (failedRows !== undefined) await engine.execute(copySql(refusedRows(refused.path), failedRows))
      if (!related) return findings
      const quality = await testRelation({ engine, contract, file: rows.path, rows: findings.rows, show })
      return { ...findings, checks: [...findings.checks, ...quality] }
    } finally {
      await close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

class LineFile {
  readonly path: string
  readonly #file: number

  constructor(path: string) {
    this.path = path
    this.#file = openSync(path, 'w')
  }

  write(lines: string): void {
    if (lines !== '') writeSync(this.#file, lines)
  }

  close(): void {
    closeSync(this.#file)
  }
}

function refusedLine({ row, value }: TestRecord, violations: readonly Violation[]): string {
  const rules = [...new Set(violations.map(({ ruleId }) => ruleId))].join('; ')
  return `${JSON.stringify({ row, record: value === null ? null : Buffer.from(value).toString(), covenant_rules: rules })}\n`
}

function refusedRows(file: string): string {
  const columns = "{row: 'BIGINT', record: 'VARCHAR', covenant_rules: 'VARCHAR'}"
  return `FROM read_ndjson(${quoteText(file)}, columns = ${columns}, maximum_object_size = 1073741824)`
}

const LINE_ENDS = /[\n\r]/g

/** The records as lines for DuckDB; of change events the row is one. They are JSON objects: only white space is changed. */
function relationLines({ cdc }: Contract, records: readonly TestRecord[]): string {
  let lines = ''
  for (const { value, row } of records) {
    if (value === null) continue
    const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    const text = bytes.toString().replaceAll(LINE_ENDS, ' ')
    const line = cdc === 'debezium' ? JSON.stringify(JSON.parse(text).after ?? null) : text
    if (line !== 'null') lines += `{"row":${row},"value":${line}}\n`
  }
  return lines
}
