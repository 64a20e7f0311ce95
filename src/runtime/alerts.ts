import { type EventBus, stableId } from '../kernel/index.ts'
import type { MonitorStore } from '../monitoring/index.ts'

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
