/**
 * `covenant contract test` beside datacontract-cli, Great Expectations and Soda: about thirty checks of the same kind on
 * the 336,776 flights as one Parquet file, each in a cold process, in turns; the middle of the rounds counts. Soda only
 * counts, the others name failing rows or can. The floor is a cold Node that opens DuckDB and counts the rows.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { unzipSync } from 'fflate'
import { findFlightsData } from '../examples/flights/data/dataset.ts'
import { quoteText, stopwatchMs } from '../src/kernel/index.ts'
import { median } from './events/flight-events.ts'
import { peerProgram } from './peers/install.ts'

const ROUNDS = 5
const root = join(import.meta.dirname, '..')
const peers = join(import.meta.dirname, 'peers')
const parquet = join(root, '.cache', 'bench', 'flights.parquet')
const contract = join(peers, 'flights.odcs.yaml')
/** What each has to find: flights without a tail number. */
const MISSING_TAILS = /2,?512/

await buildParquet()
const COUNT = `
import { DuckDBInstance } from '@duckdb/node-api'
const connection = await (await DuckDBInstance.create(':memory:')).connect()
console.log((await connection.runAndReadAll(${JSON.stringify(`SELECT count(*) FROM read_parquet(${quoteText(parquet)})`)})).getRows())
`
const contestants: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  covenant: [process.execPath, join(root, 'bin', 'covenant.mjs'), 'contract', 'test', contract, '--data', parquet],
  floor: [process.execPath, '--input-type=module', '-e', COUNT],
  'datacontract-cli': [peerProgram('datacontract', 'datacontract'), 'test', contractOfPeer()],
  'Great Expectations': [
    peerProgram('great-expectations', 'python'),
    join(peers, 'great_expectations_flights.py'),
    parquet,
  ],
  Soda: [peerProgram('soda', 'python'), join(peers, 'soda_flights.py'), parquet],
}

const rounds: Record<string, number[]> = {}
for (let round = 0; round <= ROUNDS; round++)
  for (const [name, [command, ...args]] of Object.entries(contestants)) {
    const seconds = cold(name, command, args)
    // The first round warms the disk's cache and is not counted.
    if (round > 0) rounds[name] = [...(rounds[name] ?? []), seconds]
  }

report('datacontract-cli', 5)
report('Great Expectations', 5)
report('Soda', 2)
report('floor')

function cold(name: string, command: string, args: readonly string[]): number {
  const startedAt = stopwatchMs()
  const { stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    cwd: root,
    env: { ...process.env, COLUMNS: '200' },
  })
  const seconds = (stopwatchMs() - startedAt) / 1_000
  const wanted = name === 'floor' ? /336776/ : MISSING_TAILS
  if (!wanted.test(stdout))
    throw new Error(`${name} did not find what it should: ${stdout.slice(-2_000)} ${stderr.slice(-2_000)}`)
  return seconds
}

/** How many times as long the peer takes, by the middle of the rounds. */
function report(peer: string, goal?: number): void {
  const [value, peerValue] = [median(rounds.covenant!), median(rounds[peer]!)]
  const ratio = peerValue / value
  const line = {
    name: 'contract test, 336,776 flights, cold',
    value: round(value),
    unit: 's',
    peer,
    peerValue: round(peerValue),
  }
  process.stdout.write(
    `${JSON.stringify({ ...line, ratio: round(ratio), ...(goal === undefined ? {} : { goal, met: ratio >= goal }) })}\n`,
  )
}

function round(value: number): number {
  return Number(value.toFixed(3))
}

function contractOfPeer(): string {
  const file = join(dirname(parquet), 'flights-datacontract.odcs.yaml')
  writeFileSync(file, readFileSync(contract, 'utf8').replace(/\$\{FLIGHTS_PARQUET\}/, parquet))
  return file
}

/** The flights of the Python package as one Parquet file, with a number for each row; made once. */
async function buildParquet(): Promise<void> {
  if (existsSync(parquet)) return
  mkdirSync(dirname(parquet), { recursive: true })
  const zip = unzipSync(readFileSync(join(findFlightsData(root), 'flights.csv.zip')))
  const csv = `${parquet}.csv`
  writeFileSync(csv, zip['flights.csv']!)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const whole = ['dep_time', 'dep_delay', 'arr_time', 'arr_delay', 'air_time'].map(
    (name) => `${name}::INTEGER AS ${name}`,
  )
  await connection.run(
    `COPY (SELECT row_number() OVER () AS id, * REPLACE (${whole.join(', ')}, time_hour::TIMESTAMP AS time_hour)
     FROM read_csv(${quoteText(csv)}, nullstr = ['', 'NA'])) TO ${quoteText(`${parquet}.partial`)} (FORMAT parquet)`,
  )
  connection.closeSync()
  instance.closeSync()
  renameSync(`${parquet}.partial`, parquet)
  rmSync(csv)
}
