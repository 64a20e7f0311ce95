import { type EpochMs, quoteName } from '../../kernel/index.ts'
import { type LakeStore, type SqlEngine, tableName } from '../../lake/index.ts'
import type { DriftSettings, Monitor } from '../define.ts'
import { chiSquaredPValue } from '../plan/chi-squared.ts'
import { benjaminiHochberg, jensenShannonDistance, populationStabilityIndex } from '../plan/drift-statistics.ts'
import { jsonNumbers, lakeTable, within } from '../plan/sql-text.ts'
import { lastWindow, type Window } from '../plan/windows.ts'
import type { MonitorPoint, ReferenceData } from '../ports.ts'
import { countInBins, type Distribution, referenceDistribution } from './distributions.ts'

/** The distributions of training sets: made once for each, as they never change. */
export type ReferenceCache = Map<string, Distribution>

const REFERENCE_ROWS_MAX = 60_000

export interface DriftOptions {
  readonly engine: SqlEngine
  readonly lake: LakeStore
  readonly reference: ReferenceData
  readonly cache: ReferenceCache
}

/**
 * Drift of the features, against the training set of the version that made most predictions of the newest window, and
 * of the champion's score, against the windows before.
 *
 * Metrics of each feature, and with the prefix `prediction-` of the score: `drift` (population stability index over
 * deciles of the reference), `drift-js` (Jensen–Shannon distance), `drift-p` (p-value of a chi-squared test, corrected
 * for the number of features after Benjamini and Hochberg) and `drifted` (1 where the index reaches its threshold and
 * chance does not explain it). `drifted-share` is the share of drifted features.
 */
export async function measureDrift(
  options: DriftOptions,
  monitor: Monitor,
  due: EpochMs,
): Promise<readonly MonitorPoint[]> {
  const { endpoint } = monitor
  if (!(await options.lake.tables()).has(tableName(endpoint.predictions))) return []
  const window = lastWindow(due, monitor.windowMs)
  const served = await servedMost(options.engine, monitor, window)
  if (!served || served.rows < monitor.drift.minimumRows) return []
  return [
    ...(await featureDrift(options, monitor, window, served)),
    ...(await scoreDrift(options, monitor, window, served.rows)),
  ]
}

interface Served {
  readonly model: string
  readonly version: number
  /** Predictions of the window, by all versions. */
  readonly rows: number
}

async function servedMost(engine: SqlEngine, { endpoint }: Monitor, window: Window): Promise<Served | undefined> {
  const [row] = await engine.query(
    `SELECT model, model_version, sum(count(*)) OVER () AS rows FROM ${lakeTable(endpoint.predictions)}
     WHERE ${within(window)} GROUP BY ALL ORDER BY count(*) DESC, model_version DESC LIMIT 1`,
  )
  return row && { model: String(row.model), version: Number(row.model_version), rows: Number(row.rows) }
}

async function featureDrift(
  options: DriftOptions,
  monitor: Monitor,
  window: Window,
  served: Served,
): Promise<readonly MonitorPoint[]> {
  const { features } = monitor.drift
  const reference = await trainingDistribution(options, served, features)
  if (!reference || features.length === 0 || reference.rows < monitor.drift.minimumRows) return []
  const current = `(WITH logged AS MATERIALIZED (
    SELECT ${jsonNumbers('features', features)} AS feature FROM ${lakeTable(monitor.endpoint.predictions)} WHERE ${within(window)}
  ) SELECT feature.* FROM logged)`
  const counts = await countInBins(options.engine, current, reference.bins)
  const point = pointMaker(monitor, window, served.rows)
  const results = compare(features, reference, counts, monitor.drift)
  const share = results.filter(({ drifted }) => drifted).length / results.length
  return [...results.flatMap((result) => driftPoints(point, '', result)), point('drifted-share', '', share)]
}

async function trainingDistribution(
  { engine, reference, cache }: DriftOptions,
  { model, version }: Served,
  features: readonly string[],
): Promise<Distribution | undefined> {
  const relation = await reference.trainingSet(model, version)
  if (relation === null) return undefined
  const key = JSON.stringify([relation, features])
  const known =
    cache.get(key) ?? (await referenceDistribution(engine, await thinned(engine, relation, features), features))
  // Only the version that serves is asked for again.
  cache.clear()
  cache.set(key, known)
  return known
}

/** Of a large training set an even share of the rows, the same at every call: deciles need no more. */
async function thinned(engine: SqlEngine, relation: string, features: readonly string[]): Promise<string> {
  const [counted] = await engine.query(`SELECT count(*) AS rows FROM ${relation}`)
  const share = Math.ceil(Number(counted!.rows) / REFERENCE_ROWS_MAX)
  return share <= 1
    ? relation
    : `(SELECT * FROM ${relation} WHERE hash(${features.map(quoteName).join(', ')}) % ${share} = 0)`
}

async function scoreDrift(
  { engine }: DriftOptions,
  monitor: Monitor,
  window: Window,
  rows: number,
): Promise<readonly MonitorPoint[]> {
  const before = { start: window.start - monitor.drift.scoreWindows * monitor.windowMs, end: window.start }
  const scores = (span: Window) =>
    `(SELECT score AS champion FROM ${lakeTable(monitor.endpoint.predictions)} WHERE ${within(span)})`
  const reference = await referenceDistribution(engine, scores(before), ['champion'])
  if (reference.rows < monitor.drift.minimumRows) return []
  const counts = await countInBins(engine, scores(window), reference.bins)
  const point = pointMaker(monitor, window, rows)
  return compare(['champion'], reference, counts, monitor.drift).flatMap((result) =>
    driftPoints(point, 'prediction-', result),
  )
}

interface Comparison {
  readonly subject: string
  readonly psi: number
  readonly distance: number
  readonly pValue: number
  readonly drifted: boolean
}

function compare(
  subjects: readonly string[],
  reference: Distribution,
  current: ReadonlyMap<string, readonly number[]>,
  { psi: threshold, significance }: DriftSettings,
): readonly Comparison[] {
  const pairs = subjects.map((subject) => [reference.counts.get(subject)!, current.get(subject)!] as const)
  const pValues = benjaminiHochberg(pairs.map(([before, now]) => chiSquaredPValue(before, now)))
  return subjects.map((subject, index) => {
    const [before, now] = pairs[index]!
    const psi = populationStabilityIndex(before, now)
    const pValue = pValues[index]!
    const drifted = psi >= threshold && pValue <= significance
    return { subject, psi, distance: jensenShannonDistance(before, now), pValue, drifted }
  })
}

type MakePoint = (metric: string, subject: string, value: number) => MonitorPoint

function pointMaker({ name }: Monitor, { start, end }: Window, rows: number): MakePoint {
  return (metric, subject, value) => ({
    monitor: name,
    metric,
    subject,
    windowStart: start,
    windowEnd: end,
    value,
    rows,
  })
}

function driftPoints(point: MakePoint, prefix: string, result: Comparison): readonly MonitorPoint[] {
  const { subject, psi, distance, pValue, drifted } = result
  return [
    point(`${prefix}drift`, subject, psi),
    point(`${prefix}drift-js`, subject, distance),
    point(`${prefix}drift-p`, subject, pValue),
    point(`${prefix}drifted`, subject, drifted ? 1 : 0),
  ]
}
