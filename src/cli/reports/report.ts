import type { CheckReport } from '../../runtime/check/define.ts'
import type { Check } from '../../runtime/check/run.ts'
import type { Impact } from '../../runtime/impact/define.ts'

/** What `contract check --json` prints. */
export interface FullReport extends CheckReport {
  /** By contract id; of changed contracts only. */
  readonly impacts: Readonly<Record<string, Impact>>
}

export function fullReport({ report, reviewed }: Check): FullReport {
  const impacts = reviewed.flatMap(({ review, impact }) =>
    impact === null ? [] : [[review.contractId, impact] as const],
  )
  return { ...report, impacts: Object.fromEntries(impacts) }
}
