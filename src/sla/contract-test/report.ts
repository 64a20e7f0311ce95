import type { Contract } from '../../contract/index.ts'
import type { TestCheck, TestFindings, TestReport, TestStatus } from './define.ts'

/** Puts the findings together to the report of a test. */
export function testReport(contract: Contract, source: string, findings: TestFindings): TestReport {
  const { rows, failingRows, checks } = findings
  const statuses = new Set(checks.map(({ status }) => status))
  const status = statuses.has('fail') || statuses.has('error') ? 'fail' : statuses.has('warn') ? 'warn' : 'pass'
  return { contractId: contract.id, contractVersion: contract.version, source, status, rows, failingRows, checks }
}

/** The status of a check that could be evaluated. */
export function statusOf(passed: boolean, severity: TestCheck['severity']): TestStatus {
  return passed ? 'pass' : severity === 'error' ? 'fail' : 'warn'
}

/** The exact part of the rows that a check counts. @example fraction(check) // '2,516/336,776' */
export function fraction({ failed, rows }: Pick<TestCheck, 'failed' | 'rows'>): string | null {
  return failed === null ? null : `${grouped(failed)}/${grouped(rows)}`
}

/** A whole number with commas between thousands; `toLocaleString` would load tables of all languages first. */
export function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}
