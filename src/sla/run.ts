import { Cron } from 'croner'
import type { Contract } from '../contract/index.ts'
import { type Clock, CovenantError, type EpochMs, type EventBus, messageOf, stableId } from '../kernel/index.ts'
import { type ContractLookup, type LakeStore, type SqlEngine, tableName } from '../lake/index.ts'
import { AUDITED_ROWS, numberOf, observationSql } from './audit-sql.ts'
import { type AuditPlan, auditPlan, type CheckPlan, expectationText, meets } from './plan.ts'
import type { Audit, CheckResult, Publication, SlaStore } from './ports.ts'

export interface AuditorOptions {
  readonly engine: SqlEngine
  readonly lake: LakeStore
  readonly store: SlaStore
  readonly registry: ContractLookup
  readonly clock: Clock
  readonly events: EventBus
}

/** The rows of one audit: those of `table` after one snapshot, up to another. */
interface Range {
  readonly table: string
  readonly after: number
  readonly upTo: number
}

/**
 * Audits what is in the lake but not published yet, contract by contract. Rows that pass are published to the
 * warehouse; a failing check of severity `error` holds them, and with them all that follow, until an audit of the whole
 * range passes. An audit that was recorded is never done again, so a run that died is simply run again.
 */
export class Auditor {
  readonly #options: AuditorOptions
  #told = false

  constructor(options: AuditorOptions) {
    this.#options = options
  }

  /**
   * Audits every contract that is due now: by its schedule, or without one when a snapshot is new. A contract that has
   * never had a row has nothing to audit.
   *
   * @throws SLA_RULE_FAILED for a rule that cannot be evaluated.
   */
  async run(): Promise<readonly Audit[]> {
    const { lake, registry } = this.#options
    await this.#tellNewestAgain()
    const newest = (await lake.snapshots()).at(-1)?.id ?? 0
    const tables = await lake.tables()
    const audits: Audit[] = []
    for (const { contract } of await registry.all()) {
      const table = tableName(contract.topic)
      if (newest === 0 || !tables.has(table)) continue
      const audit = await this.#auditIfDue(contract, table, newest)
      if (audit) audits.push(audit)
    }
    return audits
  }

  async #auditIfDue(contract: Contract, table: string, newest: number): Promise<Audit | undefined> {
    const { store, clock } = this.#options
    const plan = auditPlan(contract)
    const last = await store.lastAudit(contract.id)
    const before = await store.publication(contract.id)
    const due = dueMoment(plan, last, newest, clock.now())
    if (due === null) return undefined
    const range = { table, after: before?.snapshotId ?? 0, upTo: newest }
    const audit = await this.#audit(plan, range, due)
    const publication = publicationAfter(audit, before)
    await store.record(audit, publication)
    await this.#tell(audit, publication, before)
    return audit
  }

  async #audit(plan: AuditPlan, range: Range, due: EpochMs): Promise<Audit> {
    const { lake, engine, clock } = this.#options
    const { table, after, upTo } = range
    await engine.execute(
      `CREATE OR REPLACE TEMP TABLE ${AUDITED_ROWS.split('.').at(-1)} AS SELECT * FROM ${lake.relationBetween(table, after, upTo)}`,
    )
    const checks = await this.#check(plan, range)
    const [counted] = await engine.query(`SELECT count(*) AS rows FROM ${AUDITED_ROWS}`)
    const failed = checks.some(({ passed, severity }) => !passed && severity === 'error')
    return {
      id: stableId('audit', plan.contractId, after, upTo, due),
      contractId: plan.contractId,
      contractVersion: plan.contractVersion,
      table,
      afterSnapshotId: after,
      snapshotId: upTo,
      auditedAt: clock.now(),
      rows: Number(counted!.rows),
      outcome: failed ? 'held' : 'passed',
      checks,
    }
  }

  /** All checks of a contract in one query, so that an audit costs one pass through the planner. */
  async #check(plan: AuditPlan, { table, after }: Range): Promise<readonly CheckResult[]> {
    const { engine, lake, clock } = this.#options
    const published = after === 0 ? null : lake.relationAt(table, after)
    const comparable = published === null ? null : await this.#sameTimeAs(plan.eventTime, published)
    const columns = plan.checks.map((check, index) => `${observationSql(check, comparable)} AS c${index}`)
    const sql = `SELECT (SELECT count(*) FROM ${AUDITED_ROWS}) AS rows${columns.map((column) => `, ${column}`).join('')}`
    const [row] = await engine.query(sql).catch((cause) => Promise.reject(ruleFailed(plan, cause)))
    const rows = Number(row!.rows)
    const results: CheckResult[] = []
    for (const [index, check] of plan.checks.entries()) {
      const observed = numberOf(row![`c${index}`])
      if (check.kind === 'latency')
        results.push(latencyResult(check, observed ?? (await this.#newestEvent(check.field, published)), clock.now()))
      else results.push(resultOf(check, observed, rows))
    }
    return results
  }

  /**
   * The published rows that a new row may repeat. A record that is sent again has the event time it had, so only
   * published rows of the new rows' time are looked at; written as literals, these let the lake skip all other files.
   */
  async #sameTimeAs(eventTime: string | null, published: string): Promise<string> {
    if (eventTime === null) return published
    const field = `"${eventTime.replaceAll('"', '""')}"`
    const [row] = await this.#options.engine.query(
      `SELECT min(${field})::VARCHAR AS first, max(${field})::VARCHAR AS last FROM ${AUDITED_ROWS}`,
    )
    if (row?.first == null) return `(FROM ${published} WHERE false)`
    return `(FROM ${published} WHERE ${field} BETWEEN TIMESTAMP '${row.first}' AND TIMESTAMP '${row.last}')`
  }

  /** Time of the newest published event: how old the data is while nothing new comes. */
  async #newestEvent(field: string, published: string | null): Promise<EpochMs | null> {
    if (published === null) return null
    const [row] = await this.#options.engine.query(
      `SELECT epoch_ms(max("${field.replaceAll('"', '""')}")) AS newest FROM ${published}`,
    )
    return numberOf(row?.newest)
  }

  async #tell(audit: Audit, publication: Publication, before: Publication | undefined): Promise<void> {
    const { events } = this.#options
    const heldSince = before?.heldSince ?? null
    await events.emit('sla.audited', { audit, publication })
    if (audit.outcome === 'held' && heldSince === null) await events.emit('sla.breached', { audit, publication })
    if (audit.outcome === 'passed' && heldSince !== null)
      await events.emit('sla.recovered', { audit, publication, heldSince })
  }

  /** The process may have died between record and event: listeners hear of the newest audits again. */
  async #tellNewestAgain(): Promise<void> {
    if (this.#told) return
    this.#told = true
    const { store, events } = this.#options
    for (const publication of await store.publications()) {
      const audit = await store.lastAudit(publication.contractId)
      if (audit) await events.emit('sla.audited', { audit, publication })
    }
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

function publicationAfter(audit: Audit, before: Publication | undefined): Publication {
  const { contractId, table, snapshotId, auditedAt } = audit
  if (audit.outcome === 'passed') return { contractId, table, snapshotId, publishedAt: auditedAt, heldSince: null }
  const nothing = { contractId, table, snapshotId: 0, publishedAt: auditedAt, heldSince: null }
  const kept = before ?? nothing
  return { ...kept, heldSince: kept.heldSince ?? auditedAt }
}

function latencyResult(
  check: Extract<CheckPlan, { kind: 'latency' }>,
  newestEvent: EpochMs | null,
  now: EpochMs,
): CheckResult {
  const ageMs = newestEvent === null ? null : now - newestEvent
  return {
    checkId: check.id,
    dimension: check.dimension,
    severity: check.severity,
    observed: ageMs,
    expected: `≤ ${check.maxAgeMs} ms old`,
    passed: ageMs === null || ageMs <= check.maxAgeMs,
  }
}

function resultOf(check: Exclude<CheckPlan, { kind: 'latency' }>, measured: number | null, rows: number): CheckResult {
  const base = { checkId: check.id, dimension: check.dimension, severity: check.severity }
  if (check.kind === 'key') return { ...base, observed: measured, expected: '= 0 rows', passed: measured === 0 }
  const unit = check.kind === 'metric' ? check.unit : ''
  const observed = unit === 'percent' && measured !== null ? (rows === 0 ? null : (measured * 100) / rows) : measured
  return {
    ...base,
    observed,
    expected: expectationText(check.expect, unit),
    passed: observed === null || meets(observed, check.expect),
  }
}

function ruleFailed(plan: AuditPlan, cause: unknown): CovenantError {
  return new CovenantError({
    code: 'SLA_RULE_FAILED',
    message: `A quality rule of ${plan.topic} ${plan.contractVersion} cannot be evaluated: ${messageOf(cause)}`,
    where: `contract ${plan.contractId}`,
    remedy: 'Mend the rule in the contract and give the contract a new version.',
    cause,
  })
}
