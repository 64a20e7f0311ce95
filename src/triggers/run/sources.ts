import { contentHash, type EpochMs, type EventBus, stableId, toIso } from '../../kernel/index.ts'
import type { MonitorStore } from '../../monitoring/index.ts'
import type {} from '../../warehouse/index.ts'
import {
  type CronSource,
  type DataSource,
  type MetricSource,
  newestDue,
  nextDue,
  type SignalSourceDefinition,
  type Trigger,
} from '../define.ts'
import { metricSignals } from '../plan/metric-windows.ts'
import type { PublishedRows, Signal } from '../ports.ts'

/** Where a source has got to, and what happened since `last`. A repeated look gives the same signals. */
interface Look {
  readonly last: string
  readonly signals: readonly Signal[]
}

/** Something that is looked at for signals. What it has seen is remembered by its `key`. */
export interface SignalSource {
  readonly key: string
  /** Whether a look can find anything. */
  due(now: EpochMs): boolean
  /** `last` is undefined at the first look ever: what lies before it makes no signal. */
  look(now: EpochMs, last: string | undefined): Promise<Look>
}

export interface SourceOptions {
  readonly points: Pick<MonitorStore, 'points'>
  readonly rows: PublishedRows
  readonly events: EventBus
}

/** The sources of a trigger that are looked at; ad-hoc signals come by themselves. */
export function signalSources(trigger: Trigger, options: SourceOptions): readonly SignalSource[] {
  return trigger.on.flatMap((source) => {
    if (source.kind === 'cron') return [cronSource(trigger, source)]
    if (source.kind === 'metric') return [metricSource(trigger, source, options)]
    if (source.kind === 'data') return [dataSource(trigger, source, options)]
    return []
  })
}

function cronSource(trigger: Trigger, source: CronSource): SignalSource {
  let next = Number.NEGATIVE_INFINITY
  return {
    key: keyOf(trigger, source),
    due: (now) => now >= next,
    async look(now, last) {
      next = nextDue(source.expression, now)
      const due = newestDue(source.expression, now)
      if (last === undefined || due === undefined || due <= Number(last))
        return { last: last ?? String(now), signals: [] }
      return { last: String(due), signals: [signal(trigger, source, due, due, `cron ${source.expression}`)] }
    },
  }
}

function metricSource(trigger: Trigger, source: MetricSource, { points: store, events }: SourceOptions): SignalSource {
  let changed = true
  events.on('monitoring.points', ({ monitor }) => {
    if (monitor === source.monitor) changed = true
  })
  return {
    key: keyOf(trigger, source),
    due: () => changed,
    async look(now, last) {
      changed = false
      const points = (await store.points(source.monitor, source.metric))
        .filter((point) => point.subject === source.subject)
        .sort((a, b) => a.windowEnd - b.windowEnd)
      const newest = points.at(-1)?.windowEnd
      const found = metricSignals(source, points).filter(({ windowEnd }) => windowEnd > Number(last ?? now))
      return {
        last: String(Math.max(newest ?? 0, Number(last ?? now))),
        signals: found.map(({ windowEnd, cause }) => signal(trigger, source, windowEnd, now, cause)),
      }
    },
  }
}

/** Counts in whole steps of `rows`, so that a look after a crash finds the same step and gives the same signal. */
function dataSource(trigger: Trigger, source: DataSource, { rows, events }: SourceOptions): SignalSource {
  let changed = true
  const note = () => {
    changed = true
  }
  events.on('warehouse.model-built', note)
  events.on('sla.audited', note)
  const name = 'model' in source.counted ? `model ${source.counted.model}` : `topic ${source.counted.topic}`
  return {
    key: keyOf(trigger, source),
    due: () => changed,
    async look(now, last) {
      changed = false
      const count = await rows.count(source.counted)
      const step = Math.floor(count / source.rows)
      if (last === undefined || step <= Number(last)) return { last: last ?? String(step), signals: [] }
      const cause = `${name} has ${count} rows, ${source.rows} or more since the last data signal`
      return { last: String(step), signals: [signal(trigger, source, step, now, cause)] }
    },
  }
}

/** A changed definition is another source and begins anew. */
function keyOf(trigger: Trigger, source: SignalSourceDefinition): string {
  return `signal/${trigger.name}/${source.kind}/${contentHash(source).slice(0, 12)}`
}

function signal(
  trigger: Trigger,
  source: SignalSourceDefinition,
  occurrence: number,
  at: EpochMs,
  cause: string,
): Signal {
  const id = stableId('signal', trigger.name, source, occurrence)
  return { id, kind: source.kind, pipeline: trigger.pipeline, at, cause, params: {} }
}

/** An ad-hoc signal. `request` tells the same request from another one: given twice, it counts once. */
export function adHocSignal(
  pipeline: string,
  request: string,
  at: EpochMs,
  params: Signal['params'] = {},
  cause = `asked for at ${toIso(at)}`,
): Signal {
  return { id: stableId('signal', pipeline, 'ad-hoc', request), kind: 'ad-hoc', pipeline, at, cause, params }
}
