import type { EpochMs } from '../../kernel/index.ts'
import { type LakeStore, type SqlEngine, tableName } from '../../lake/index.ts'
import type { Monitor } from '../define.ts'
import { performanceSql } from '../plan/performance-sql.ts'
import { lastWindow } from '../plan/windows.ts'
import type { MonitorPoint } from '../ports.ts'

/**
 * AUC, log loss, mean score, base rate and calibration gap (mean score − base rate) of the champion and each shadow, in
 * the newest window whose labels are complete. Labels that came at `due` or later are not known yet.
 */
export async function measurePerformance(
  engine: SqlEngine,
  lake: LakeStore,
  monitor: Monitor,
  due: EpochMs,
): Promise<readonly MonitorPoint[]> {
  const { label, endpoint, performanceMinimumRows } = monitor
  const tables = await lake.tables()
  const columns = tables.get(tableName(endpoint.predictions))
  if (label === null || !columns || !tables.has(tableName(label.topic))) return []
  const window = lastWindow(due - label.delayMs, monitor.windowMs)
  const shadows = columns.some(({ name }) => name === 'shadow_scores') ? endpoint.shadows.map(({ name }) => name) : []
  const measured = await engine.query(performanceSql(monitor, shadows, window, due))
  return measured
    .filter(({ rows }) => Number(rows) >= performanceMinimumRows)
    .flatMap(({ subject, rows, auc, log_loss, mean_score, base_rate }) => {
      const values = {
        auc,
        'log-loss': log_loss,
        'mean-score': mean_score,
        'base-rate': base_rate,
        'calibration-gap': Number(mean_score) - Number(base_rate),
      }
      return Object.entries(values).flatMap(([metric, value]) =>
        value === null || value === undefined
          ? []
          : [
              {
                monitor: monitor.name,
                metric,
                subject: String(subject),
                windowStart: window.start,
                windowEnd: window.end,
                value: Number(value),
                rows: Number(rows),
              },
            ],
      )
    })
}
