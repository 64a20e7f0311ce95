import { join } from 'node:path'
import { textOf } from '../../sources.ts'
import { asSubquery, substitute } from '../../sql-parameters.ts'
import type { SqlStep } from '../../step.ts'
import { sqlValues } from '../sql-values.ts'
import type { Executor } from '../task.ts'
import { dataVersionOf } from './training-set.ts'

/** Writes the result of a query to a Parquet file, in the order that the query gives. */
export const sqlExecutor: Executor<SqlStep> = {
  version: 1,
  cacheable: true,
  reads: (task) => dataVersionOf(task),
  async execute(task, work) {
    const { step, sources, ports } = task
    const file = join(work, `${step.output}.parquet`)
    await ports.engine.writeParquet(asSubquery(substitute(textOf(step.sql, sources), sqlValues(task))), file)
    return { outputs: { [step.output]: { type: 'artifact', ...(await ports.artifacts.put(file)) } } }
  },
}
