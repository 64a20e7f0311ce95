import { quoteName } from '../../kernel/index.ts'
import { double } from './sql-text.ts'

/** A numeric column with few different values has a bin for each, others deciles of the reference. */
export const DISTINCT_VALUES_MAX = 20

/**
 * How values of one column are counted. `values`: a bin for each, and one for all others. `edges`: bins
 * `(−∞, e₁)`, `[e₁, e₂)` … `[eₖ, ∞)`. Both have one more bin, for nulls, at the end.
 */
export type Bins =
  | { readonly type: 'values'; readonly values: readonly number[] }
  | { readonly type: 'edges'; readonly edges: readonly number[] }

/** What `summarySql` tells of a column. */
export interface ColumnSummary {
  readonly minimum: number | null
  readonly deciles: readonly number[]
  /** All values, sorted, where there may be few of them; else `null`. */
  readonly values: readonly number[] | null
}

/** Bins that hold about a tenth of the reference each. */
export function binsOf({ minimum, deciles, values }: ColumnSummary): Bins {
  if (values !== null && values.length <= DISTINCT_VALUES_MAX) return { type: 'values', values }
  // An edge at the minimum would leave the first bin empty; equal edges would leave empty ones between them.
  const edges = [...new Set(deciles)].filter((edge) => edge > (minimum ?? Number.NEGATIVE_INFINITY))
  return { type: 'edges', edges }
}

export function binCount(bins: Bins): number {
  return (bins.type === 'values' ? bins.values.length + 1 : bins.edges.length + 1) + 1
}

/** SQL that gives `minimum_<i>`, `deciles_<i>` and `distinct_<i>` (estimated) of each column, and `rows`. */
export function summarySql(relation: string, columns: readonly string[]): string {
  const deciles = '[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]'
  const parts = columns.map((column, index) => {
    const value = `${quoteName(column)}::DOUBLE`
    return `min(${value}) AS minimum_${index}, quantile_disc(${value}, ${deciles}) AS deciles_${index}, approx_count_distinct(${value}) AS distinct_${index}`
  })
  return `SELECT count(*) AS rows, ${parts.join(', ')} FROM ${relation}`
}

/** SQL that gives all values of a column, sorted, as `values`. */
export function valuesSql(relation: string, column: string): string {
  const value = `${quoteName(column)}::DOUBLE`
  return `SELECT list_sort(list(DISTINCT ${value})) AS values FROM ${relation} WHERE ${quoteName(column)} IS NOT NULL`
}

/** SQL that counts each column in its bins, in one pass: `bins_<i>` maps bins to counts, in the order of `bins`. */
export function countSql(relation: string, bins: ReadonlyMap<string, Bins>): string {
  const counts = [...bins].map(
    ([column, columnBins], index) =>
      `histogram(${binSql(`${quoteName(column)}::DOUBLE`, columnBins)}) AS bins_${index}`,
  )
  return `SELECT ${counts.join(',\n')} FROM ${relation}`
}

function binSql(value: string, bins: Bins): string {
  const cases =
    bins.type === 'values'
      ? bins.values.map((each, bin) => `WHEN ${value} = ${double(each)} THEN ${bin}`)
      : bins.edges.map((edge, bin) => `WHEN ${value} < ${double(edge)} THEN ${bin}`)
  return `CASE WHEN ${value} IS NULL THEN ${binCount(bins) - 1} ${cases.join(' ')} ELSE ${cases.length} END`
}
