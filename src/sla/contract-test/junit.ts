import type { Builder } from 'junit-report-builder'
import type { TestReport } from './define.ts'
import { foundText, rowText } from './words.ts'

/**
 * A report as JUnit XML: one test case a check, in a suite for the data. Warnings pass, with their words as output.
 * The library is loaded on first use: most tests need none of it.
 */
export async function junitXml(report: TestReport): Promise<string> {
  // Its types describe its CommonJS build, which has the builder one level deeper.
  const loaded: unknown = (await import('junit-report-builder')).default
  const builder = (loaded as Builder).newBuilder()
  const suite = builder.testSuite().name(`${report.contractId} ${report.contractVersion} on ${report.source}`)
  for (const check of report.checks) {
    const test = suite.testCase().className(`${report.contractId}.${check.kind}`).name(check.id)
    const words = [foundText(check), ...check.examples.map(rowText)].filter((line) => line !== '').join('\n')
    if (check.status === 'fail') test.failure(words)
    else if (check.status === 'error') test.error(words)
    else if (check.status === 'skip') test.skipped()
    else if (words !== '') test.standardOutput(words)
  }
  return builder.build()
}
