import { quoteName, quoteText } from '../../kernel/index.ts'
import type { Monitor } from '../define.ts'
import { double, jsonNumbers, lakeTable, within } from './sql-text.ts'
import type { Window } from './windows.ts'

/** Values differ where they are further apart than this share of the larger one. */
const RELATIVE_TOLERANCE = 1e-9

/** Columns that a spine carries along for the comparison. */
const PREDICTION = '_prediction_id'
const LOGGED = '_logged_features'

/**
 * SQL of a spine: the events that were scored, as of the moment they were scored, with the features that were logged.
 * The sample is the same at every call. An event and its prediction have the same key and timestamp.
 */
export function skewSpineSql({ endpoint, skewSample }: Monitor, window: Window): string {
  const key = quoteName(endpoint.source.keyField)
  return `SELECT s.* EXCLUDE (_topic, _partition, _offset, _timestamp, _contract_version),
  p._timestamp AS q, p.prediction_id AS ${PREDICTION}, p.features AS ${LOGGED}
FROM (
  SELECT * FROM ${lakeTable(endpoint.predictions)} WHERE ${within(window)} ORDER BY md5(prediction_id), _offset LIMIT ${skewSample}
) p JOIN ${lakeTable(endpoint.source.topic)} s ON s.${key}::VARCHAR = p.${key}::VARCHAR AND s._timestamp = p._timestamp
WHERE ${within(window, 's._timestamp')}`
}

/** SQL that compares the logged with the recomputed values: `feature`, `rows`, `unequal`. Two nulls are equal. */
export function skewSql(features: readonly string[], recomputedRelation: string): string {
  const comparisons = features.map(
    (feature) =>
      `SELECT ${quoteText(feature)} AS feature, count(*) AS rows, count_if(NOT ${equalSql(feature)}) AS unequal FROM recomputed`,
  )
  return `WITH recomputed AS MATERIALIZED (SELECT *, ${jsonNumbers(LOGGED, features)} AS _logged FROM (${recomputedRelation}))\n${comparisons.join('\nUNION ALL ')}`
}

function equalSql(feature: string): string {
  const offline = `${quoteName(feature)}::DOUBLE`
  const logged = `_logged.${quoteName(feature)}`
  const apart = `abs(${offline} - ${logged}) <= ${double(RELATIVE_TOLERANCE)} * greatest(abs(${offline}), abs(${logged}))`
  return `(${offline} IS NOT DISTINCT FROM ${logged} OR coalesce(${apart}, false))`
}
