import { CovenantError, quoteName } from '../../kernel/index.ts'
import { tableName } from '../../lake/index.ts'
import { type FeatureService, type FeatureView, isBatch, isStream, type OnDemandView } from '../define/types.ts'
import { batchJoinSql } from './batch-join.ts'
import { expressionSql } from './expression-sql.ts'
import { relation } from './sql-text.ts'
import { streamJoinSql } from './stream-join.ts'

export interface TrainingSetOptions {
  /**
   * Query or relation with the entity keys, the members of on-demand views, the moment `q` (TIMESTAMP, UTC, counted in
   * milliseconds), and any other columns, which are carried along.
   */
  readonly spine: string
  /** SQL relations to read topics from instead of `lake.<table>`, by topic: a pinned snapshot, for instance. */
  readonly topics?: Readonly<Record<string, string>>
}

/**
 * The SQL of a training set: each row of the spine exactly once, with the features of the service as of its `q` in
 * columns `<view>__<feature>` (DOUBLE). A feature uses only what was known strictly before `q`.
 *
 * @example
 * trainingSetSql(service, { spine: 'SELECT flight_id, origin, sched_dep, scheduled_at AS q, late FROM warehouse.main.labels' })
 */
export function trainingSetSql(service: FeatureService, options: TrainingSetOptions): string {
  const views = service.views.map((view, index) => ({ view, alias: `cov_v${index}` }))
  const joined = views.filter(({ view }) => view.kind === 'feature-view')
  const parts = joined.map(({ view, alias }) => `${alias} AS MATERIALIZED (\n${viewSql(view as FeatureView, options)})`)
  const features = views.flatMap(({ view, alias }) => featureColumns(view, alias))
  const withParts = [
    `cov_rows AS MATERIALIZED (
  SELECT row_number() OVER () AS cov_row, epoch_ms(CAST(q AS TIMESTAMP)) AS cov_q, * FROM ${relation(options.spine)}
)`,
    ...parts,
  ]
  return `WITH ${withParts.join(',\n')}
SELECT cov_rows.* EXCLUDE (cov_row, cov_q),
  ${features.join(',\n  ')}
FROM cov_rows
${joined.map(({ alias }) => `JOIN ${alias} ON ${alias}.id = cov_rows.cov_row`).join('\n')}`
}

function viewSql(view: FeatureView, options: TrainingSetOptions): string {
  if (isBatch(view)) return batchJoinSql(view, 'cov_rows')
  if (!isStream(view)) throw new TypeError(`The source of ${view.name} is neither batch nor stream.`)
  const { topic } = view.source
  return streamJoinSql(view, 'cov_rows', options.topics?.[topic] ?? `lake.${quoteName(tableName(topic))}`)
}

function featureColumns(view: FeatureView | OnDemandView, alias: string): readonly string[] {
  const column = (feature: string) => quoteName(`${view.name}__${feature}`)
  if (view.kind === 'feature-view')
    return Object.keys(view.features).map((feature, index) => `${alias}.f${index} AS ${column(feature)}`)
  return Object.entries(view.features).map(
    ([feature, expression]) => `${expressionSql(expression, 'cov_rows')} AS ${column(feature)}`,
  )
}

/** The columns that the spine of a service must have, beside `q`. */
function spineColumns(service: FeatureService): readonly string[] {
  const members = service.views.flatMap((view) =>
    view.kind === 'feature-view' ? view.entity.keys : Object.values(view.features).flatMap(membersOf),
  )
  return [...new Set(members)]
}

type AnyExpression = OnDemandView['features'][string]

function membersOf(expression: AnyExpression): readonly string[] {
  if ('left' in expression) return [...membersOf(expression.left), ...membersOf(expression.right)]
  return expression.op === 'constant' ? [] : [expression.field]
}

/** Refuses a spine that lacks a column, or that has one which the training set is going to add. */
export function checkSpine(service: FeatureService, columns: readonly string[]): void {
  const present = new Set(columns.map((column) => column.toLowerCase()))
  const missing = ['q', ...spineColumns(service)].filter((column) => !present.has(column.toLowerCase()))
  const reserved = [...service.featureNames, 'cov_row', 'cov_q'].filter((column) => present.has(column.toLowerCase()))
  if (missing.length === 0 && reserved.length === 0) return
  const lacks = missing.length > 0 ? ` It lacks ${missing.join(', ')}.` : ''
  const clashes = reserved.length > 0 ? ` The training set will add ${reserved.join(', ')} itself.` : ''
  throw new CovenantError({
    code: 'FEATURES_BAD_SPINE',
    message: `The spine has the columns ${columns.join(', ')}.${lacks}${clashes}`,
    where: `feature service ${service.name}`,
    remedy: 'Select the missing columns in the spine, or rename the others.',
  })
}
