import { Cron } from 'croner'
import { CovenantError, type Duration, messageOf, parseDuration } from '../kernel/index.ts'
import type { EndpointDefinition } from '../serving/index.ts'

/** Where the truth about a prediction arrives. */
interface LabelSource {
  /** The contract topic of the labels. */
  readonly topic: string
  /** Its field that holds the key of what was scored. */
  readonly key: string
  /** SQL over the fields of the topic: true for the positive class, null where there is no label. */
  readonly positive: string
  /** So long after the end of a window its labels are taken to be complete. */
  readonly delayMs: number
}

export interface DriftSettings {
  /** Features of the endpoint's service that are compared. */
  readonly features: readonly string[]
  /** Smaller windows (and references) are not compared. */
  readonly minimumRows: number
  /** Population stability index from which a feature counts as drifted … */
  readonly psi: number
  /** … where chance does not explain it: bound of the p-value, corrected for the number of features. */
  readonly significance: number
  /** Scores are compared with those of so many windows before. */
  readonly scoreWindows: number
}

/** Opens an alert when a value is past `limit` in `windows` windows in a row; resolves it at `clear` or better. */
export interface AlertRule {
  readonly metric: string
  /** `null`: each subject on its own. */
  readonly subject: string | null
  readonly side: 'above' | 'below'
  readonly limit: number
  readonly clear: number
  readonly windows: number
}

export interface Monitor {
  readonly kind: 'monitor'
  readonly name: string
  readonly endpoint: EndpointDefinition
  /** Cron expression in UTC. */
  readonly schedule: string
  readonly windowMs: number
  /** `null`: performance is not measured. */
  readonly label: LabelSource | null
  /** Windows with fewer labelled predictions give no performance. */
  readonly performanceMinimumRows: number
  readonly drift: DriftSettings
  /** Predictions of each window that are recomputed offline; 0 for none. */
  readonly skewSample: number
  readonly alerts: readonly AlertRule[]
}

/** An alert rule as it is written: one of `above` and `below`. */
export interface AlertDefinition {
  readonly metric: string
  readonly subject?: string
  readonly above?: number
  readonly below?: number
  readonly clear?: number
  readonly windows?: number
}

const DEFAULT_ALERTS: readonly AlertDefinition[] = [
  { metric: 'drifted', above: 0, windows: 2 },
  { metric: 'prediction-drifted', above: 0, windows: 2 },
  { metric: 'skew', subject: '', above: 0 },
]

/**
 * Declares what is measured of an endpoint's predictions, window by window (windows start on Mondays, 00:00 UTC, where
 * they are weeks): performance once labels are there, drift of features and scores, skew against the offline features.
 *
 * @example
 * export const delayMonitor = defineMonitor({
 *   name: 'delay', endpoint: delayEndpoint, schedule: '0 6 * * 1',
 *   label: { topic: 'flights.arrived', key: 'flight_id', positive: 'arr_delay > 15', delay: '1h' },
 *   alerts: [{ metric: 'auc', subject: 'champion', below: 0.65, clear: 0.67, windows: 2 }],
 * })
 */
export function defineMonitor(definition: {
  readonly name: string
  readonly endpoint: EndpointDefinition
  readonly schedule: string
  readonly window?: Duration
  readonly label?: {
    readonly topic: string
    readonly key: string
    readonly positive: string
    readonly delay?: Duration
  }
  readonly performance?: { readonly minimumRows?: number }
  readonly drift?: Partial<DriftSettings>
  readonly skew?: { readonly sample: number }
  readonly alerts?: readonly AlertDefinition[]
}): Monitor {
  const { name, endpoint, schedule, window = '7d', label, performance = {}, drift = {}, skew } = definition
  const where = `monitor ${name}`
  checkSchedule(schedule, where)
  const { featureNames } = endpoint.service
  const unknown = drift.features?.find((feature) => !featureNames.includes(feature))
  if (unknown !== undefined)
    throw invalid(where, `${unknown} is no feature of ${endpoint.service.name}`, `Known: ${featureNames.join(', ')}.`)
  return Object.freeze({
    kind: 'monitor',
    name,
    endpoint,
    schedule,
    windowMs: milliseconds(window, where),
    label: label
      ? Object.freeze({
          topic: label.topic,
          key: label.key,
          positive: label.positive,
          delayMs: label.delay === undefined ? 0 : milliseconds(label.delay, where),
        })
      : null,
    performanceMinimumRows: performance.minimumRows ?? 200,
    drift: Object.freeze({
      features: featureNames,
      minimumRows: 500,
      psi: 0.2,
      significance: 0.01,
      scoreWindows: 4,
      ...drift,
    }),
    skewSample: skew?.sample ?? 200,
    alerts: Object.freeze((definition.alerts ?? DEFAULT_ALERTS).map((alert) => compileAlert(alert, where))),
  })
}

function compileAlert(alert: AlertDefinition, where: string): AlertRule {
  const { metric, subject = null, above, below, windows = 1 } = alert
  if ((above === undefined) === (below === undefined) || !(Number.isInteger(windows) && windows >= 1))
    throw invalid(where, `the alert on ${metric} cannot be judged`, 'Give one of above and below, and windows >= 1.')
  const side = above === undefined ? 'below' : 'above'
  const limit = (above ?? below)!
  const clear = alert.clear ?? limit
  if (side === 'above' ? clear > limit : clear < limit)
    throw invalid(where, `clear (${clear}) of the alert on ${metric} is past its limit (${limit})`, 'Swap them.')
  return Object.freeze({ metric, subject, side, limit, clear, windows })
}

function checkSchedule(schedule: string, where: string): void {
  try {
    new Cron(schedule, { timezone: 'UTC', paused: true })
  } catch (error) {
    throw invalid(
      where,
      `its schedule ${JSON.stringify(schedule)} cannot be read (${messageOf(error)})`,
      'Write five fields: minute hour day month weekday.',
    )
  }
}

function milliseconds(duration: Duration, where: string): number {
  const parsed = parseDuration(duration)
  if (parsed !== undefined && parsed > 0) return parsed
  throw invalid(where, `${JSON.stringify(duration)} is no duration`, "Write it as '15m', '6h', '7d' or '1w'.")
}

function invalid(where: string, what: string, remedy: string): CovenantError {
  return new CovenantError({ code: 'MONITOR_INVALID', message: `The monitor cannot be used: ${what}.`, where, remedy })
}
