import { AS_OF } from '../plan.ts'
import type { SqlLiteral } from '../sql-parameters.ts'
import type { Task } from './task.ts'

/** What `$name` stands for in a step's SQL: parameters, `as_of` as a timestamp, and inputs (files by their path). */
export function sqlValues({ params, inputs }: Task): Readonly<Record<string, SqlLiteral>> {
  return {
    ...params,
    [AS_OF]: { timestamp: String(params[AS_OF]) },
    ...Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.value])),
  }
}
