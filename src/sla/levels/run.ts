import { Cron } from 'croner'
import type { Contract } from '../../contract/index.ts'
import { type Clock, type EpochMs, type EventBus, stableId } from '../../kernel/index.ts'
import { type ContractLookup, type LakeColumn, type LakeStore, type SqlEngine, tableName } from '../../lake/index.ts'
import { deadLetterTopic, type TopicLog, validatedTopic } from '../../topic/index.ts'
import type { LevelStore, SlaStore } from '../ports.ts'
import { auditRelations } from '../relations.ts'
import type { Incident, LevelCounters, LevelEvaluation, LevelPlan } from './define.ts'
import { evaluate, WINDOW_MS } from './evaluate.ts'
import { eventTimes, type TimesFound } from './event-times.ts'
import { incidentOfAudit, incidentOfEvaluation } from './incidents.ts'
import { levelPlans } from './plan.ts'

export interface ServiceLevelsOptions {
  readonly engine: SqlEngine
  readonly lake: LakeStore
  readonly log: Pick<TopicLog, 'topics' | 'endOffset'>
  readonly store: LevelStore
  readonly publications: Pick<SlaStore, 'publication'>
  readonly registry: ContractLookup
  readonly clock: Clock
  readonly events: EventBus
}

/** A level that is due, with its newest earlier evaluation. */
interface Due {
  readonly contract: Contract
  readonly level: LevelPlan
  readonly moment: EpochMs
  readonly before: LevelEvaluation | undefined
}

/** What the lake and the log hold now. */
interface Standing {
  readonly now: EpochMs
  readonly newest: number
  readonly tables: ReadonlyMap<string, readonly LakeColumn[]>
  readonly partitions: ReadonlyMap<string, number>
}

/**
 * Evaluates the service levels of all contracts on their schedules and keeps the incidents, also those that audits
 * find. An evaluation that was recorded is never made again, so a run that died is simply run again.
 */
export class ServiceLevels {
  readonly #options: ServiceLevelsOptions
  #told = false

  /** Listens to audits from now on: it is made before the auditor runs. */
  constructor(options: ServiceLevelsOptions) {
    this.#options = options
    const { events, store, lake } = options
    events.on('sla.audited', async ({ audit, publication }) => {
      const open = await this.#open(audit.contractId, 'audit')
      if (open === undefined && publication.heldSince === null) return
      const incident = incidentOfAudit(audit, publication, open, await lake.snapshots())
      if (incident === null || (open === undefined && (await this.#isKnown(incident)))) return
      await store.putIncident(incident)
      await this.#notify(incident)
    })
  }

  /** Evaluates every level that is due now, contract by contract. */
  async run(): Promise<readonly LevelEvaluation[]> {
    const { engine, clock } = this.#options
    await this.#tellNewestAgain()
    const due = await this.#due(clock.now())
    if (due.length === 0) return []
    const standing = await this.#standing(clock.now())
    // In one transaction, so that the lake reads its catalog once, not for every statement.
    const evaluations = await engine.transaction(async (transaction) => {
      const found: LevelEvaluation[] = []
      for (const each of due) found.push(await this.#evaluate(transaction, each, standing))
      return found
    })
    for (const evaluation of evaluations) await this.#record(evaluation)
    return evaluations
  }

  async #due(now: EpochMs): Promise<readonly Due[]> {
    const { registry, store } = this.#options
    const due: Due[] = []
    for (const { contract } of await registry.all()) {
      const levels = levelPlans(contract)
      if (levels.length === 0) continue
      const newest = new Map((await store.newest(contract.id)).map((evaluation) => [evaluation.level, evaluation]))
      for (const level of levels) {
        const before = newest.get(level.id)
        const moment = dueMoment(level, before, now)
        if (moment !== null) due.push({ contract, level, moment, before })
      }
    }
    return due
  }

  async #standing(now: EpochMs): Promise<Standing> {
    const { lake, log } = this.#options
    const newest = (await lake.snapshots()).at(-1)?.id ?? 0
    const partitions = new Map((await log.topics()).map((info) => [info.topic, info.partitions]))
    return { now, newest, tables: await lake.tables(), partitions }
  }

  async #evaluate(engine: SqlEngine, due: Due, standing: Standing): Promise<LevelEvaluation> {
    const { contract, level, moment, before } = due
    const { store } = this.#options
    const { now } = standing
    const { times, oldest } = await this.#times(engine, due, standing)
    const counters = { ...(await this.#counters(contract, standing, before)), oldest }
    const since = now - (level.objective?.windowMs ?? WINDOW_MS)
    const incidents = (await store.incidents(contract.id)).filter(
      ({ resolvedAt }) => resolvedAt === null || resolvedAt > since,
    )
    const earlier = await store.evaluations(contract.id, level.id, since)
    return {
      id: stableId('level', contract.id, level.id, moment),
      contractId: contract.id,
      contractVersion: contract.version,
      level: level.id,
      property: level.property,
      at: now,
      periodStart: before?.at ?? now,
      watermark: times?.watermark ?? null,
      ...evaluate(level, before, { now, counters, times, incidents, earlier }),
      counters,
    }
  }

  async #times(engine: SqlEngine, { contract, level, before }: Due, standing: Standing): Promise<TimesFound> {
    const { lake } = this.#options
    const table = tableName(contract.topic)
    const columns = standing.tables.get(table)
    const known = { watermark: before?.watermark ?? null, oldest: before?.counters.oldest ?? null }
    if (level.field === null || columns === undefined || standing.newest === 0)
      return { times: null, oldest: known.oldest }
    const range = { table, after: before?.counters.snapshotId ?? 0, upTo: standing.newest }
    const { rows } = auditRelations(lake, contract, columns, range)
    return eventTimes(engine, { rows, field: level.field, now: standing.now, ...known })
  }

  /** Both topics grow in one transaction of the validation hop, so their difference is exact at any moment. */
  async #counters(
    { id, topic }: Contract,
    { newest, partitions }: Standing,
    before: LevelEvaluation | undefined,
  ): Promise<Omit<LevelCounters, 'oldest'>> {
    const { log, publications } = this.#options
    const count = async (name: string) => {
      let records = 0
      for (let partition = 0; partition < (partitions.get(name) ?? 0); partition++)
        records += await log.endOffset(name, partition)
      return records
    }
    const publication = await publications.publication(id)
    return {
      validated: await count(validatedTopic(topic)),
      deadLetters: await count(deadLetterTopic(topic)),
      snapshotId: newest,
      publishedSince:
        before?.counters.publishedSince ??
        (publication !== undefined && publication.snapshotId > 0 ? publication.publishedAt : null),
    }
  }

  async #record(evaluation: LevelEvaluation): Promise<void> {
    const { store } = this.#options
    const incident = incidentOfEvaluation(evaluation, await this.#open(evaluation.contractId, evaluation.level))
    await store.record(evaluation, incident)
    if (incident !== null) await this.#notify(incident)
  }

  /** Tells of the incident, and remembers when everybody had been told. */
  async #notify(incident: Incident): Promise<void> {
    const { events, store, clock } = this.#options
    await events.emit('sla.incident', { incident })
    if (incident.notifiedAt === null) await store.putIncident({ ...incident, notifiedAt: clock.now() })
  }

  /** The process may have died between an incident and its alert: the newest of each cause is told once more. */
  async #tellNewestAgain(): Promise<void> {
    if (this.#told) return
    const newest = new Map<string, Incident>()
    for (const incident of await this.#options.store.incidents())
      newest.set(JSON.stringify([incident.contractId, incident.cause]), incident)
    for (const incident of newest.values()) await this.#notify(incident)
    this.#told = true
  }

  async #open(contractId: string, cause: string): Promise<Incident | undefined> {
    const incidents = await this.#options.store.incidents(contractId)
    return incidents.find((incident) => incident.cause === cause && incident.resolvedAt === null)
  }

  async #isKnown({ contractId, id }: Incident): Promise<boolean> {
    return (await this.#options.store.incidents(contractId)).some((incident) => incident.id === id)
  }
}

/** The newest moment of the schedule since the last evaluation, or `null`; the first evaluation is due at once. */
function dueMoment({ schedule }: LevelPlan, before: LevelEvaluation | undefined, now: EpochMs): EpochMs | null {
  if (before === undefined) return now
  const cron = new Cron(schedule, { timezone: 'UTC', paused: true })
  const next = cron.nextRun(new Date(before.at))?.getTime() ?? Number.POSITIVE_INFINITY
  return next <= now ? next : null
}
