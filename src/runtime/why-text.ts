import { toIso } from '../kernel/index.ts'
import type { LineageEdge, LineageNode, ModelVersion, Run } from '../metadata/index.ts'
import type { Explanation, FeatureOrigin, RecordOrigin } from './explanation.ts'

/** An explanation as a tree for a terminal, nearest first. */
export function describe(found: Omit<Explanation, 'lines'>): readonly string[] {
  const { prediction, recorded, scored, model, run, upstream, features } = found
  const label = prediction.label == null ? '' : `, label ${prediction.label}`
  return [
    `prediction ${prediction.prediction_id}: score ${Number(prediction.score).toFixed(4)}${label} at ${prediction.scored_at}`,
    `├─ recorded as ${recordText(recorded)}`,
    ...(scored ? [`├─ scored event ${recordText(scored)}`, `│     ${JSON.stringify(scored.event)}`] : []),
    ...modelLines(model, run, upstream),
    '└─ features',
    ...features.flatMap((origin, index) => featureLines(origin, index === features.length - 1)),
  ]
}

function recordText({ source, contract, contractVersion }: RecordOrigin): string {
  return `${source} (contract ${contract} ${contractVersion})`
}

function modelLines(model: ModelVersion | null, run: Run | null, upstream: readonly LineageEdge[]): readonly string[] {
  if (!model) return ['├─ model: not in the registry of this state']
  const metrics = Object.entries(model.metrics).map(([name, value]) => `, ${name} ${value.toFixed(4)}`)
  const made = [
    ...(run ? [`run ${run.id} (${run.trigger}, ${toIso(run.startedAt)}, ${run.outcome ?? 'running'})`] : []),
    ...(run ? [`pipeline ${run.pipeline} ${run.pipelineVersion.slice(0, 12)}`] : []),
    ...datasetLines(upstream),
  ]
  return [
    `├─ model ${model.model} v${model.version}${metrics.join('')}, file ${model.artifact.slice(0, 12)}`,
    ...made.map((line, index) => `│  ${index === made.length - 1 ? '└─' : '├─'} ${line}`),
  ]
}

/** The datasets of the run, and what they were made from directly. */
function datasetLines(upstream: readonly LineageEdge[]): readonly string[] {
  const datasets = idsOf(upstream.map(({ from }) => from).filter(({ kind }) => kind === 'dataset'))
  const direct = upstream.filter(({ to }) => to.kind === 'dataset').map(({ from }) => from)
  const kinds = [
    ['feature views', 'feature-view'],
    ['snapshots', 'snapshot'],
    ['contracts', 'contract'],
  ] as const
  return [
    ...datasets.map((id) => `dataset ${id}`),
    ...kinds.flatMap(([words, kind]) => {
      const ids = idsOf(direct.filter((node) => node.kind === kind))
      return ids.length > 0 ? [`${words} ${ids.join(', ')}`] : []
    }),
  ]
}

function idsOf(nodes: readonly LineageNode[]): readonly string[] {
  return [...new Set(nodes.map(({ id }) => id))].sort()
}

function featureLines(origin: FeatureOrigin, last: boolean): readonly string[] {
  const { view, viewHash, declaredHash, values } = origin
  const changed = declaredHash ? `; the project declares ${declaredHash.slice(0, 8)} now` : ''
  return [
    `   ${last ? '└─' : '├─'} ${view} ${viewHash.slice(0, 8)}: ${originText(origin)}${changed}`,
    ...Object.entries(values).map(
      ([name, value]) => `   ${last ? ' ' : '│'}     ${name.slice(view.length + 2)} = ${JSON.stringify(value)}`,
    ),
  ]
}

function originText({ batch, events }: FeatureOrigin): string {
  if (batch) {
    const from = batch.tables.length > 0 ? ` ← ${batch.tables.join(', ')}` : ''
    return batch.materializedAt
      ? `materialised ${batch.materializedAt} from warehouse.${batch.model}${from}`
      : `no row for this key was materialised from warehouse.${batch.model}`
  }
  if (!events) return 'from the scored event itself'
  if (events.count === 0) return `no record of ${events.topic} in the window`
  const versions = events.contractVersions.join(', ')
  return `${events.count} records of ${events.topic} (contract ${versions}), ${events.first} … ${events.last}`
}
