import { type EventBus, stableId } from '../kernel/index.ts'
import type { MonitorStore } from '../monitoring/index.ts'
import { describeCheck } from '../sla/index.ts'

/**
 * Raises an alert when an audit holds a publication, and resolves it when a later audit publishes. It follows from the
 * audit and its publication alone, so hearing of an audit again changes nothing.
 */
export function alertOnBreaches(events: EventBus, alerts: MonitorStore): void {
  events.on('sla.audited', async ({ audit, publication }) => {
    const { contractId, auditedAt, checks } = audit
    if (publication.heldSince !== null) {
      if (publication.heldSince !== auditedAt) return
      const failed = checks.filter(({ passed, severity }) => !passed && severity === 'error')
      const words = failed.map(describeCheck)
      await alerts.putAlert({
        id: stableId('alert', 'sla', contractId, auditedAt),
        source: 'sla',
        subject: contractId,
        message: `Publication of ${contractId} is held: ${words.join('; ')}.`,
        raisedAt: auditedAt,
        resolvedAt: null,
      })
      return
    }
    const open = (await alerts.alerts()).filter(
      ({ source, subject, resolvedAt }) => source === 'sla' && subject === contractId && resolvedAt === null,
    )
    for (const alert of open) await alerts.putAlert({ ...alert, resolvedAt: auditedAt })
  })
}
