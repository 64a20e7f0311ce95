import { isJsonObject, type Json } from '../../../kernel/index.ts'
import type { ModelVersion } from '../../../metadata/index.ts'
import type { ChampionBound, EvaluationReport, ModelGateStep, SliceBound } from '../../step.ts'
import { stepFailure } from '../failure.ts'
import type { Executor, Task } from '../task.ts'
import { type CheckOutcome, judge } from '../verdict.ts'

type Metrics = Readonly<Record<string, number>>

/** Compares a candidate with fixed bounds and with the champion, over all rows and slice by slice. */
export const modelGateExecutor: Executor<ModelGateStep> = {
  version: 1,
  cacheable: true,
  reads: async (task) => {
    const champion = await championOf(task)
    return champion ? { version: champion.version, metrics: champion.metrics } : null
  },
  async execute(task) {
    const { step } = task
    const report = reportOf(task)
    const champion = await championOf(task)
    return judge('The model gate', [
      ...boundOutcomes(step, report.metrics, step.floors, 'at least', (metric, bound) => metric >= bound),
      ...boundOutcomes(step, report.metrics, step.ceilings, 'at most', (metric, bound) => metric <= bound),
      ...(step.champion && champion ? [championOutcome(step, step.champion, report, champion)] : []),
      ...(step.slices ? sliceOutcomes(step, step.slices, report) : []),
    ])
  },
}

async function championOf({ step, ports }: Task<ModelGateStep>): Promise<ModelVersion | undefined> {
  return step.champion ? ports.models.byAlias(step.champion.model, step.champion.alias) : undefined
}

/** The report, or plain metrics taken as one. */
function reportOf({ step, inputs }: Task<ModelGateStep>): EvaluationReport {
  const report = inputs.report?.value ?? null
  if (isJsonObject(report) && isMetrics(report.metrics)) return report as unknown as EvaluationReport
  if (isMetrics(report)) return { metrics: report }
  throw stepFailure(step.name, 'its report is no evaluation report: it needs "metrics" with numbers by name.')
}

function isMetrics(value: Json | undefined): value is Metrics {
  return isJsonObject(value) && Object.values(value).every((metric) => typeof metric === 'number')
}

function boundOutcomes(
  step: ModelGateStep,
  metrics: Metrics,
  bounds: Metrics,
  words: string,
  holds: (metric: number, bound: number) => boolean,
): readonly CheckOutcome[] {
  return Object.entries(bounds).map(([name, bound]) => {
    const observed = metricOf(step, metrics, name, 'the report')
    return { name, observed, expected: `${words} ${bound}`, passed: holds(observed, bound) }
  })
}

function championOutcome(
  step: ModelGateStep,
  bound: ChampionBound,
  report: EvaluationReport,
  champion: ModelVersion,
): CheckOutcome {
  const label = `champion ${champion.model}@${champion.version}`
  const reference = metricOf(step, report.champion ?? champion.metrics, bound.metric, label)
  const observed = metricOf(step, report.metrics, bound.metric, 'the report')
  return regressionOutcome(bound.metric, observed, reference, label, bound)
}

function sliceOutcomes(step: ModelGateStep, bound: SliceBound, report: EvaluationReport): readonly CheckOutcome[] {
  if (!report.slices) throw stepFailure(step.name, 'it compares slices, but the report has none.')
  return Object.entries(report.slices).flatMap(([name, { rows, metrics, champion }]) => {
    const observed = metrics[bound.metric]
    const reference = champion?.[bound.metric]
    if (rows < bound.minRows || observed === undefined || reference === undefined) return []
    return [regressionOutcome(`${bound.metric} of ${name} (${rows} rows)`, observed, reference, 'the champion', bound)]
  })
}

function regressionOutcome(
  name: string,
  observed: number,
  reference: number,
  label: string,
  { better, maxRegression }: Pick<ChampionBound, 'better' | 'maxRegression'>,
): CheckOutcome {
  const worse = better === 'higher' ? reference - observed : observed - reference
  const shown = Number(reference.toPrecision(6))
  return {
    name,
    observed,
    expected: `at most ${maxRegression} worse than ${label} (${shown})`,
    passed: worse <= maxRegression,
  }
}

function metricOf(step: ModelGateStep, metrics: Metrics, name: string, where: string): number {
  const metric = metrics[name]
  if (typeof metric === 'number') return metric
  throw stepFailure(step.name, `${where} has no metric "${name}" to judge.`)
}
