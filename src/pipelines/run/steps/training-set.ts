import { join } from 'node:path'
import type { Json } from '../../../kernel/index.ts'
import { textOf } from '../../sources.ts'
import { asSubquery, substitute } from '../../sql-parameters.ts'
import type { TrainingSetStep } from '../../step.ts'
import { sqlValues } from '../sql-values.ts'
import { type Executor, type StepOutput, type Task, value } from '../task.ts'

/** Writes the training set, ordered by all its columns: the same rows make the same file, hence the same artifact. */
export const trainingSetExecutor: Executor<TrainingSetStep> = {
  version: 1,
  cacheable: true,
  reads: (task) => dataVersionOf(task),
  async execute(task, work) {
    const { step, sources, ports } = task
    const all = join(work, 'all.parquet')
    const spine = substitute(textOf(step.spine, sources), sqlValues(task))
    await ports.trainingSets.writeTrainingSet(step.service, asSubquery(spine), all)
    const outputs: Record<string, StepOutput> = { features: value([...step.service.featureNames]) }
    const rows: Record<string, number> = {}
    for (const [name, condition] of partsOf(step)) {
      const file = join(work, `${name}.parquet`)
      const where = substitute(condition, sqlValues(task))
      rows[name] = await ports.engine.writeParquet(
        `SELECT * FROM read_parquet(${substitute('$file', { file: all })}) WHERE ${where} ORDER BY ALL`,
        file,
      )
      outputs[name] = { type: 'artifact', ...(await ports.artifacts.put(file)) }
    }
    outputs.rows = value(rows)
    return { outputs }
  },
}

/** Snapshot ids of everything published, by table: what a query over published data follows from. */
export async function dataVersionOf({ ports }: Task): Promise<Json> {
  const tables = await ports.trainingSets.dataVersion()
  return Object.fromEntries(tables.map(({ table, snapshotId }) => [table, snapshotId]))
}

/** A row for which the condition is unknown is none of the holdout. */
function partsOf({ holdout }: TrainingSetStep): readonly (readonly [string, string])[] {
  if (holdout === null) return [['train', 'TRUE']]
  return [
    ['train', `NOT coalesce((${holdout}\n), FALSE)`],
    ['holdout', `coalesce((${holdout}\n), FALSE)`],
  ]
}
