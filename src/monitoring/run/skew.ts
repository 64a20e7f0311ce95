import type { EpochMs } from '../../kernel/index.ts'
import { type LakeStore, type SqlEngine, tableName } from '../../lake/index.ts'
import type { Monitor } from '../define.ts'
import { skewSpineSql, skewSql } from '../plan/skew-sql.ts'
import { lastWindow } from '../plan/windows.ts'
import type { FeatureRecomputation, MonitorPoint } from '../ports.ts'

/**
 * Skew between serving and training: the share of logged feature values that the offline recomputation, as of the same
 * moment, does not give again. A point for each feature, and one (with an empty subject) for all; `rows` are values.
 */
export async function measureSkew(
  engine: SqlEngine,
  lake: LakeStore,
  features: FeatureRecomputation,
  monitor: Monitor,
  due: EpochMs,
): Promise<readonly MonitorPoint[]> {
  const { endpoint, skewSample, name } = monitor
  const tables = await lake.tables()
  const needed = [endpoint.predictions, endpoint.source.topic]
  if (skewSample === 0 || !needed.every((topic) => tables.has(tableName(topic)))) return []
  const window = lastWindow(due, monitor.windowMs)
  const recomputed = await features.trainingSetSql(endpoint.service, { spine: skewSpineSql(monitor, window) })
  const compared = (await engine.query(skewSql(endpoint.service.featureNames, recomputed))).map((row) => ({
    subject: String(row.feature),
    rows: Number(row.rows),
    unequal: Number(row.unequal),
  }))
  const sum = (member: 'rows' | 'unequal') => compared.reduce((total, each) => total + each[member], 0)
  return [{ subject: '', rows: sum('rows'), unequal: sum('unequal') }, ...compared]
    .filter(({ rows }) => rows > 0)
    .map(({ subject, rows, unequal }) => ({
      monitor: name,
      metric: 'skew',
      subject,
      windowStart: window.start,
      windowEnd: window.end,
      value: unequal / rows,
      rows,
    }))
}
