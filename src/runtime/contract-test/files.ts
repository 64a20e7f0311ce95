import { globSync, statSync } from 'node:fs'
import { CovenantError, quoteName, quoteText } from '../../kernel/index.ts'
import { jsonRecords } from './records.ts'
import type { TestSource } from './source.ts'

export const FORMATS = ['csv', 'json', 'parquet', 'duckdb', 'postgres'] as const
export type DataFormat = (typeof FORMATS)[number]

const ENDINGS: readonly (readonly [RegExp, DataFormat])[] = [
  [/\.(csv|tsv|txt)(\.gz)?$/i, 'csv'],
  [/\.(json|ndjson|jsonl)(\.gz)?$/i, 'json'],
  [/\.(parquet|pq)$/i, 'parquet'],
  [/\.(duckdb|ddb|db)$/i, 'duckdb'],
]

const CSV_ROWS = 'covenant_csv'
const CSV_REJECTS = 'covenant_csv_rejects'
const CSV_LINE_BYTES_MAX = 16 * 1024 * 1024

/**
 * The data behind a path (globs allowed) or URL. The format follows from its ending, or is given.
 *
 * @param table Of a database: the table or view, `schema.table` where it needs a schema.
 */
export function dataSource(data: string, format: DataFormat | undefined, table: string): TestSource {
  const chosen = format ?? formatOf(data)
  if (chosen === 'postgres') return postgresSource(data, table)
  const isRemote = /^(s3|https?|gcs|r2):\/\//.test(data)
  const files = isRemote ? [data] : expand(data)
  if (chosen === 'json') return jsonSource(data, files, isRemote)
  const extensions = isRemote ? ['httpfs'] : []
  const list = `[${files.map(quoteText).join(', ')}]`
  const base = { name: data, kind: 'columns', isText: chosen === 'csv', rejects: null, extensions } as const
  if (chosen === 'parquet') return { ...base, relation: `read_parquet(${list}, union_by_name = true)`, statements: [] }
  if (chosen === 'duckdb')
    return {
      ...base,
      relation: tableIn('source', table),
      statements: [`ATTACH ${quoteText(files[0]!)} AS source (READ_ONLY)`],
    }
  return { ...base, relation: CSV_ROWS, rejects: CSV_REJECTS, statements: [csvRows(list)] }
}

/**
 * The texts of CSV files as a table, read once: an unquoted empty field is null, a quoted one an empty text. Lines that
 * are no row (too many fields, no UTF-8 …) stand in a table of rejects.
 */
function csvRows(list: string): string {
  const options = `all_varchar = true, header = true, allow_quoted_nulls = false, store_rejects = true, rejects_table = '${CSV_REJECTS}', max_line_size = ${CSV_LINE_BYTES_MAX}`
  return `CREATE TEMP TABLE ${CSV_ROWS} AS SELECT row_number() OVER () AS covenant_row, * FROM read_csv(${list}, ${options})`
}

/** A table of PostgreSQL, read only. */
export function postgresSource(connection: string, table: string): TestSource {
  return {
    name: `${connection.replace(/\/\/[^@/]*@/, '//').replace(/password=\S+\s?/, '')} ${table}`,
    kind: 'columns',
    relation: tableIn('source', table),
    isText: false,
    rejects: null,
    extensions: ['postgres_scanner'],
    statements: [`ATTACH ${quoteText(connection)} AS source (TYPE postgres, READ_ONLY)`],
  }
}

function jsonSource(name: string, files: readonly string[], isRemote: boolean): TestSource {
  if (isRemote) throw unreadable(name, 'JSON is read from files.', 'Copy it to this machine first.')
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0)
  return { name, kind: 'records', bytes, read: () => jsonRecords(files) }
}

function tableIn(database: string, table: string): string {
  return [database, ...table.split('.')].map(quoteName).join('.')
}

function formatOf(data: string): DataFormat {
  if (/^postgres(ql)?:\/\//.test(data)) return 'postgres'
  const found = ENDINGS.find(([ending]) => ending.test(data))
  if (found) return found[1]
  throw unreadable(data, 'The format does not follow from the name.', `Give it with --format: ${FORMATS.join(', ')}.`)
}

function expand(data: string): readonly string[] {
  const files = (/[*?[{]/.test(data) ? globSync(data) : [data]).sort()
  if (files.length === 0)
    throw unreadable(data, 'No file matches.', 'Check the pattern; quote it, so that the shell leaves it alone.')
  for (const file of files) {
    const found = statSync(file, { throwIfNoEntry: false })
    if (!found?.isFile())
      throw unreadable(file, found ? 'This is no file.' : 'There is no such file.', 'Check the path.')
    if (found.size === 0) throw unreadable(file, 'The file is empty.', 'Check what should have written it.')
  }
  return files
}

function unreadable(where: string, message: string, remedy: string): CovenantError {
  return new CovenantError({ code: 'TEST_DATA_UNREADABLE', message, where, remedy })
}
