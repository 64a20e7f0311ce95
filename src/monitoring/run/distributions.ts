import type { SqlEngine } from '../../lake/index.ts'
import {
  type Bins,
  binCount,
  binsOf,
  countSql,
  DISTINCT_VALUES_MAX,
  summarySql,
  valuesSql,
} from '../plan/drift-bins.ts'

/** How the values of a relation's columns are distributed. */
export interface Distribution {
  readonly rows: number
  readonly bins: ReadonlyMap<string, Bins>
  /** By column; a count for each bin, the last one of nulls. */
  readonly counts: ReadonlyMap<string, readonly number[]>
}

/** The estimate of how many values are different is a few per cent off. */
const DISTINCT_ESTIMATE_MAX = DISTINCT_VALUES_MAX * 1.5

/** Chooses bins for each column and counts in them. */
export async function referenceDistribution(
  engine: SqlEngine,
  relation: string,
  columns: readonly string[],
): Promise<Distribution> {
  const [summary] = await engine.query(summarySql(relation, columns))
  const bins = new Map<string, Bins>()
  for (const [index, column] of columns.entries()) {
    const few = Number(summary![`distinct_${index}`]) <= DISTINCT_ESTIMATE_MAX
    const values = few ? (await engine.query(valuesSql(relation, column)))[0]!.values : null
    bins.set(
      column,
      binsOf({
        minimum: summary![`minimum_${index}`] as number | null,
        deciles: (summary![`deciles_${index}`] ?? []) as number[],
        values: few ? ((values ?? []) as number[]) : null,
      }),
    )
  }
  return { rows: Number(summary!.rows), bins, counts: await countInBins(engine, relation, bins) }
}

/** Counts another relation in the bins of the reference. */
export async function countInBins(
  engine: SqlEngine,
  relation: string,
  bins: ReadonlyMap<string, Bins>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  if (bins.size === 0) return new Map()
  const [row] = await engine.query(countSql(relation, bins))
  return new Map(
    [...bins].map(([column, each], index) => {
      const counts = new Array<number>(binCount(each)).fill(0)
      const histogram = (row![`bins_${index}`] ?? []) as readonly { key: number; value: number }[]
      for (const { key, value } of histogram) counts[key] = value
      return [column, counts]
    }),
  )
}
