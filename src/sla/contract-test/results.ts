import type { TestCheck, TestReport } from './define.ts'
import { fraction } from './report.ts'

/**
 * A report as results: one a check, with the status words of the OORS draft (pass, fail, warn, error, skip), named as
 * ODCS names things, beside the contract and the data that it is about.
 */
export function odcsResults(report: TestReport, testedAt: string) {
  return {
    contract: { id: report.contractId, version: report.contractVersion },
    source: report.source,
    executedAt: testedAt,
    status: report.status,
    rowCount: report.rows,
    failedRowCount: report.failingRows,
    results: report.checks.map(result),
  }
}

function result(check: TestCheck) {
  return {
    id: check.id,
    type: check.kind,
    ...(check.field === null ? {} : { element: check.field }),
    dimension: check.dimension,
    severity: check.severity,
    status: check.status,
    expected: check.expected,
    ...(check.observed === null ? {} : { observed: check.observed }),
    ...(check.failed === null ? {} : { failedRowCount: check.failed, fraction: fraction(check) }),
    rowCount: check.rows,
    ...(check.reason === null ? {} : { message: check.reason }),
    ...(check.examples.length === 0 ? {} : { failedRowSamples: check.examples }),
  }
}
