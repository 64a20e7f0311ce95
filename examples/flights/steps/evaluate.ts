import type { EvaluationReport, StepContext, StepReport } from 'covenant'

type Metrics = { auc: number; log_loss: number }

/**
 * Scores the newest week, which the candidate has not seen, with the candidate and with the champion: AUC and log loss
 * of all flights and of each origin, on the same rows for both.
 */
export async function run({ inputs, sql, score }: StepContext): Promise<StepReport> {
  const file = String(inputs.holdout)
  const features = inputs.features as readonly string[]
  const rows = await sql.query('SELECT label::INTEGER AS label, origin FROM read_parquet($1)', [file])
  const labels = rows.map((row) => Number(row.label))
  const origins = rows.map((row) => String(row.origin))
  const candidate = await score(String(inputs.candidate), file, features)
  const champion = inputs.champion === null ? null : await score(String(inputs.champion), file, features)
  const pick = (slice: string) => origins.flatMap((origin, index) => (origin === slice ? [index] : []))
  const slices = Object.fromEntries(
    [...new Set(origins)].sort().map((origin) => {
      const chosen = pick(origin)
      return [
        `origin=${origin}`,
        {
          rows: chosen.length,
          metrics: metrics(labels, candidate, chosen),
          champion: champion && metrics(labels, champion, chosen),
        },
      ]
    }),
  )
  const all = [...labels.keys()]
  const report: EvaluationReport = {
    metrics: metrics(labels, candidate, all),
    champion: champion && metrics(labels, champion, all),
    slices,
  }
  return { metrics: { auc: report.metrics.auc!, log_loss: report.metrics.log_loss! }, outputs: { report } }
}

function metrics(labels: readonly number[], scores: Float64Array, rows: readonly number[]): Metrics {
  return { auc: auc(labels, scores, rows), log_loss: logLoss(labels, scores, rows) }
}

/** Probability that a late flight scores above a punctual one, ties counting half (Mann–Whitney U); 0.5 without both. */
function auc(labels: readonly number[], scores: Float64Array, rows: readonly number[]): number {
  const order = [...rows].sort((a, b) => scores[a]! - scores[b]!)
  let late = 0
  let rankSum = 0
  for (let start = 0; start < order.length; ) {
    let end = start
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) end += 1
    const lateInTie = order.slice(start, end).reduce((sum, row) => sum + labels[row]!, 0)
    late += lateInTie
    rankSum += lateInTie * ((start + 1 + end) / 2)
    start = end
  }
  const punctual = order.length - late
  return late === 0 || punctual === 0 ? 0.5 : (rankSum - (late * (late + 1)) / 2) / (late * punctual)
}

function logLoss(labels: readonly number[], scores: Float64Array, rows: readonly number[]): number {
  let sum = 0
  for (const row of rows) {
    const score = Math.min(1 - 1e-15, Math.max(1e-15, scores[row]!))
    sum -= labels[row] ? Math.log(score) : Math.log(1 - score)
  }
  return rows.length === 0 ? 0 : sum / rows.length
}
