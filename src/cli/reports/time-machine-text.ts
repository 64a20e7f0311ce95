import type {
  AffectedData,
  LakeCheck,
  TimeMachineReport,
  VerdictExample,
  VerdictGroup,
} from '../../runtime/time-machine/define.ts'
import type { FullReport } from './report.ts'

interface Line {
  readonly depth: number
  readonly text: string
}

interface Section {
  readonly title: string
  readonly lines: readonly Line[]
}

/** Rules that a report names for each kind of change; the JSON has all of them. */
const GROUPS_MAX = 10

/** What the time machine found, as headed lists: text and Markdown show the same. */
export function timeMachineSections({ timeMachine }: Pick<FullReport, 'timeMachine'>): readonly Section[] {
  return (timeMachine ?? []).map((report) => ({ title: titleOf(report), lines: linesOf(report) }))
}

export function timeMachineText(report: Pick<FullReport, 'timeMachine'>): readonly string[] {
  return timeMachineSections(report).map(({ title, lines }) =>
    [`${title}:`, ...lines.map(({ depth, text }) => `${'  '.repeat(depth + 1)}${text}`)].join('\n'),
  )
}

function titleOf({ contractId, proposedVersion, todayVersion }: TimeMachineReport): string {
  return `Time machine: ${contractId} ${proposedVersion} instead of ${todayVersion}`
}

function linesOf({ raw, deadLetters, lake, affected }: TimeMachineReport): readonly Line[] {
  const others = raw.records - raw.concerned
  return [
    line(
      0,
      `raw topic: ${figure(raw.concerned)} records judged${others === 0 ? '' : `, ${figure(others)} left to the versions that they name`}`,
    ),
    line(0, `refused: ${figure(raw.refusedToday)} today, ${figure(raw.refusedProposed)} under the proposed version`),
    ...groups('newly refused', raw.newlyRefused, raw.newlyRefusedBy),
    ...groups('newly accepted', raw.newlyAccepted, raw.newlyAcceptedBy),
    ...deadLetterLines(deadLetters),
    ...lakeLines(lake),
    ...affectedLines(affected),
  ]
}

function groups(what: string, count: number, list: readonly VerdictGroup[]): readonly Line[] {
  const shown = list.slice(0, GROUPS_MAX)
  const more = list.length - shown.length
  return [
    line(0, `${what}: ${figure(count)}`),
    ...shown.flatMap(({ ruleId, count: broken, examples }) => [
      line(1, `${ruleId}: ${figure(broken)}`),
      ...examples.slice(0, 1).map((example) => line(2, exampleText(example, ruleId))),
    ]),
    ...(more > 0 ? [line(1, `and ${more} more rules`)] : []),
  ]
}

function exampleText({ source, violations }: VerdictExample, ruleId: string): string {
  const shown = violations.find(({ path }) => ruleId.startsWith(path)) ?? violations[0]
  if (shown === undefined) return source
  return `${source}: ${shown.path || 'the record'}: expected ${shown.expected}, got ${shown.got}`
}

function deadLetterLines(outlooks: TimeMachineReport['deadLetters']): readonly Line[] {
  if (outlooks.length === 0) return []
  const sum = (of: 'open' | 'pass') => outlooks.reduce((total, outlook) => total + outlook[of], 0)
  const passing = outlooks.filter(({ pass }) => pass > 0)
  return [
    line(0, `open dead letters: ${figure(sum('pass'))} of ${figure(sum('open'))} would pass`),
    ...passing
      .slice(0, GROUPS_MAX)
      .map(({ fingerprint, reason, pass, open }) =>
        line(1, `${fingerprint}: ${figure(pass)} of ${figure(open)} (${reason})`),
      ),
  ]
}

function lakeLines(lake: TimeMachineReport['lake']): readonly Line[] {
  if (lake.status === 'skipped') return [line(0, `lake: not looked at. ${lake.reason}`)]
  const { rows, failingToday, failingProposed, checks } = lake
  return [
    line(
      0,
      `lake: of ${figure(rows)} rows ${figure(failingToday)} break the schema today, ${figure(failingProposed)} under the proposed version`,
    ),
    ...checks
      .slice(0, GROUPS_MAX)
      .map(({ id, today, proposed }) =>
        line(1, `${id}: ${outcome(today)} today, ${outcome(proposed)} under the proposed version`),
      ),
    ...(checks.length > GROUPS_MAX ? [line(1, `and ${checks.length - GROUPS_MAX} more checks`)] : []),
  ]
}

function outcome(check: LakeCheck['today']): string {
  if (check === null) return 'not checked'
  return check.failed === null || check.failed === 0 ? check.status : `${check.status} (${figure(check.failed)} rows)`
}

function affectedLines({ validatedRecords, readers, models, predictions }: AffectedData): readonly Line[] {
  if (validatedRecords === 0) return []
  return [
    line(0, `of the newly refused records ${figure(validatedRecords)} went downstream`),
    ...(readers.length === 0 ? [] : [line(1, `into ${readers.join(', ')}`)]),
    ...models.map(({ model, version, aliases, records }) =>
      line(
        1,
        `${figure(records)} were known when ${model}@${version}${aliases.length === 0 ? '' : ` (${aliases.join(', ')})`} was trained`,
      ),
    ),
    ...predictions.map(({ endpoint, count }) =>
      line(1, `${figure(count)} predictions of the endpoint ${endpoint} scored them`),
    ),
  ]
}

function line(depth: number, text: string): Line {
  return { depth, text }
}

/** `336,776`. */
function figure(count: number): string {
  return count.toLocaleString('en-US')
}
