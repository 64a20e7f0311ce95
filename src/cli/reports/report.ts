import type { CheckReport } from '../../runtime/check/define.ts'
import type { Check } from '../../runtime/check/run.ts'
import type { Impact } from '../../runtime/impact/define.ts'
import type { TimeMachineReport } from '../../runtime/time-machine/define.ts'

/** What `contract check --json` prints. */
export interface FullReport extends CheckReport {
  /** By contract id; of changed contracts only. */
  readonly impacts: Readonly<Record<string, Impact>>
  /** Of changed contracts; `null` unless asked for. */
  readonly timeMachine: readonly TimeMachineReport[] | null
}

export function fullReport(
  { report, reviewed }: Check,
  timeMachine: readonly TimeMachineReport[] | null = null,
): FullReport {
  const impacts = reviewed.flatMap(({ review, impact }) =>
    impact === null ? [] : [[review.contractId, impact] as const],
  )
  return { ...report, impacts: Object.fromEntries(impacts), timeMachine }
}
