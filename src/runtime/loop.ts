import { type BatchMaterializer, isBatch, isStream, type StreamFeatures } from '../features/index.ts'
import type { Clock, EpochMs } from '../kernel/index.ts'
import type { LakeHop } from '../lake/index.ts'
import type { StateStore } from '../metadata/index.ts'
import type { Monitors } from '../monitoring/index.ts'
import type { Registry } from '../registry/index.ts'
import type { ScoringHop } from '../serving/index.ts'
import type { Auditor, ServiceLevels } from '../sla/index.ts'
import type { NewRecord, ProducerSequence, TopicLog } from '../topic/index.ts'
import type { TriggerEngine } from '../triggers/index.ts'
import type { ValidationHop } from '../validation/index.ts'
import type { Warehouse } from '../warehouse/index.ts'
import type { Project } from './project.ts'
import { type Job, Scheduler } from './scheduler.ts'

export interface LoopParts {
  readonly project: Project
  readonly clock: Clock
  readonly state: StateStore
  readonly log: TopicLog
  readonly registry: Registry
  readonly validation: ValidationHop
  readonly streamFeatures: StreamFeatures
  readonly scoring: readonly ScoringHop[]
  readonly lakeHop: LakeHop
  readonly auditor: Auditor
  readonly levels: ServiceLevels
  readonly warehouse: Warehouse
  readonly materializer: BatchMaterializer
  readonly monitors: Monitors
  readonly triggers: TriggerEngine
}

/**
 * The stages in the order the data flows, driven by time alone. A tick takes in everything that has arrived and does
 * everything that is due; repeating a tick that was cut short gives what the whole tick would have given.
 */
export class Loop {
  readonly #parts: LoopParts
  readonly #scheduler: Scheduler

  constructor(parts: LoopParts) {
    this.#parts = parts
    this.#scheduler = new Scheduler(jobsOf(parts), parts.state)
  }

  /** Nothing that was due before `start` is made up for; needed once for a new state. */
  async begin(start: EpochMs): Promise<void> {
    await this.#scheduler.begin(start)
  }

  /** Appends records to a raw topic, as a producer would. Returns how many were new. */
  append(topic: string, records: readonly NewRecord[], sequence?: ProducerSequence): Promise<number> {
    return this.#parts.log.append(topic, records, sequence)
  }

  /** One pass of the whole loop at the clock's present moment. */
  async tick(): Promise<void> {
    const { project, registry, validation, streamFeatures, scoring, triggers, clock } = this.#parts
    const topics = (await registry.all()).map(({ contract }) => contract.topic)
    const predictions = new Set(project.endpoints.map((endpoint) => endpoint.predictions))
    for (const topic of topics) if (!predictions.has(topic)) await validation.run(topic)
    for (const view of project.featureViews.filter(isStream))
      if (topics.includes(view.source.topic)) await streamFeatures.run(view)
    for (const hop of scoring) await hop.run()
    for (const topic of topics) if (predictions.has(topic)) await validation.run(topic)
    await this.#scheduler.runDue(clock.now())
    await triggers.evaluate(clock.now())
  }
}

/** What runs on a schedule; jobs due at one moment run in this order. */
function jobsOf(parts: LoopParts): readonly Job[] {
  const { project, lakeHop, auditor, levels, warehouse, materializer, monitors } = parts
  const { schedule } = project.config
  return [
    { name: 'lake', cron: schedule.lake, run: async () => void (await lakeHop.run()) },
    {
      name: 'audit',
      cron: schedule.audit,
      run: async () => {
        await auditor.run()
        await levels.run()
        await warehouse.build(project.models)
      },
    },
    ...project.featureViews.filter(isBatch).map((view) => ({
      name: `features/${view.name}`,
      cron: view.source.schedule,
      run: async (due: EpochMs) => void (await materializer.run(view, due)),
    })),
    ...project.monitors.map((monitor) => ({
      name: `monitor/${monitor.name}`,
      cron: monitor.schedule,
      run: (due: EpochMs) => monitors.run(monitor, due),
    })),
  ]
}
