import type { Approval, ChangeLine, ContractReview } from '../../runtime/check/define.ts'
import type { Impact } from '../../runtime/impact/define.ts'
import type { FullReport } from './report.ts'
import { timeMachineSections } from './time-machine-text.ts'
import { headline, impactLines, recordedLine, versions } from './words.ts'

const SIGNS: Readonly<Record<ContractReview['verdict'], string>> = {
  ok: '✅ ok',
  'needs-bump': '⚠️ needs bump',
  breaking: '💥 breaking',
  invalid: '❌ invalid',
}

/** GitHub refuses comments of more than 65,536 characters, GitLab of more than a million. */
const COMMENT_CHARACTERS_MAX = 65_000
/** Lets a bot find its earlier comment and replace it. */
const MARKER = '<!-- covenant contract check -->'

/** The report as a comment on a pull request. */
export function markdownReport(report: FullReport): string {
  const changed = report.contracts.filter(({ change, verdict }) => change !== 'unchanged' || verdict !== 'ok')
  const parts = [
    `${MARKER}\n### ${report.mergeable ? '✅' : '❌'} ${plain(headline(report))}`,
    ...table(['Contract', 'Change', 'Version', 'Verdict'], changed.map(row)),
    ...changed.map((review) => contractPart(review)),
    ...list(
      'Problems of the contract files',
      report.problems.map(
        ({ file, line, column, severity, message, code: rule }) =>
          `${severity} ${code(`${file}:${line}:${column}`)} ${plain(message)} ${code(rule)}`,
      ),
    ),
    ...list('Not looked at', report.notes.map(plain)),
    ...timeMachineParts(report),
    ...approvals(report),
    ...changed.flatMap((review) => impactPart(report.impacts[review.contractId])),
  ]
  return cut(parts)
}

/** Whole parts, as many as fit. */
function cut(parts: readonly string[]): string {
  let text = ''
  for (const part of parts) {
    const next = text === '' ? part : `${text}\n\n${part}`
    if (next.length > COMMENT_CHARACTERS_MAX)
      return `${text}\n\n… and more: \`covenant contract check\` shows all of it.\n`
    text = next
  }
  return `${text}\n`
}

function row(review: ContractReview): readonly string[] {
  const moved = review.movedFrom === null ? '' : ` from ${code(review.movedFrom)}`
  return [code(review.contractId), `${review.change}${moved}`, versions(review), SIGNS[review.verdict]]
}

function contractPart(review: ContractReview): string {
  return [
    `**${code(review.contractId)}** ${plain(review.message)}`,
    ...(review.registry === null ? [] : [`Registry: ${review.registry.outcome}. ${plain(review.registry.message)}`]),
    ...review.changes.map(changeItem),
  ].join('\n')
}

function changeItem({ effect, breaks, message, witness }: ChangeLine): string {
  const whom = breaks.length === 0 ? '' : `, breaks **${breaks.join(' and ')}**`
  const shown = witness === null || effect !== 'major' ? '' : `\n${details('A document that shows it', witness)}`
  return `- ${effect}${whom}: ${plain(message)}${shown}`
}

function details(summary: string, value: unknown): string {
  const text = JSON.stringify(value, null, 2)
  const indented = [
    '<details><summary>',
    summary,
    '</summary>',
    '',
    '```json',
    ...text.split('\n'),
    '```',
    '',
    '</details>',
  ]
  return indented.map((line) => `  ${line}`.trimEnd()).join('\n')
}

function timeMachineParts(report: FullReport): readonly string[] {
  return timeMachineSections(report).map(({ title, lines }) =>
    [`#### ${plain(title)}`, ...lines.map(({ depth, text }) => `${'  '.repeat(depth)}- ${plain(text)}`)].join('\n'),
  )
}

function approvals({ approvals: people, unowned }: FullReport): readonly string[] {
  if (people.length + unowned.length === 0) return []
  const nobody = unowned.map((id) => `- ⚠️ ${code(id)} names neither an owner nor a team who could approve`)
  return [['#### To approve', ...people.map(approval), ...nobody].join('\n')]
}

function approval({ username, name, role, contracts, because }: Approval): string {
  const who = name === null ? '' : ` (${plain(name)})`
  const owned = contracts.map(code).join(', ')
  return `- [ ] ${plain(username)}${who}, ${plain(role)} of ${owned}${because === 'downstream' ? ', downstream of a breaking change' : ''}`
}

function impactPart(impact: Impact | undefined): readonly string[] {
  if (impact === undefined) return []
  const fields = impact.fields === null ? '' : `: ${impact.fields.map(code).join(', ')}`
  const lines = impactLines(impact).map(([kind, names]) => [kind, names.map(code).join(', ')])
  const recorded = recordedLine(impact)
  const rows = recorded === null ? lines : [...lines, ['recorded', plain(recorded)]]
  return [`#### Downstream of ${code(impact.topic)}${fields}`, ...table(['What', 'Which'], rows)]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return []
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')]
}

function list(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [[`#### ${title}`, ...items.map((item) => `- ${item}`)].join('\n')]
}

/** As code, in which nothing is markup but the backtick. */
function code(text: string): string {
  return `\`${text.replaceAll('`', "'").replaceAll(/\s+/g, ' ')}\``
}

/** Text from contracts must neither make markup nor call people: `<b>`, `*`, `@name`. */
function plain(text: string): string {
  return text
    .replaceAll(/[\\`*_[\]<>|]/g, '\\$&')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll(/(^|\s)@/g, '$1&#64;')
}
