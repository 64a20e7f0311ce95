import { readFileSync } from 'node:fs'
import type { Problem } from '../../contract/index.ts'
import { sha256 } from '../../kernel/index.ts'
import type { ContractReview } from '../../runtime/check/define.ts'
import { breakingChanges } from '../../runtime/check/review.ts'
import type { FullReport } from './report.ts'

type Level = 'error' | 'warning' | 'note'

interface Result {
  readonly ruleId: string
  readonly level: Level
  readonly message: string
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Rules of the check itself; those of lint have the codes of docs/reference/errors.md. */
const RULES: Readonly<Record<string, string>> = {
  'contract-breaking-readers': 'Readers of the earlier version cannot accept all records of the proposed one.',
  'contract-breaking-writers': 'The proposed version refuses records that conform to the earlier one.',
  'contract-withdrawn': 'A contract that is relied on is announced as deprecated and retired before it is removed.',
  'contract-needs-bump': 'The version must say how much changed.',
  'contract-registry-refused': 'The registry of the state folder refuses the proposed version.',
  'contract-changed': 'A compatible change.',
}

/** The report as a SARIF 2.1.0 log, for code scanning: each result points to the changed property. */
export function sarifReport(report: FullReport) {
  const results = [...report.problems.map(lintResult), ...report.contracts.flatMap(reviewResults)]
  const ids = [...new Set(results.map(({ ruleId }) => ruleId))].sort()
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'covenant',
            semanticVersion: packageVersion(),
            rules: ids.map((id) => ({
              id,
              shortDescription: { text: RULES[id] ?? 'A contract file is not as ODCS and Covenant want it.' },
              help: { text: 'covenant contract check; covenant contract lint' },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { '%SRCROOT%': { description: { text: 'The root of the repository.' } } },
        results: results.map((result) => sarifResult(result, ids)),
      },
    ],
  }
}

function sarifResult({ ruleId, level, message, file, line, column }: Result, ids: readonly string[]) {
  return {
    ruleId,
    ruleIndex: ids.indexOf(ruleId),
    level,
    message: { text: message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' },
          region: { startLine: line, startColumn: column },
        },
      },
    ],
    // Without the line: a result that only moved is the same result.
    partialFingerprints: { 'covenant/v1': sha256(JSON.stringify([ruleId, file, message])) },
  }
}

function lintResult({ severity, code, message, file, line, column }: Problem): Result {
  return { ruleId: code, level: severity, message, file, line, column }
}

function reviewResults(review: ContractReview): readonly Result[] {
  if (review.change === 'unchanged' || review.verdict === 'invalid') return []
  const { contractId, file, verdict, mergeable, message, registry, movedFrom } = review
  const at = { file, ...review.at }
  const level: Level = mergeable ? 'warning' : 'error'
  const whole: Result[] =
    verdict === 'breaking' && breakingChanges(review).length === 0
      ? [{ ruleId: 'contract-withdrawn', level, message: `${contractId}: ${message}`, ...at }]
      : verdict === 'needs-bump'
        ? [{ ruleId: 'contract-needs-bump', level, message: `${contractId}: ${message}`, ...at }]
        : []
  const refused: Result[] =
    registry?.outcome === 'refused'
      ? [{ ruleId: 'contract-registry-refused', level: 'error', message: `${contractId}: ${registry.message}`, ...at }]
      : []
  const breaks = breakingChanges(review).flatMap(({ breaks: whom, message: why, witness, ...place }) =>
    whom.map((who) => ({
      ruleId: `contract-breaking-${who}`,
      level,
      message: witness === null ? why : `${why} For example ${JSON.stringify(witness)}`,
      file,
      line: place.line,
      column: place.column,
    })),
  )
  const notes = review.changes
    .filter(({ effect }) => effect !== 'major')
    .map(({ effect, message: what, line, column }) => ({
      ruleId: 'contract-changed',
      level: 'note' as const,
      message: `${effect}: ${what}`,
      file,
      line,
      column,
    }))
  const moved: Result[] =
    movedFrom === null
      ? []
      : [{ ruleId: 'contract-changed', level: 'note', message: `Moved from ${movedFrom}.`, ...at }]
  return [...whole, ...refused, ...breaks, ...notes, ...moved]
}

function packageVersion(): string {
  const file = new URL('../../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
