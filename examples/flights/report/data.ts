/** What the report shows: plain values, gathered from the state of a replay. Times are epoch milliseconds (UTC). */
export interface ReportData {
  readonly from: string
  readonly to: string
  readonly topics: readonly { name: string; raw: number; validated: number; deadLetters: number }[]
  readonly deadLetters: readonly { topic: string; fingerprint: string; reason: string; count: number }[]
  readonly weekly: readonly WeeklyPerformance[]
  readonly drift: readonly { week: number; feature: string; psi: number }[]
  readonly runs: readonly ReportRun[]
  readonly promotions: readonly { at: number; version: number; runId: string }[]
  readonly signals: readonly { at: number; kind: string; outcome: string; reason: string }[]
  readonly audits: readonly { at: number; topic: string; outcome: 'passed' | 'held'; failed: readonly string[] }[]
  readonly alerts: readonly { raisedAt: number; resolvedAt: number | null; subject: string; message: string }[]
  readonly changes: readonly { at: number; topic: string; version: string; outcome: string; message: string }[]
  readonly skew: { readonly compared: number; readonly unequal: number }
  readonly snapshots: number
  readonly predictions: number
  readonly wallSeconds: number
  readonly rssPeakMiB: number
}

export interface WeeklyPerformance {
  /** Monday, 00:00 UTC. */
  readonly week: number
  readonly flights: number
  readonly aucLoop: number
  readonly aucFrozen: number
  /** `null` before the control's first model. */
  readonly aucControl: number | null
  readonly logLossLoop: number
  readonly lateShare: number
}

export interface ReportRun {
  readonly id: string
  readonly pipeline: string
  readonly at: number
  readonly trigger: string
  readonly outcome: string
  readonly reason: string | null
}

/** Mean AUC of the three models over the weeks that start in `[from, to)`. */
export function meanAuc(
  weekly: readonly WeeklyPerformance[],
  from: number,
  to: number,
): { readonly weeks: number; readonly loop: number; readonly frozen: number; readonly control: number } {
  const inside = weekly.filter(({ week, aucControl }) => week >= from && week < to && aucControl !== null)
  const mean = (value: (row: WeeklyPerformance) => number) =>
    inside.reduce((sum, row) => sum + value(row), 0) / Math.max(1, inside.length)
  return {
    weeks: inside.length,
    loop: mean((row) => row.aucLoop),
    frozen: mean((row) => row.aucFrozen),
    control: mean((row) => row.aucControl ?? 0),
  }
}
