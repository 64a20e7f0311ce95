import type { EpochMs, EventBus } from '../../kernel/index.ts'
import type { LakeStore, SqlEngine } from '../../lake/index.ts'
import type { Monitor } from '../define.ts'
import { type AlertSpan, alertSpans } from '../plan/alerts.ts'
import type { Alert, FeatureRecomputation, MonitorPoint, MonitorStore, ReferenceData } from '../ports.ts'
import { measureDrift, type ReferenceCache } from './drift.ts'
import { measurePerformance } from './performance.ts'
import { measureSkew } from './skew.ts'

export interface MonitorsOptions {
  readonly engine: SqlEngine
  readonly lake: LakeStore
  readonly store: MonitorStore
  readonly reference: ReferenceData
  readonly features: FeatureRecomputation
  readonly events: EventBus
}

/** Measures what monitors declare, over the predictions, labels and events in the lake. */
export class Monitors {
  readonly #options: MonitorsOptions
  readonly #references: ReferenceCache = new Map()

  constructor(options: MonitorsOptions) {
    this.#options = options
  }

  /**
   * Measures the newest windows that had ended (and, for performance, whose labels were due) at `due`, stores the
   * points, and raises and resolves alerts. Repeated, it replaces what it had stored.
   */
  async run(monitor: Monitor, due: EpochMs): Promise<void> {
    const { store, events } = this.#options
    const points = await this.measure(monitor, due)
    await store.putPoints(points)
    await events.emit('monitoring.points', { monitor: monitor.name, points, at: due })
    await this.#alert(monitor, due)
  }

  /** The points of `run`, without storing them. */
  async measure(monitor: Monitor, due: EpochMs): Promise<readonly MonitorPoint[]> {
    const { engine, lake, reference, features } = this.#options
    return [
      ...(await measurePerformance(engine, lake, monitor, due)),
      ...(await measureDrift({ engine, lake, reference, cache: this.#references }, monitor, due)),
      ...(await measureSkew(engine, lake, features, monitor, due)),
    ]
  }

  async #alert(monitor: Monitor, due: EpochMs): Promise<void> {
    const { store, events } = this.#options
    const points = await store.points(monitor.name)
    const known = new Map((await store.alerts()).map((alert) => [alert.id, alert]))
    for (const span of monitor.alerts.flatMap((rule) => alertSpans(rule, points))) {
      const alert = alertOf(span, known.get(span.id), due)
      const isNews = alert.raisedAt === due || alert.resolvedAt === due
      if (!isNews) continue
      await store.putAlert(alert)
      await events.emit('monitoring.alert', { monitor: monitor.name, alert, at: due })
    }
  }
}

/** An alert is raised and resolved when a run first finds it so. */
function alertOf(span: AlertSpan, known: Alert | undefined, due: EpochMs): Alert {
  const { id, source, subject, message, resolvedBy } = span
  return {
    id,
    source,
    subject,
    message,
    raisedAt: known?.raisedAt ?? due,
    resolvedAt: resolvedBy === null ? null : (known?.resolvedAt ?? due),
  }
}
