import type { FailingRow, TestCheck } from './define.ts'
import { fraction, grouped } from './report.ts'

/** What a check found, in words, e.g. `2,516/336,776 rows, expected at least 50`; empty where no row broke it. */
export function foundText(check: TestCheck): string {
  const { reason, failed, observed, expected, status } = check
  if (status === 'pass' && failed === 0) return ''
  if (failed === null) return reason ?? `found ${observed ?? 'nothing'}, expected ${expected}`
  const percent = expected.endsWith('percent') && observed !== null ? ` (${rounded(observed)} percent)` : ''
  return `${fraction(check)} rows${percent}, expected ${expected}${reason === null ? '' : `; ${reason}`}`
}

/** A failing row in words, e.g. `flight_id=2013-01-01/UA/1545/EWR/0515 row 1: 17`. */
export function rowText({ key, row, got }: FailingRow): string {
  const names = [
    ...Object.entries(key ?? {}).map(
      ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ),
    ...(row === null ? [] : [`row ${grouped(row)}`]),
  ]
  return `${names.join(' ')}: ${got}`
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
