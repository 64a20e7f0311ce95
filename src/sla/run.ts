import { Cron } from 'croner'
import { type Clock, type EpochMs, type EventBus, stableId } from '../kernel/index.ts'
import { type ContractLookup, type LakeStore, type SqlEngine, tableName } from '../lake/index.ts'
import { Measurer } from './measure.ts'
import { type AuditPlan, auditPlan } from './plan.ts'
import type { Audit, Publication, SlaStore } from './ports.ts'
import type { Subject } from './published-times.ts'
import { auditRelations } from './relations.ts'
import { heldBefore, outcomeOf, publicationAfter } from './verdict.ts'

export interface AuditorOptions {
  readonly engine: SqlEngine
  readonly lake: LakeStore
  readonly store: SlaStore
  readonly registry: ContractLookup
  readonly clock: Clock
  readonly events: EventBus
}

/** An audit that is due: what to look at, for which moment, and what is published before it. */
interface Due {
  readonly subject: Omit<Subject, 'engine'>
  readonly moment: EpochMs
  readonly before: Publication | undefined
}

interface Measured {
  readonly audit: Audit
  readonly before: Publication | undefined
}

/**
 * Audits what is in the lake but not published yet, contract by contract. Rows that pass are published to the
 * warehouse; a failing check of severity `error` holds them, and with them all that follow, until an audit of the whole
 * range passes. An audit that was recorded is never done again, so a run that died is simply run again.
 */
export class Auditor {
  readonly #options: AuditorOptions
  readonly #measurer = new Measurer()
  #told = false

  constructor(options: AuditorOptions) {
    this.#options = options
  }

  /**
   * Audits every contract that is due now: by its schedule, or without one when a snapshot is new. A contract that has
   * never had a row has nothing to audit.
   *
   * @throws SLA_RULE_FAILED for a rule that cannot be evaluated; then no audit of this run is recorded.
   */
  async run(): Promise<readonly Audit[]> {
    const { clock, store } = this.#options
    await this.#tellNewestAgain()
    const now = clock.now()
    const due = await this.#due(now)
    if (due.length === 0) return []
    const audits = await this.#measure(due)
    for (const { audit, before } of audits) {
      const publication = publicationAfter(audit, before)
      await store.record(audit, publication)
      await this.#tell(audit, publication, before?.heldSince ?? null)
    }
    return audits.map(({ audit }) => audit)
  }

  /** In one transaction for all: the lake then reads its catalog once, not for every statement. */
  async #measure(due: readonly Due[]): Promise<readonly Measured[]> {
    const { engine } = this.#options
    let current = due[0]!
    try {
      return await engine.transaction(async (transaction) => {
        const audits: Measured[] = []
        for (current of due) audits.push({ audit: await this.#audit(transaction, current), before: current.before })
        return audits
      })
    } catch (thrown) {
      throw await this.#measurer.explain({ engine, ...current.subject }, thrown)
    }
  }

  async #due(now: EpochMs): Promise<readonly Due[]> {
    const { lake, registry, store } = this.#options
    const newest = (await lake.snapshots()).at(-1)?.id ?? 0
    const tables = await lake.tables()
    const due: Due[] = []
    for (const { contract } of await registry.all()) {
      const table = tableName(contract.topic)
      const columns = tables.get(table)
      if (newest === 0 || columns === undefined) continue
      const plan = auditPlan(contract)
      const moment = dueMoment(plan, await store.lastAudit(contract.id), newest, now)
      if (moment === null) continue
      const before = await store.publication(contract.id)
      const range = { table, after: before?.snapshotId ?? 0, upTo: newest }
      const subject = { plan, range, now, ...auditRelations(lake, contract, columns, range) }
      due.push({ subject, moment, before })
    }
    return due
  }

  async #audit(engine: SqlEngine, { subject, moment }: Due): Promise<Audit> {
    const { plan, range, now } = subject
    const { table, after, upTo } = range
    const { rows, checks } = await this.#measurer.measure({ engine, ...subject })
    return {
      id: stableId('audit', plan.contractId, after, upTo, moment),
      contractId: plan.contractId,
      contractVersion: plan.contractVersion,
      table,
      afterSnapshotId: after,
      snapshotId: upTo,
      auditedAt: now,
      rows,
      outcome: outcomeOf(checks),
      checks,
    }
  }

  async #tell(audit: Audit, publication: Publication, heldSince: EpochMs | null): Promise<void> {
    const { events } = this.#options
    await events.emit('sla.audited', { audit, publication })
    if (audit.outcome === 'held' && heldSince === null) await events.emit('sla.breached', { audit, publication })
    if (audit.outcome === 'passed' && heldSince !== null)
      await events.emit('sla.recovered', { audit, publication, heldSince })
  }

  /** The process may have died between record and event: listeners hear of the newest audits again. */
  async #tellNewestAgain(): Promise<void> {
    if (this.#told) return
    const { store } = this.#options
    for (const publication of await store.publications()) {
      const audits = await store.audits(publication.contractId)
      const audit = audits.at(-1)
      if (audit) await this.#tell(audit, publication, heldBefore(audits))
    }
    this.#told = true
  }
}

/** The moment that an audit is for, or `null` when none is due. */
function dueMoment(plan: AuditPlan, last: Audit | undefined, newest: number, now: EpochMs): EpochMs | null {
  if (plan.schedules.length === 0) return last && last.snapshotId >= newest ? null : now
  if (!last) return now
  const next = plan.schedules.map((schedule) =>
    new Cron(schedule, { timezone: 'UTC', paused: true }).nextRun(new Date(last.auditedAt)),
  )
  const due = next.flatMap((moment) => (moment !== null && moment.getTime() <= now ? [moment.getTime()] : []))
  return due.length === 0 ? null : Math.max(...due)
}
