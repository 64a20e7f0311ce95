import { type EpochMs, stableId } from '../../kernel/index.ts'
import type { LakeSnapshot } from '../../lake/index.ts'
import type { Audit, Publication } from '../ports.ts'
import { describeCheck } from '../verdict.ts'
import type { Incident, LevelEvaluation } from './define.ts'

/**
 * Levels whose miss is an incident of its own. A missed latency is found by the audit, which holds the publication;
 * availability and the times to detect, notify and repair are about incidents.
 */
const OWN_INCIDENT: readonly string[] = [
  'throughput',
  'errorRate',
  'generalAvailability',
  'endOfSupport',
  'endOfLife',
  'retention',
  'frequency',
]

/** The incident that an evaluation opens or closes; `null` where it does neither. */
export function incidentOfEvaluation(evaluation: LevelEvaluation, open: Incident | undefined): Incident | null {
  const { contractId, level, property, at, status, missedSince, message } = evaluation
  if (!OWN_INCIDENT.includes(property)) return null
  if (open !== undefined) return status === 'met' ? { ...open, resolvedAt: at } : null
  if (!isBroken(evaluation)) return null
  return {
    id: stableId('incident', contractId, level, at),
    contractId,
    cause: level,
    message: `${level} of ${contractId}: ${message}`,
    startedAt: Math.min(missedSince ?? at, at),
    detectedAt: at,
    notifiedAt: null,
    resolvedAt: null,
  }
}

/** With an objective the promise is broken when its budget is used up, else by the first miss. */
function isBroken({ status, budget }: LevelEvaluation): boolean {
  return status === 'missed' && (budget?.unit !== 'evaluations' || budget.used > budget.allowed)
}

/** The incident that a holding audit opens or a passing one closes; `null` where it does neither. */
export function incidentOfAudit(
  audit: Audit,
  publication: Publication,
  open: Incident | undefined,
  snapshots: readonly LakeSnapshot[],
): Incident | null {
  const { contractId, auditedAt } = audit
  if (publication.heldSince === null) return open === undefined ? null : { ...open, resolvedAt: auditedAt }
  if (open !== undefined || publication.heldSince !== auditedAt) return null
  const failed = audit.checks.filter(({ passed, severity }) => !passed && severity === 'error')
  return {
    id: stableId('incident', contractId, 'audit', auditedAt),
    contractId,
    cause: 'audit',
    message: `Publication of ${contractId} is held: ${failed.map(describeCheck).join('; ')}.`,
    startedAt: startOf(audit, snapshots),
    detectedAt: auditedAt,
    notifiedAt: null,
    resolvedAt: null,
  }
}

/** When the data became too old, or when the first of the rows that failed came in: the earlier of the two. */
function startOf(audit: Audit, snapshots: readonly LakeSnapshot[]): EpochMs {
  const failed = audit.checks.filter(({ passed, severity }) => !passed && severity === 'error')
  const late = failed.flatMap(({ overdueMs }) => (overdueMs === undefined ? [] : [audit.auditedAt - overdueMs]))
  const arrived = failed.some(({ overdueMs }) => overdueMs === undefined)
    ? snapshots.filter(
        ({ id, tables }) => id > audit.afterSnapshotId && tables.some(({ table }) => table === audit.table),
      )
    : []
  return Math.min(audit.auditedAt, ...late, ...arrived.slice(0, 1).map(({ committedAt }) => committedAt))
}
