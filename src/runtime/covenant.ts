import { resolve } from 'node:path'
import { OnnxModelScorer } from '../adapters/embedded/model-scorer.ts'
import type { Contract } from '../contract/index.ts'
import { BatchMaterializer, OnlineFeatures, StreamFeatures } from '../features/index.ts'
import { type Clock, type Durability, EventBus, type JsonObject, randomId, systemClock } from '../kernel/index.ts'
import { LakeHop, type LakeStore, lakeMisfit, type SqlEngine } from '../lake/index.ts'
import { recordLineage } from '../metadata/index.ts'
import { Monitors, TrainingSetReference } from '../monitoring/index.ts'
import { type ContractChange, Registry, Subjects } from '../registry/index.ts'
import { Endpoint, recordServingLineage, ScoringHop } from '../serving/index.ts'
import { Auditor, ServiceLevels } from '../sla/index.ts'
import {
  deadLetterTopic,
  endOffsets,
  type NewRecord,
  type ProducerSequence,
  rawTopic,
  validatedTopic,
} from '../topic/index.ts'
import { type LedgerEntry, SqlPublishedRows, TriggerEngine } from '../triggers/index.ts'
import { ValidationHop } from '../validation/index.ts'
import { Warehouse } from '../warehouse/index.ts'
import { alertOnIncidents, alertOnPauses } from './alerts.ts'
import { type ApplyOptions, type ApplyResult, applyContracts, applyProject } from './apply.ts'
import { Loop } from './loop.ts'
import { orchestration } from './orchestration.ts'
import { loadProject, type Project } from './project.ts'
import { type UndoneStep, undoPush } from './push/undo.ts'
import { lockState } from './state-lock.ts'
import { type Analytics, openAnalytics, openStores, type Stores } from './stores.ts'
import { type Explanation, why } from './why.ts'

export interface CovenantOptions {
  readonly projectDir: string
  readonly stateDir: string
  readonly clock?: Clock
  readonly durability?: Durability
}

/** A project opened on a state folder: its stages wired together, and what users ask of them. */
export interface Covenant {
  readonly project: Project
  readonly clock: Clock
  readonly events: EventBus
  readonly stores: Stores
  readonly registry: Registry
  /** The schema registry: subjects of the contracts and of clients. */
  readonly subjects: Subjects
  readonly engine: SqlEngine
  readonly lake: LakeStore
  readonly loop: Loop
  readonly endpoints: ReadonlyMap<string, Endpoint>
  /** Registers the project's contracts, all or none, and deploys its pipelines. */
  apply(options: ApplyOptions): Promise<ApplyResult>
  /** Takes back a push that was broken off. */
  undoPush(): Promise<readonly UndoneStep[]>
  applyContracts(contracts: readonly Contract[]): Promise<readonly ContractChange[]>
  append(topic: string, records: readonly NewRecord[], sequence?: ProducerSequence): Promise<number>
  /** Asks for a run (ad hoc). The same `name` asks once, however often it is called. The next tick decides. */
  ask(pipeline: string, params: JsonObject, name?: string): Promise<LedgerEntry>
  why(predictionId: string): Promise<Explanation>
  close(): Promise<void>
}

/** The registry over a state folder's stores, for verbs that need no more than that. */
export function registryOf(
  stores: Pick<Stores, 'registryStore' | 'log'>,
  clock: Clock,
  events = new EventBus(),
): Registry {
  const { registryStore: store, log } = stores
  const ends = (topic: string) => endOffsets(log, rawTopic(topic))
  return new Registry({ store, clock, events, endOffsets: ends, misfit: lakeMisfit })
}

/** The schema registry over a state folder's stores. */
export function subjectsOf(stores: Pick<Stores, 'subjectStore'>, contracts: Registry): Subjects {
  return new Subjects({
    store: stores.subjectStore,
    contracts,
    topicNames: (topic) => ({
      raw: rawTopic(topic),
      validated: validatedTopic(topic),
      deadLetters: deadLetterTopic(topic),
    }),
  })
}

/**
 * Opens a project on a state folder. One process at a time works on a state folder.
 *
 * Throws `STATE_IN_USE`, `STATE_NOT_WRITABLE`, and what `loadProject` throws.
 *
 * @example
 * const covenant = await openCovenant({ projectDir: '.', stateDir: '.covenant' })
 * try { await covenant.apply({ planOnly: false }); await covenant.loop.tick() } finally { await covenant.close() }
 */
export async function openCovenant(options: CovenantOptions): Promise<Covenant> {
  const stateDir = resolve(options.stateDir)
  const project = await loadProject(options.projectDir)
  await using opening = new AsyncDisposableStack()
  const lock = lockState(stateDir)
  opening.defer(() => lock.release())
  const stores = await openStores({ stateDir, durability: options.durability ?? 'full' })
  opening.defer(() => stores.close())
  const analytics = await openAnalytics(stateDir)
  opening.defer(() => analytics.close())
  const clock = options.clock ?? systemClock
  // What was opened is closed again where the rest fails; from here on it belongs to the caller.
  const opened = opening.move()
  return wire({ project, stateDir, stores, analytics, clock, close: () => opened.disposeAsync() })
}

interface Opened {
  readonly project: Project
  readonly stateDir: string
  readonly stores: Stores
  readonly analytics: Analytics
  readonly clock: Clock
  readonly close: () => Promise<void>
}

function wire(opened: Opened): Covenant {
  const { project, stores, analytics, clock, close } = opened
  const { engine, lake } = analytics
  const { log } = stores
  const events = new EventBus()
  recordServingLineage(events, recordLineage(events, stores.lineage).record)
  const registry = registryOf(stores, clock, events)
  const subjects = subjectsOf(stores, registry)
  const scorer = new OnnxModelScorer()
  const { orchestrator, runner, python, offline } = orchestration({ ...opened, registry, scorer, events })
  const endpoints = new Map(
    project.endpoints.map((definition) => [
      definition.name,
      new Endpoint({
        definition,
        registry: stores.models,
        features: new OnlineFeatures({ store: stores.online }),
        scorer,
        files: stores.artifacts,
        events,
      }),
    ]),
  )
  alertOnIncidents(events, stores.monitors)
  alertOnPauses(events, stores.monitors)
  const levels = new ServiceLevels({
    ...{ engine, lake, log, store: stores.levels, publications: stores.sla, registry, clock, events },
  })
  const triggers = new TriggerEngine({
    triggers: project.triggers,
    ledger: stores.ledger,
    runs: stores.runs,
    points: stores.monitors,
    rows: new SqlPublishedRows({ engine, lake, publications: stores.sla }),
    state: stores.state,
    startRun: (request) => orchestrator.run(request),
    clock,
    events,
  })
  const loop = new Loop({
    project,
    clock,
    state: stores.state,
    log,
    registry,
    validation: new ValidationHop({
      ...{ log, registry, clock, events },
      ...{ deadLetters: stores.deadLetters, pauses: stores.pauses },
    }),
    streamFeatures: new StreamFeatures({ log, store: stores.online, registry, clock }),
    scoring: [...endpoints.values()].map((endpoint) => new ScoringHop({ endpoint, log, registry, clock, events })),
    lakeHop: new LakeHop({ log, registry, lake, clock, events }),
    auditor: new Auditor({ engine, lake, store: stores.sla, registry, clock, events }),
    levels,
    warehouse: new Warehouse({ engine, lake, publications: stores.sla, clock, events }),
    materializer: new BatchMaterializer({ engine, store: stores.online, clock, events }),
    monitors: new Monitors({
      engine,
      lake,
      store: stores.monitors,
      reference: new TrainingSetReference({ models: stores.models, runs: stores.runs, files: stores.artifacts }),
      features: offline,
      events,
    }),
    triggers,
  })
  return {
    project,
    clock,
    events,
    stores,
    registry,
    subjects,
    engine,
    lake,
    loop,
    endpoints,
    apply: (request) => applyProject({ project, stores, registry, python, events, clock }, request),
    undoPush: () => undoPush({ project, store: stores.pushes, registered: stores.registryStore }),
    applyContracts: (contracts) => applyContracts(contracts, { registry, log }),
    append: (topic, records, sequence) => log.append(topic, records, sequence),
    ask: (pipeline, params, name) => triggers.ask({ pipeline, params, id: name ?? randomId('ask') }),
    why: (predictionId) => why(predictionId, { project, stores, engine, lake }),
    async close() {
      runner.stop()
      for (const endpoint of endpoints.values()) await endpoint.close()
      await close()
    },
  }
}
