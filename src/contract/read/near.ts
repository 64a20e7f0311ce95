import { nearest } from '../../kernel/index.ts'
import type { Path, Report } from '../problem.ts'

/**
 * Reports a text that is nearly one of `known`, where ODCS allows any text: it would be ignored, and nobody would notice.
 *
 * @returns Whether it was reported.
 */
export function checkNear(text: string, known: readonly string[], path: Path, report: Report): boolean {
  if (known.includes(text)) return false
  const guess = nearest(text, known)
  if (guess === null) return false
  report.error(
    path,
    'CONTRACT_WRONG_VALUE',
    `"${String(path.at(-1))}" is "${text}", which means nothing here. Did you mean "${guess}"?`,
    guess,
  )
  return true
}
