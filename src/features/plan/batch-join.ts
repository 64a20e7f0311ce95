import { quoteName, quoteText } from '../../kernel/index.ts'
import type { BatchFeatureView } from '../define/types.ts'
import { featurePlan } from './feature-plan.ts'
import { historyTable } from './materialization.ts'
import { keyColumns, sameKey } from './sql-text.ts'

/**
 * SQL for the features of a batch view as of each row of `spine` (columns `cov_row`, `cov_q` in epoch
 * milliseconds, and the entity's keys): the newest row known strictly before `q`. Columns: `id`, and the features as `f0`, `f1` …
 */
export function batchJoinSql(view: BatchFeatureView, spine: string): string {
  const plan = featurePlan(view)
  const keys = keyColumns(plan.keys)
  const keyList = keys.map(({ alias, sql }) => `${sql} AS ${alias}`).join(', ')
  const values = plan.aggregates.map((aggregate, index) => `${quoteName(aggregate.name)} AS f${index}`)
  const results = plan.aggregates.map((_aggregate, index) => `h.f${index}`)
  return `SELECT s.id, ${results.join(', ')}
FROM (SELECT cov_row AS id, cov_q AS q, ${keyList} FROM ${spine}) s
ASOF LEFT JOIN (
  SELECT ${keyList}, epoch_ms(created_time) AS created, ${values.join(', ')} FROM ${historyTable(plan.view)}
  WHERE view_hash = ${quoteText(plan.hash)}
) h ON ${sameKey(keys, 's', 'h')} AND s.q > h.created`
}
