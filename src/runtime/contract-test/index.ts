import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Contract } from '../../contract/index.ts'
import { CovenantError } from '../../kernel/index.ts'
import {
  needsRelation,
  type TestCheck,
  type TestRecord,
  type TestReport,
  testColumns,
  testDocuments,
  testRelation,
  testReport,
} from '../../sla/index.ts'
import { duckDbExtensionFolders } from '../installation.ts'
import type { TestSource } from './source.ts'

export interface ContractTestOptions {
  /** Rows shown for each check that fails. */
  readonly show: number
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
  const checks = [...findings.checks, ...contract.rules.map(({ id, field }) => skipped(id, field, findings.rows))]
  return testReport(contract, source.name, { ...findings, checks })
}

function skipped(id: string, field: string | null, rows: number): TestCheck {
  return {
    ...{ id, kind: 'rule', field, dimension: 'conformity', severity: 'error', status: 'skip', expected: 'true' },
    ...{ failed: null, rows, observed: null, reason: 'rules in CEL are not tested yet', examples: [] },
  }
}

async function ofColumns(
  contract: Contract,
  source: Extract<TestSource, { kind: 'columns' }>,
  { show }: ContractTestOptions,
) {
  const { relation, isText, rejects, extensions, statements } = source
  try {
    const { engine, close } = await openEngine(extensions, statements)
    try {
      return await testColumns({ engine, contract, relation, isText, rejects, show })
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
  options: ContractTestOptions,
) {
  const { show, onProgress } = options
  if (!needsRelation(contract)) return testDocuments({ contract, records: source.read(), show })
  const folder = mkdtempSync(join(tmpdir(), 'covenant-test-'))
  try {
    const file = join(folder, 'records.ndjson')
    const rows = openSync(file, 'w')
    let bytes = 0
    const onRecords = (records: readonly TestRecord[]) => {
      writeSync(rows, relationLines(contract, records))
      bytes += records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
      onProgress?.(bytes)
    }
    const findings = await testDocuments({ contract, records: source.read(), show, onRecords })
    closeSync(rows)
    const { engine, close } = await openEngine([], [])
    try {
      const quality = await testRelation({ engine, contract, file, rows: findings.rows, show })
      return { ...findings, checks: [...findings.checks, ...quality] }
    } finally {
      await close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The records as lines for DuckDB; what is no JSON object is not among them, and of change events the row is. */
function relationLines({ cdc }: Contract, records: readonly TestRecord[]): string {
  let lines = ''
  for (const { value, row } of records) {
    const text = value === null ? null : objectText(value, cdc)
    if (text !== null) lines += `{"row":${row},"value":${text}}\n`
  }
  return lines
}

function objectText(value: Uint8Array, cdc: Contract['cdc']): string | null {
  try {
    const parsed = JSON.parse(Buffer.from(value).toString())
    const row = cdc === 'debezium' ? parsed.after : parsed
    return typeof row === 'object' && row !== null && !Array.isArray(row) ? JSON.stringify(row) : null
  } catch {
    return null
  }
}
