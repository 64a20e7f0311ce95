/** What is measured of predictions: performance with late labels, drift, skew; and the alerts that follow. */
import './events.ts'

export { type AlertDefinition, defineMonitor, type Monitor } from './define.ts'
export type { Alert, FeatureRecomputation, MonitorPoint, MonitorStore, ReferenceData } from './ports.ts'
export { Monitors, type MonitorsOptions } from './run/monitors.ts'
export { TrainingSetReference, type TrainingSetReferenceOptions } from './run/training-set-reference.ts'
