import type { ApplyResult } from '../../runtime/index.ts'
import { columns } from '../print.ts'

type TargetPlan = ApplyResult['pushes'][number]

/** What one target gets, as `--json` prints it. */
export interface PushReport {
  readonly target: string
  readonly kind: TargetPlan['kind']
  /** Versions of a database, files of producers. */
  readonly changes: readonly string[]
  /** Of databases: the SQL that is run. */
  readonly sql: readonly {
    readonly contractId: string
    readonly version: string
    readonly up: string
    readonly down: string
  }[]
  /** Of databases: rules that the validator enforces and the tables do not, each with the reason. */
  readonly notEnforced: readonly { readonly table: string; readonly ruleId: string; readonly reason: string }[]
  /** Of databases: how tables differ from their contracts. */
  readonly drift: readonly string[]
}

export function pushReports(plans: readonly TargetPlan[]): readonly PushReport[] {
  return plans.map((plan) => {
    const { target, kind } = plan
    if (kind === 'producers')
      return { target, kind, changes: plan.files.map(({ path }) => path), sql: [], notEnforced: [], drift: [] }
    return {
      ...{ target, kind, notEnforced: plan.notEnforced },
      changes: plan.pending.map(({ contractId, version }) => `${contractId} ${version}`),
      sql: plan.pending.map(({ contractId, version, up, down }) => ({ contractId, version, up, down })),
      drift: plan.drift
        .filter(({ isFault }) => isFault)
        .map(({ table, part, message }) => `${table}${part === null ? '' : `, ${part}`}: ${message}`),
    }
  })
}

/** The targets in a table, with the SQL where it is a plan. */
export function describePushes(reports: readonly PushReport[], plan: boolean): string {
  const rows = reports.flatMap(({ target, changes }): string[][] =>
    changes.length === 0
      ? [[target, '', 'unchanged']]
      : changes.map((change) => [target, change, plan ? 'to be pushed' : 'pushed']),
  )
  const sql = plan ? reports.flatMap((report) => report.sql) : []
  return [
    columns(['target', 'what', 'outcome'], rows, ''),
    ...sql.map(
      ({ contractId, version, up }) =>
        `-- ${contractId} ${version}\n${up === '' ? '-- The table stays as it is.' : up}`,
    ),
    ...notes(
      'Enforced by the validator, but not by the tables:',
      reports.flatMap(({ notEnforced }) =>
        notEnforced.map(({ table, ruleId, reason }) => `${table}, ${ruleId}: ${reason}`),
      ),
    ),
    ...notes(
      'Not as the contracts say:',
      reports.flatMap(({ drift }) => drift),
    ),
  ].join('\n\n')
}

function notes(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [[title, ...lines.map((line) => `  ${line}`)].join('\n')]
}
