import { CovenantError, quoteText } from '../../kernel/index.ts'

const FORMATS: readonly (readonly [RegExp, string])[] = [
  [/\.parquet$/i, 'FORMAT parquet'],
  [/\.csv$/i, 'FORMAT csv, HEADER'],
  [/\.(ndjson|jsonl)$/i, 'FORMAT json'],
]

/**
 * SQL that writes the rows of a query to a file, whose ending says the format.
 *
 * @throws TEST_OUTPUT_UNKNOWN for any other ending
 */
export function copySql(query: string, file: string): string {
  return `COPY (${query}) TO ${quoteText(file)} (${outputFormat(file)})`
}

/** Throws where a file of failing rows cannot be of the format that its name says. */
export function outputFormat(file: string): string {
  const found = FORMATS.find(([ending]) => ending.test(file))
  if (found) return found[1]
  throw new CovenantError({
    code: 'TEST_OUTPUT_UNKNOWN',
    message: 'Failing rows are written as Parquet, CSV or NDJSON.',
    where: file,
    remedy: 'Give the file the ending .parquet, .csv or .ndjson.',
  })
}

/** The rows that break a rule, as they are, with the ids of the rules in a column of texts. */
export function failedRowsSql(
  relation: string,
  conditions: readonly { readonly id: string; readonly violated: string }[],
): string {
  const flags = conditions.map(({ id, violated }) => `CASE WHEN ${violated} THEN ${quoteText(id)} END`)
  return `SELECT * FROM (SELECT *, concat_ws('; ', ${flags.join(', ')}) AS covenant_rules FROM ${relation}) WHERE covenant_rules <> ''`
}
