import { type EpochMs, quoteName, quoteText } from '../../kernel/index.ts'
import type { BatchFeatureView } from '../define/types.ts'
import { type AggregatePlan, type FeaturePlan, featurePlan } from './feature-plan.ts'
import { keyColumns, numeric, relation, sameKey } from './sql-text.ts'

/** One row for each materialised moment of a view: those are never computed again. */
export const MATERIALIZATIONS = 'warehouse.features._materializations'

/** Append-only history of a view: keys, `event_time`, `created_time`, `view_hash`, features. Changed rows only. */
export function historyTable(view: string): string {
  return `warehouse.features.${quoteName(view)}`
}

/** The newest row of each entity, so that finding what changed does not read the history. */
function latestTable(view: string): string {
  return `warehouse.features.${quoteName(`_latest_${view}`)}`
}

/** Creates the tables of a view, or adds the columns that an older version of it did not have. All versions share them. */
export function createTablesSql(plan: FeaturePlan): string {
  const columns = [
    ...plan.keys.map((key) => `${quoteName(key)} VARCHAR`),
    'event_time TIMESTAMP',
    'created_time TIMESTAMP',
    'view_hash VARCHAR',
    ...plan.aggregates.map((aggregate) => `${quoteName(aggregate.name)} DOUBLE`),
  ]
  const tables = [historyTable(plan.view), latestTable(plan.view)]
  return [
    'CREATE SCHEMA IF NOT EXISTS warehouse.features',
    `CREATE TABLE IF NOT EXISTS ${MATERIALIZATIONS} (view VARCHAR, view_hash VARCHAR, moment TIMESTAMP, changed BIGINT)`,
    ...tables.map((table) => `CREATE TABLE IF NOT EXISTS ${table} (${columns.join(', ')})`),
    ...tables.flatMap((table) => columns.map((column) => `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${column}`)),
  ].join(';\n')
}

/** The statements that materialise a view as of a moment, to be run in one transaction, in this order. */
export interface Materialize {
  /** Adds the rows that differ from the newest known ones to the history, and returns them as `onlineRowsSql` does. */
  readonly insertChanges: string
  /** Makes the added rows the newest known ones; not needed where there are none. */
  readonly replaceLatest: readonly string[]
  /** Notes that the moment is done, with the number of rows. */
  note(changed: number): string
}

/**
 * @param exactColumns lower-case names of the model's columns of integers, whose sum does not depend on the order of
 * the rows.
 */
export function materializeSql(
  view: BatchFeatureView,
  moment: EpochMs,
  exactColumns: ReadonlySet<string>,
): Materialize {
  const plan = featurePlan(view)
  const history = historyTable(plan.view)
  const latest = latestTable(plan.view)
  const written = `(FROM ${history} WHERE created_time = epoch_ms(${moment}) AND view_hash = ${quoteText(plan.hash)})`
  const same = ['l.view_hash = h.view_hash', ...plan.keys.map((key) => `l.${quoteName(key)} = h.${quoteName(key)}`)]
  return {
    insertChanges: `${insertChangesSql(view, plan, moment, exactColumns)}\nRETURNING ${onlineColumns(plan)}`,
    replaceLatest: [
      `DELETE FROM ${latest} l USING ${written} h WHERE ${same.join(' AND ')}`,
      `INSERT INTO ${latest} BY NAME FROM ${written}`,
    ],
    note: (changed) =>
      `INSERT INTO ${MATERIALIZATIONS} VALUES (${quoteText(plan.view)}, ${quoteText(plan.hash)}, epoch_ms(${moment}), ${changed})`,
  }
}

function insertChangesSql(
  view: BatchFeatureView,
  plan: FeaturePlan,
  moment: EpochMs,
  exactColumns: ReadonlySet<string>,
): string {
  const keys = keyColumns(plan.keys)
  const aliases = keys.map(({ alias }) => alias)
  const time = quoteName(view.source.eventTime)
  const fields = plan.fields.map((field, index) => `${numeric(quoteName(field))} AS x${index}`)
  const results = plan.aggregates.map((aggregate, index) => {
    const exact = exactColumns.has((plan.fields[aggregate.field] ?? '').toLowerCase())
    return `${aggregateSql(aggregate, moment, exact)} AS f${index}`
  })
  const values = plan.aggregates.map(({ aggregate }, index) =>
    aggregate === 'count' ? `coalesce(c.f${index}, 0)` : `c.f${index}`,
  )
  const latestKeys =
    plan.keys.length === 0 ? ["'' AS k0"] : plan.keys.map((key, index) => `${quoteName(key)} AS k${index}`)
  const latestValues = plan.aggregates.map((aggregate, index) => `${quoteName(aggregate.name)} AS f${index}`)
  const changed = values.map((value, index) => `${value} IS DISTINCT FROM l.f${index}`)
  const columns = [...plan.keys, 'event_time', 'created_time', 'view_hash', ...plan.aggregates.map((one) => one.name)]
  return `INSERT INTO ${historyTable(plan.view)} (${columns.map(quoteName).join(', ')})
WITH recent AS (
  SELECT ${[...keys.map(({ alias, sql }) => `${sql} AS ${alias}`), `CAST(${time} AS TIMESTAMP) AS t`, ...fields].join(', ')}
  FROM ${relation(`warehouse.main.${quoteName(view.source.model)}`)}
  WHERE ${time} >= epoch_ms(${moment - plan.widestMs}) AND ${time} < epoch_ms(${moment})
    ${plan.keys.map((key) => `AND ${quoteName(key)} IS NOT NULL`).join(' ')}
), current AS (SELECT ${[...aliases, ...results].join(', ')} FROM recent GROUP BY ${aliases.join(', ')}),
latest AS (SELECT ${[...latestKeys, ...latestValues].join(', ')} FROM ${latestTable(plan.view)}
  WHERE view_hash = ${quoteText(plan.hash)})
SELECT ${[
    ...plan.keys.map((_key, index) => `coalesce(c.k${index}, l.k${index})`),
    `epoch_ms(${moment}), epoch_ms(${moment}), ${quoteText(plan.hash)}`,
    ...values,
  ].join(', ')}
FROM current c FULL JOIN latest l ON ${sameKey(keys, 'c', 'l')}
WHERE l.k0 IS NULL OR ${changed.join(' OR ')}`
}

/** Floating-point sums are taken in the order of the values, so that the same rows always give the same sum. */
function aggregateSql({ aggregate, field, windowMs }: AggregatePlan, moment: EpochMs, exact: boolean): string {
  const inWindow = `FILTER (t >= epoch_ms(${moment - windowMs}))`
  const x = `x${field}`
  const sum = `sum(${x}${exact ? '' : ` ORDER BY ${x}`}) ${inWindow}`
  switch (aggregate) {
    case 'mean':
      return `${sum} / count(${x}) ${inWindow}`
    case 'sum':
      return sum
    case 'count':
      return `count(${field === -1 ? '*' : x}) ${inWindow}`
    case 'last':
      return `last(${x} ORDER BY t, ${x} NULLS FIRST) ${inWindow}`
    default:
      return `${aggregate}(${x}) ${inWindow}`
  }
}

/**
 * Rows of the history that an online store lacks: materialised after `after` and up to `until`, and of use to a lookup
 * at `keepFrom` or later. Columns: `key`, `event_time`, `created_time`, and the features as `f0`, `f1` …
 */
export function onlineRowsSql(
  plan: FeaturePlan,
  range: { readonly after: EpochMs | null; readonly until: EpochMs; readonly keepFrom: EpochMs },
): string {
  const after = range.after === null ? '' : `AND created_time > epoch_ms(${range.after})`
  return `SELECT ${onlineColumns(plan)} FROM ${historyTable(plan.view)}
WHERE view_hash = ${quoteText(plan.hash)} AND created_time <= epoch_ms(${range.until}) ${after}
QUALIFY coalesce(lead(created_time) OVER (PARTITION BY key ORDER BY created_time) >= epoch_ms(${range.keepFrom}), true)`
}

function onlineColumns(plan: FeaturePlan): string {
  const key = plan.keys.length === 0 ? "''" : `concat_ws(chr(31), ${plan.keys.map(quoteName).join(', ')})`
  const values = plan.aggregates.map((aggregate, index) => `${quoteName(aggregate.name)} AS f${index}`)
  return `${key} AS key, event_time, created_time, ${values.join(', ')}`
}
