import { styleText } from 'node:util'
import type { PartChange, Problem } from '../../contract/index.ts'
import type { Approval, ChangeLine, ContractReview } from '../../runtime/check/define.ts'
import type { Impact } from '../../runtime/impact/define.ts'
import type { FullReport } from './report.ts'
import { timeMachineText } from './time-machine-text.ts'
import { headline, impactLines, recordedLine, versions } from './words.ts'

type Colour = 'green' | 'yellow' | 'red' | 'dim' | 'bold'

const VERDICT_COLOURS: Readonly<Record<ContractReview['verdict'], Colour>> = {
  ok: 'green',
  'needs-bump': 'yellow',
  breaking: 'red',
  invalid: 'red',
}

/** The report for a terminal. */
export function checkText(report: FullReport, colour: boolean): string {
  const paint = (name: Colour, text: string) => (colour ? styleText(name, text, { validateStream: false }) : text)
  const changed = report.contracts.filter(({ change, verdict }) => change !== 'unchanged' || verdict !== 'ok')
  return [
    paint(report.mergeable ? 'green' : 'red', headline(report)),
    ...changed.map((review) => contractText(review, report.impacts[review.contractId] ?? null, paint)),
    ...timeMachineText(report),
    ...section('Problems of the contract files', report.problems.map(problemLine)),
    ...section('Not looked at', report.notes),
    ...section('To approve', [
      ...report.approvals.map(approvalLine),
      ...report.unowned.map((id) => `nobody: ${id} names neither an owner nor a team`),
    ]),
  ].join('\n\n')
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [[`${title}:`, ...lines.map((line) => `  ${line}`)].join('\n')]
}

function contractText(
  review: ContractReview,
  impact: Impact | null,
  paint: (name: Colour, text: string) => string,
): string {
  const moved = review.movedFrom === null ? '' : `, moved from ${review.movedFrom}`
  const head = `${paint('bold', review.contractId)}  ${review.change}  ${versions(review)}  ${paint(VERDICT_COLOURS[review.verdict], review.verdict)}`
  return [
    head,
    `  ${paint('dim', `${review.file}${moved}`)}`,
    `  ${review.message}`,
    ...(review.registry === null ? [] : [`  registry: ${review.registry.outcome}. ${review.registry.message}`]),
    ...review.changes.flatMap((change) => changeText(change).map((line) => `  ${line}`)),
    ...(impact === null ? [] : impactText(impact).map((line) => `  ${line}`)),
  ].join('\n')
}

/** `major` and whom it breaks, with a document that shows it; else the part of the version that has to grow. */
export function changeText({ effect, breaks, message, witness }: ChangeLine | PartChange): readonly string[] {
  const whom = breaks.length === 0 ? '' : ` (breaks ${breaks.join(' and ')})`
  const shown = witness === null || effect !== 'major' ? [] : [`  for example ${JSON.stringify(witness)}`]
  return [`${effect}${whom}: ${message}`, ...shown]
}

/** What stands downstream, for a terminal. */
export function impactText(impact: Impact): readonly string[] {
  const lines = impactLines(impact)
  const width = Math.max(0, ...lines.map(([kind]) => kind.length))
  const recorded = recordedLine(impact)
  return [
    `downstream of ${impact.topic}${impact.fields === null ? '' : ` (${impact.fields.join(', ')})`}:`,
    ...lines.map(([kind, names]) => `  ${kind.padEnd(width)}  ${names.join(', ')}`),
    ...(recorded === null ? [] : [`  ${'recorded'.padEnd(width)}  ${recorded}`]),
    ...(impact.owners.length === 0
      ? []
      : [
          `  ${'owners'.padEnd(width)}  ${[...new Set(impact.owners.map(({ username, contract }) => `${username} (${contract})`))].join(', ')}`,
        ]),
  ]
}

function approvalLine({ username, role, contracts, because }: Approval): string {
  return `${username}  ${role} of ${contracts.join(', ')}${because === 'downstream' ? ', downstream of a breaking change' : ''}`
}

function problemLine({ file, line, column, severity, message, code }: Problem): string {
  return `${file}:${line}:${column}  ${severity}  ${message}  [${code}]`
}
