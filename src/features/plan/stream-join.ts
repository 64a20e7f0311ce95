import { quoteName } from '../../kernel/index.ts'
import type { StreamFeatureView } from '../define/types.ts'
import { type AggregatePlan, type FeaturePlan, featurePlan } from './feature-plan.ts'
import { keyColumns, numeric, relation, sameKey } from './sql-text.ts'

/*
 * How windows `[q - w, q)` are computed without looking at each of their events. Time is cut into blocks; every event
 * gets running aggregates of its block: from the block's first event up to itself (`past`), and from itself to the
 * block's last event (`rest`). Two ASOF joins find the first event of a window and its last one.
 *
 * Sums and counts: blocks are as long as the widest window, so that a window lies in at most two. Over two it is
 * `rest` of its first event and `past` of its last; within one it is the difference of two `past`. So integers are
 * exact, and a floating-point sum loses digits only to events of the same block.
 *
 * Minimum and maximum cannot be subtracted: their blocks are as long as their own window, which then always is the end
 * of one block and the beginning of the next (the sliding minimum of van Herk, 1992, and of Gil and Werman, 1993).
 */

/**
 * SQL for the features of a stream view as of each row of `spine` (columns `cov_row`, `cov_q` in epoch
 * milliseconds, and the entity's keys), from a relation with the topic's lake rows. Columns: `id`, and the features as
 * `f0`, `f1` …
 */
export function streamJoinSql(view: StreamFeatureView, spine: string, events: string): string {
  const plan = featurePlan(view)
  const keys = keyColumns(plan.keys)
  const lists = keys.map(({ alias, sql }) => `${sql} AS ${alias}`).join(', ')
  const firsts = plan.windowsMs.map((windowMs, index) => {
    const join = `ASOF LEFT JOIN (FROM running WHERE is_first) r${index} ON ${sameKey(keys, 's', `r${index}`)}`
    return `${join} AND s.q - ${windowMs} <= r${index}.t`
  })
  const neededFirsts = firsts.filter((_join, index) => needsFirst(plan, plan.windowsMs[index]!))
  return `WITH asked AS MATERIALIZED (SELECT cov_row AS id, cov_q AS q, ${lists} FROM ${spine}),
happened AS (${eventsSql(plan, events)}
), running AS MATERIALIZED (${runningSql(plan)}
)
SELECT s.id, ${plan.aggregates.map((one, index) => `${featureSql(one, plan)} AS f${index}`).join(', ')}
FROM asked s ASOF LEFT JOIN (FROM running WHERE is_last) p ON ${sameKey(keys, 's', 'p')} AND s.q > p.t
${neededFirsts.join('\n')}`
}

function needsFirst(plan: FeaturePlan, windowMs: number): boolean {
  return plan.aggregates.some((one) => one.windowMs === windowMs && one.aggregate !== 'last')
}

/** Only what the widest window of some row of the spine can reach is read. */
function eventsSql(plan: FeaturePlan, events: string): string {
  const keys = keyColumns(plan.keys)
  const columns = [
    ...keys.map(({ alias, sql }) => `${sql} AS ${alias}`),
    'epoch_ms(_timestamp) AS t, _partition AS part, _offset AS off',
    ...plan.fields.map((field, index) => `${numeric(quoteName(field))} AS x${index}`),
  ]
  const known = plan.keys.map((key) => ` AND ${quoteName(key)} IS NOT NULL`).join('')
  return `
  SELECT ${columns.join(', ')} FROM ${relation(events)}
  WHERE _timestamp >= (SELECT epoch_ms(min(q) - ${plan.widestMs}) FROM asked)
    AND _timestamp < (SELECT epoch_ms(max(q)) FROM asked)${known}`
}

/** Of events at the same time only the first (in the order of the topic) begins a window and the last ends one. */
function runningSql(plan: FeaturePlan): string {
  const keyList = keyColumns(plan.keys).map(({ alias }) => alias)
  const block = blockSql('t', plan.widestMs)
  const extremes = extremesOf(plan)
  const windows = [
    `block AS (PARTITION BY ${[...keyList, block].join(', ')} ORDER BY t, part, off)`,
    ...extremes.map(
      ({ windowMs }) =>
        `block_${windowMs} AS (PARTITION BY ${[...keyList, blockSql('t', windowMs)].join(', ')} ORDER BY t, part, off)`,
    ),
  ]
  const columns = [
    ...keyList,
    `t, ${block} AS b`,
    'lag(t) OVER block IS DISTINCT FROM t AS is_first, lead(t) OVER block IS DISTINCT FROM t AS is_last',
    ...plan.fields.map((_field, index) => `x${index}`),
    ...sumsOf(plan).flatMap((expression) => pastAndRest(expression, 'block', `${columnOf(expression)}`)),
    ...extremes.flatMap(({ windowMs, calls }) =>
      calls.flatMap((call) => pastAndRest(call, `block_${windowMs}`, `${columnOf(call)}_${windowMs}`)),
    ),
  ]
  return `
  SELECT ${columns.join(',\n    ')}
  FROM happened WINDOW ${windows.join(', ')}`
}

function pastAndRest(call: string, window: string, column: string): readonly string[] {
  const over = (frame: string) => `${call} OVER (${window} ROWS BETWEEN ${frame})`
  return [
    `${over('UNBOUNDED PRECEDING AND CURRENT ROW')} AS past_${column}`,
    `${over('CURRENT ROW AND UNBOUNDED FOLLOWING')} AS rest_${column}`,
  ]
}

/** The sums and counts that the plan needs, as SQL calls. A sum needs the count to tell an empty one from 0. */
function sumsOf(plan: FeaturePlan): readonly string[] {
  const calls = plan.aggregates.flatMap(({ aggregate, field }) => {
    if (aggregate === 'count') return [field === -1 ? 'count(*)' : `count(x${field})`]
    return aggregate === 'sum' || aggregate === 'mean' ? [`sum(x${field})`, `count(x${field})`] : []
  })
  return [...new Set(calls)]
}

/** The minima and maxima that the plan needs, by window. */
function extremesOf(plan: FeaturePlan): readonly { readonly windowMs: number; readonly calls: readonly string[] }[] {
  const byWindow = Map.groupBy(
    plan.aggregates.filter(({ aggregate }) => aggregate === 'min' || aggregate === 'max'),
    ({ windowMs }) => windowMs,
  )
  return [...byWindow].map(([windowMs, aggregates]) => {
    return { windowMs, calls: [...new Set(aggregates.map(({ aggregate, field }) => `${aggregate}(x${field})`))] }
  })
}

/** `sum(x0)` → `sum_x0`, `count(*)` → `count_`. */
function columnOf(call: string): string {
  return call.replace('(', '_').replace(/[*)]/g, '')
}

/** The number of the block that a time lies in, counted from 1970. */
function blockSql(time: string, lengthMs: number): string {
  return `floor(${time} / ${lengthMs})`
}

/** `p` is the last event before `q`, `r<i>` the first one of the window with index `i`. */
function featureSql({ aggregate, field, windowMs }: AggregatePlan, plan: FeaturePlan): string {
  const first = `r${plan.windowsMs.indexOf(windowMs)}`
  const inWindow = (value: string) => `CASE WHEN p.t >= s.q - ${windowMs} THEN ${value} END`
  const sum = () => differenceSql(`sum_x${field}`, `coalesce(${first}.x${field}, 0)`, first)
  const count = () =>
    field === -1
      ? differenceSql('count_', '1', first)
      : differenceSql(`count_x${field}`, `CAST(${first}.x${field} IS NOT NULL AS BIGINT)`, first)
  switch (aggregate) {
    case 'last':
      return inWindow(`p.x${field}`)
    case 'count':
      return `CAST(coalesce(${inWindow(count())}, 0) AS DOUBLE)`
    case 'sum':
      return inWindow(`CASE WHEN ${count()} > 0 THEN ${sum()} END`)
    case 'mean':
      return inWindow(`CASE WHEN ${count()} > 0 THEN ${sum()} / ${count()} END`)
    default:
      return extremeSql(aggregate, `${aggregate}_x${field}_${windowMs}`, windowMs, first)
  }
}

/** `own` is what the first event itself adds: its `past` includes it. */
function differenceSql(column: string, own: string, first: string): string {
  const past = `coalesce(p.past_${column}, 0)`
  const within = `${past} - coalesce(${first}.past_${column}, 0) + ${own}`
  return `(CASE WHEN ${first}.b = p.b THEN ${within} ELSE coalesce(${first}.rest_${column}, 0) + ${past} END)`
}

/** The end of the block before that of `q`, and the beginning of that of `q`; each where its event lies there. */
function extremeSql(aggregate: 'min' | 'max', column: string, windowMs: number, first: string): string {
  const block = blockSql('s.q', windowMs)
  const rest = `CASE WHEN ${blockSql(`${first}.t`, windowMs)} = ${block} - 1 THEN ${first}.rest_${column} END`
  const past = `CASE WHEN ${blockSql('p.t', windowMs)} = ${block} THEN p.past_${column} END`
  return `${aggregate === 'min' ? 'least' : 'greatest'}(${rest}, ${past})`
}
