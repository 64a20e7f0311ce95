import { foundText, grouped, rowText, type TestCheck, type TestReport, type TestStatus } from '../../sla/index.ts'

const SIGNS: Readonly<Record<TestStatus, string>> = { pass: '✓', fail: '✗', warn: '!', error: '✗', skip: '–' }

/** A report for reading: the result, then each check, with the rows that fail under it. */
export function testText(report: TestReport): string {
  const width = Math.max(...report.checks.map(({ id }) => id.length), 0)
  return [
    `${report.contractId} ${report.contractVersion} on ${report.source}: ${report.status}`,
    `${grouped(report.rows)} rows, ${grouped(report.failingRows)} of them break the schema`,
    '',
    ...report.checks.flatMap((check) => checkLines(check, width)),
    '',
    summary(report.checks),
  ].join('\n')
}

function checkLines(check: TestCheck, width: number): readonly string[] {
  const head =
    `${SIGNS[check.status]} ${check.status.padEnd(5)} ${check.id.padEnd(width)}  ${foundText(check)}`.trimEnd()
  const rest = (check.failed ?? 0) - check.examples.length
  const isBad = check.status === 'fail' || check.status === 'warn'
  return [
    head,
    ...check.examples.map((row) => `        ${rowText(row)}`),
    ...(isBad && check.examples.length > 0 && rest > 0 ? [`        and ${grouped(rest)} more`] : []),
  ]
}

function summary(checks: readonly TestCheck[]): string {
  const counts = (['pass', 'fail', 'warn', 'error', 'skip'] as const)
    .map((status) => [status, checks.filter((check) => check.status === status).length] as const)
    .filter(([, number]) => number > 0)
  return `${checks.length} checks: ${counts.map(([status, number]) => `${number} ${status}`).join(', ')}`
}
