import { type EpochMs, type EventBus, stableId } from '../kernel/index.ts'
import type { Alert, MonitorStore } from '../monitoring/index.ts'
import type { Pause } from '../validation/index.ts'

/**
 * Raises an alert for each incident and resolves it with the incident. It follows from the incident alone, so hearing
 * of one again changes nothing.
 */
export function alertOnIncidents(events: EventBus, alerts: MonitorStore): void {
  events.on('sla.incident', async ({ incident }) => {
    const { id, contractId, message, detectedAt, resolvedAt } = incident
    await alerts.putAlert({
      ...{ id: stableId('alert', 'sla', id), source: 'sla', subject: contractId, message },
      ...{ raisedAt: detectedAt, resolvedAt },
    })
  })
}

/** Raises an alert when the breaker pauses a topic, and resolves it when validation has come past that batch. */
export function alertOnPauses(events: EventBus, alerts: MonitorStore): void {
  events.on('validation.paused', ({ pause }) => alerts.putAlert(pauseAlert(pause, null)))
  events.on('validation.resumed', ({ pause, at }) => alerts.putAlert(pauseAlert(pause, at)))
}

/** The same one for the same batch, however often it is decided about. */
function pauseAlert(pause: Pause, resolvedAt: EpochMs | null): Alert {
  const { topic, partition, fromOffset, records, violating, maxRatio, reasons, pausedAt } = pause
  const first = reasons[0] === undefined ? '' : `; most often: ${reasons[0].reason} (${reasons[0].example})`
  return {
    id: stableId('alert', 'validation', topic, partition, fromOffset),
    source: 'validation',
    subject: topic,
    message: `Validation of ${topic} is paused: ${violating} of ${records} records violate the contract, more than ${maxRatio * 100} %${first}. Mend the contract or the producer, then covenant topic resume ${topic}.`,
    raisedAt: pausedAt,
    resolvedAt,
  }
}
