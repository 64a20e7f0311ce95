import {
  contractNode,
  datasetNode,
  edge,
  featureViewNode,
  type LineageEdge,
  type LineageNode,
  modelNode,
  type Run,
  runNode,
  snapshotNode,
  topicNode,
  warehouseTableNode,
} from '../../metadata/index.ts'
import { validatedTopic } from '../../topic/index.ts'
import type { PublishedTable } from '../ports.ts'
import type { TrainingSetStep } from '../step.ts'
import type { StepOutputs, Task } from './task.ts'

/**
 * What a finished step adds to the graph: snapshots, contract versions and feature views → dataset → run for a step
 * that makes data, run → model version for a registration. Other steps are in the run's own record.
 */
export async function stepEdges(task: Task, outputs: StepOutputs): Promise<readonly LineageEdge[]> {
  const { step, run } = task
  switch (step.kind) {
    case 'training-set':
    case 'sql': {
      const origins = [...originsOf(await task.ports.trainingSets.dataVersion()), ...inputDatasets(task)]
      const views = step.kind === 'training-set' ? viewsOf(step, run) : []
      const made = datasetsOf(task, outputs)
      return [
        ...views,
        ...made.flatMap((dataset) => [
          ...origins.map((origin) => edge(origin, dataset, run.startedAt)),
          ...views.map(({ to: view }) => edge(view, dataset, run.startedAt)),
          edge(dataset, runNode(run.id), run.startedAt),
        ]),
      ]
    }
    case 'register': {
      const { version } = outputs
      if (version?.type !== 'value') return []
      const { model, version: number } = version.value as { model: string; version: number }
      return [edge(runNode(run.id), modelNode(model, number), run.startedAt)]
    }
    default:
      return []
  }
}

function originsOf(tables: readonly PublishedTable[]): readonly LineageNode[] {
  return tables
    .filter(({ snapshotId }) => snapshotId > 0)
    .flatMap(({ table, topic, snapshotId, contractVersions }) => [
      snapshotNode(table, snapshotId),
      ...contractVersions.map((version) => contractNode(topic, version)),
    ])
}

/** Each view of the training set's service, fed by its warehouse model or topic. */
function viewsOf({ service }: TrainingSetStep, run: Run): readonly LineageEdge[] {
  return service.views.flatMap((view) => {
    if (view.kind !== 'feature-view') return []
    const { source } = view
    const origin = source.type === 'batch' ? warehouseTableNode(source.model) : topicNode(validatedTopic(source.topic))
    return [edge(origin, featureViewNode(view.name, view.hash), run.startedAt)]
  })
}

function datasetsOf({ plan, step }: Task, outputs: StepOutputs): readonly LineageNode[] {
  return Object.entries(outputs).flatMap(([name, output]) =>
    output.type === 'artifact' ? [datasetNode(`${plan.name}.${step.name}.${name}`, output.sha256)] : [],
  )
}

function inputDatasets({ plan, step, inputs }: Task): readonly LineageNode[] {
  return Object.entries(step.inputs).flatMap(([name, input]) => {
    const artifact = inputs[name]?.artifact
    return input.type === 'output' && artifact
      ? [datasetNode(`${plan.name}.${input.step}.${input.output}`, artifact.sha256)]
      : []
  })
}
