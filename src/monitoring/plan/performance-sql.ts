import { type EpochMs, quoteName, quoteText } from '../../kernel/index.ts'
import type { Monitor } from '../define.ts'
import { double, jsonNumber, lakeTable, timestamp, within } from './sql-text.ts'
import type { Window } from './windows.ts'

/** Scores are kept this far from 0 and 1 in the logarithm, so that one sure and wrong prediction is not infinite. */
const LOG_LOSS_CLIP = 1e-15

/**
 * SQL that measures the champion and the shadows on the predictions of a window whose labels are known before `asOf`.
 * Columns: `subject`, `rows`, `auc` (null where a class is missing), `log_loss`, `mean_score`, `base_rate`.
 *
 * AUC is exact, from mid-ranks: (R₁ − n₁(n₁+1)/2) / (n₁·n₀), where R₁ is the sum of the ranks of the positives and ties
 * share their mean rank (Hanley & McNeil, Radiology 143, 1982; Fawcett, Pattern Recognition Letters 27, 2006).
 * Log loss is −mean(ln p of the true class). Of several labels of one key the newest counts. The truth has a name that no
 * prediction member has: predictions have a `label` too, the predicted one. Sums are of integers or
 * in a fixed order, so that a repeated measurement gives the same bits.
 */
export function performanceSql(monitor: Monitor, shadows: readonly string[], window: Window, asOf: EpochMs): string {
  const clip = double(LOG_LOSS_CLIP)
  const subjects = [
    subjectSql('champion', 'score'),
    ...shadows.map((name) => subjectSql(name, jsonNumber('shadow_scores', name))),
  ]
  return `WITH labels AS (${labelsSql(monitor, window, asOf)}),
labelled AS (
  SELECT p.*, l.label AS truth FROM ${lakeTable(monitor.endpoint.predictions)} p
  JOIN labels l ON p.${quoteName(monitor.endpoint.source.keyField)}::VARCHAR = l.entity WHERE ${within(window, 'p._timestamp')}
),
scored AS (${subjects.join('\n  UNION ALL ')}),
ranked AS (
  SELECT *, least(greatest(score, ${clip}), 1 - ${clip}) AS clipped,
    2 * rank() OVER (PARTITION BY subject ORDER BY score) + count(*) OVER (PARTITION BY subject, score) - 1 AS twice_rank
  FROM scored WHERE score IS NOT NULL
)
SELECT subject, count(*) AS rows,
  CASE WHEN count_if(label) > 0 AND count_if(NOT label) > 0 THEN
    (sum(twice_rank) FILTER (WHERE label) - count_if(label) * (count_if(label) + 1))::DOUBLE
      / (2 * count_if(label) * count_if(NOT label))::DOUBLE END AS auc,
  -avg(ln(CASE WHEN label THEN clipped ELSE 1 - clipped END) ORDER BY score, label) AS log_loss,
  avg(score ORDER BY score) AS mean_score,
  avg(label::INTEGER) AS base_rate
FROM ranked GROUP BY subject ORDER BY subject`
}

function subjectSql(subject: string, score: string): string {
  return `SELECT ${quoteText(subject)} AS subject, ${score} AS score, truth AS label FROM labelled`
}

function labelsSql({ label }: Monitor, { start }: Window, asOf: EpochMs): string {
  const { topic, key, positive } = label!
  return `
  SELECT entity, label FROM (
    SELECT ${quoteName(key)}::VARCHAR AS entity, (${positive})::BOOLEAN AS label,
      row_number() OVER (PARTITION BY ${quoteName(key)} ORDER BY _timestamp DESC, _partition DESC, _offset DESC) AS newest
    FROM ${lakeTable(topic)} WHERE _timestamp >= ${timestamp(start)} AND _timestamp < ${timestamp(asOf)}
  ) WHERE newest = 1 AND label IS NOT NULL
`
}
