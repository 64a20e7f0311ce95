import {
  columnsSql,
  DocumentObserver,
  type Draft,
  draftOfEvidence,
  evidenceOf,
  hasFewValues,
  type SourceColumn,
  valuesSql,
} from '../contract/index.ts'
import { CovenantError, type Json, messageOf, quoteText } from '../kernel/index.ts'
import type { SqlEngine } from '../lake/index.ts'
import type { TestSource } from './contract-test/source.ts'
import { duckDbExtensionFolders } from './installation.ts'

export interface InferOptions {
  /** Name of the draft: topic and contract. */
  readonly name: string
  /** Whether bounds that were seen become rules. */
  readonly tight: boolean
  /** Told the bytes of records that were read, from time to time. */
  readonly onProgress?: (bytes: number) => void
}

/**
 * Looks at all records of a source and drafts a contract for them.
 *
 * Throws `TEST_DATA_UNREADABLE`.
 */
export async function inferContract(source: TestSource, options: InferOptions): Promise<Draft> {
  if (source.kind === 'records') return fromRecords(source, options)
  return withEngine(source, (engine, columns) => inferColumns(engine, columns, options))
}

async function fromRecords(source: Extract<TestSource, { kind: 'records' }>, options: InferOptions): Promise<Draft> {
  const observer = new DocumentObserver()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let bytes = 0
  let unreadable = 0
  for await (const batch of source.read()) {
    for (const { value } of batch) {
      bytes += value?.length ?? 0
      try {
        if (value !== null) observer.see(JSON.parse(decoder.decode(value)) as Json)
      } catch {
        // It is counted, and told in a note: it would be a dead letter.
        unreadable++
      }
    }
    options.onProgress?.(bytes)
  }
  if (observer.records === 0) throw nothingIn(source.name)
  const draft = draftOfEvidence(options.name, observer.fields(), observer.records, options)
  const refused = unreadable + observer.others
  if (refused === 0) return draft
  const message = `${refused} records are no JSON objects: they would be dead letters.`
  return { ...draft, notes: [{ path: '', message }, ...draft.notes] }
}

type ColumnSource = Extract<TestSource, { kind: 'columns' }>

/** Reads a source of columns with an engine of its own. */
async function withEngine(
  source: ColumnSource,
  read: (engine: SqlEngine, source: ColumnSource) => Promise<Draft>,
): Promise<Draft> {
  const { extensions, statements, relation, name } = source
  const { openDataEngine } = await import('../adapters/embedded/duckdb-data.ts')
  const { engine, close } = await openDataEngine({ extensions, statements, extensionDirs: duckDbExtensionFolders() })
  try {
    return await read(engine, source)
  } catch (cause) {
    if (cause instanceof CovenantError && cause.code === 'TEST_DATA_UNREADABLE') throw cause
    throw new CovenantError({
      code: 'TEST_DATA_UNREADABLE',
      message: `The data cannot be read: ${messageOf(cause)}`,
      where: name,
      remedy: `Check that it is there; it is read as ${relation.slice(0, 120)}. The table of a database is named with --table.`,
      cause,
    })
  } finally {
    await close()
  }
}

/** CSV rows carry a number that is no column of the file. */
const OWN_COLUMNS: readonly string[] = ['covenant_row']

async function columnsOf(engine: SqlEngine, relation: string): Promise<readonly SourceColumn[]> {
  const described = await engine.query(`DESCRIBE SELECT * FROM ${relation}`)
  return described
    .map((row) => ({ name: String(row.column_name), type: String(row.column_type) }))
    .filter((column) => !OWN_COLUMNS.includes(column.name))
}

async function inferColumns(
  engine: SqlEngine,
  { relation, name, rejects }: ColumnSource,
  options: InferOptions,
): Promise<Draft> {
  const columns = await columnsOf(engine, relation)
  const [figures] = await engine.query(columnsSql(relation, columns))
  if (figures === undefined || Number(figures.rows) === 0) throw nothingIn(name)
  const fields = []
  for (const [index, column] of columns.entries()) {
    const few = hasFewValues(column, index, figures)
    const values = few ? (await engine.query(valuesSql(relation, column))).map(({ value }) => String(value)) : null
    fields.push(evidenceOf(column, index, figures, values))
  }
  const draft = draftOfEvidence(options.name, fields, Number(figures.rows), options)
  const refused = rejects === null ? 0 : await linesRefused(engine, rejects)
  if (refused === 0) return draft
  const message = `${refused} lines are no rows and were left out: covenant contract test names them.`
  return { ...draft, notes: [{ path: '', message }, ...draft.notes] }
}

async function linesRefused(engine: SqlEngine, rejects: string): Promise<number> {
  const [count] = await engine.query(`SELECT count(DISTINCT (file_id, line)) AS lines FROM ${rejects}`)
  return Number(count!.lines)
}

/**
 * Drafts a contract from the schema of a Parquet file, a table or a view, whatever rows it holds. A column of a Parquet
 * file is required where the file says so.
 */
export async function importColumns(source: TestSource, options: Pick<InferOptions, 'name'>): Promise<Draft> {
  if (source.kind === 'records') throw nothingIn(source.name)
  return withEngine(source, async (engine, { relation, name }) => {
    const required = await requiredColumns(engine, name)
    const fields = (await columnsOf(engine, relation)).map((column, index) =>
      evidenceOf(column, index, { rows: 1, [`present_${index}`]: required.has(column.name) ? 1 : 0 }, null),
    )
    const { evidence: _, stream: __, ...draft } = draftOfEvidence(options.name, fields, Number.POSITIVE_INFINITY)
    return { ...draft, properties: draft.properties.map(({ primaryKey: ___, ...property }) => property) }
  })
}

async function requiredColumns(engine: SqlEngine, file: string): Promise<ReadonlySet<string>> {
  if (!/\.(parquet|pq)$/i.test(file)) return new Set()
  const rows = await engine.query(
    `SELECT name FROM parquet_schema(${quoteText(file)}) WHERE repetition_type = 'REQUIRED'`,
  )
  return new Set(rows.map(({ name }) => String(name)))
}

function nothingIn(where: string): CovenantError {
  return new CovenantError({
    code: 'TEST_DATA_UNREADABLE',
    message: 'There is no record to learn from.',
    where,
    remedy: 'Name a file or a topic that has records.',
  })
}
