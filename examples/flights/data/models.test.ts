import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { findFlightsData } from './dataset.ts'
import { openFlightsFeed } from './feed.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const START = Date.parse('2013-01-01T00:00:00Z')
const DAY_MS = 24 * 3_600_000
const DAYS = 40

/** A model's statement over `<table>` (all rows published so far) and `new_<table>` (those since the last build). */
function bodyOf(model: string): string {
  const sql = readFileSync(join(import.meta.dirname, '..', 'models', `${model}.sql`), 'utf8')
  return sql
    .replaceAll(/source\('([\w.]+)'\)/g, (_, topic: string) => `published_${topic.replace('.', '_')}`)
    .replaceAll(/increment\('([\w.]+)'\)/g, (_, topic: string) => `new_${topic.replace('.', '_')}`)
    .replaceAll(/ref\('(\w+)'\)/g, '$1')
}

describe('the warehouse models', () => {
  let instance: DuckDBInstance
  let connection: DuckDBConnection

  const numbers = async (sql: string) => (await connection.runAndReadAll(sql)).getRows()[0]!.map(Number)

  /** Loads forty days of conforming events as the lake keeps them. */
  before(async () => {
    instance = await DuckDBInstance.create(':memory:', { threads: '2' })
    connection = await instance.connect()
    await connection.run(`
      SET TimeZone = 'UTC';
      CREATE TABLE events (topic VARCHAR, _offset INTEGER, _timestamp TIMESTAMP, event JSON)
    `)
    const feed = await openFlightsFeed({ dataDir: findFlightsData(root), cacheDir: join(root, '.cache', 'flights') })
    const appender = await connection.createAppender('events')
    for (const { topic, firstSequence, events } of await feed.read(START, START + DAYS * DAY_MS))
      events.forEach(({ timestamp, value }, index) => {
        appender.appendVarchar(topic)
        appender.appendInteger(firstSequence + index)
        appender.appendVarchar(new Date(timestamp).toISOString().replace('Z', ''))
        if (value === null) appender.appendNull()
        else appender.appendVarchar(value)
        appender.endRow()
      })
    appender.closeSync()
    feed.close()
    await connection.run(`
      CREATE TABLE flights_scheduled AS
        SELECT _timestamp, unnest(from_json(event, '{"flight_id": "VARCHAR", "carrier": "VARCHAR", "flight": "INTEGER",
          "tailnum": "VARCHAR", "origin": "VARCHAR", "dest": "VARCHAR", "sched_dep": "TIMESTAMP",
          "sched_arr": "TIMESTAMP", "distance": "INTEGER"}'))
        FROM events WHERE topic = 'flights.scheduled' AND (event->>'tailnum') IS NOT NULL;
      CREATE TABLE flights_arrived AS
        SELECT _timestamp, unnest(from_json(event, '{"flight_id": "VARCHAR", "carrier": "VARCHAR", "flight": "INTEGER",
          "tailnum": "VARCHAR", "origin": "VARCHAR", "dest": "VARCHAR", "sched_dep": "TIMESTAMP",
          "dep_at": "TIMESTAMP", "arr_at": "TIMESTAMP", "dep_delay": "INTEGER", "arr_delay": "INTEGER"}'))
        FROM events WHERE topic = 'flights.arrived' AND (event->>'arr_delay') IS NOT NULL;
      CREATE TABLE weather_observed AS
        SELECT _timestamp, unnest(from_json(event, '{"origin": "VARCHAR", "observed_at": "TIMESTAMP", "temp": "DOUBLE",
          "wind_speed": "DOUBLE", "precip": "DOUBLE", "visib": "DOUBLE"}'))
        FROM events WHERE topic = 'weather.observed';
      CREATE TABLE planes AS
        SELECT _offset, _timestamp, coalesce((event->>'op'), 't') AS _op,
          to_timestamp((event->>'ts_ms')::BIGINT / 1000)::TIMESTAMP AS _source_ts,
          unnest(from_json(CASE event->>'op' WHEN 'd' THEN event->'before' ELSE event->'after' END,
            '{"tailnum": "VARCHAR", "year": "INTEGER", "type": "VARCHAR", "manufacturer": "VARCHAR", "model": "VARCHAR",
              "engines": "INTEGER", "seats": "INTEGER", "engine": "VARCHAR", "operator": "VARCHAR",
              "departures": "INTEGER", "updated_at": "TIMESTAMP"}'))
        FROM events WHERE topic = 'planes';
    `)
    await publish(DAYS, DAYS, 0, 0)
  })
  after(() => {
    connection.closeSync()
    instance.closeSync()
  })

  /** What is published: rows of the days before the given ones; new are those from the days of the last build on. */
  async function publish(scheduled: number, arrived: number, scheduledBefore: number, arrivedBefore: number) {
    const day = (count: number) => `TIMESTAMP '2013-01-01' + to_days(${count})`
    await connection.run(`
      CREATE OR REPLACE VIEW published_flights_scheduled AS FROM flights_scheduled WHERE _timestamp < ${day(scheduled)};
      CREATE OR REPLACE VIEW new_flights_scheduled AS
        FROM published_flights_scheduled WHERE _timestamp >= ${day(scheduledBefore)};
      CREATE OR REPLACE VIEW published_flights_arrived AS FROM flights_arrived WHERE _timestamp < ${day(arrived)};
      CREATE OR REPLACE VIEW new_flights_arrived AS
        FROM published_flights_arrived WHERE _timestamp >= ${day(arrivedBefore)};
      CREATE OR REPLACE VIEW published_weather_observed AS FROM weather_observed;
      CREATE OR REPLACE VIEW new_planes AS FROM planes;
      CREATE OR REPLACE VIEW flights_announced AS ${bodyOf('flights_announced').replace('new_', 'published_')};
      CREATE OR REPLACE VIEW flight_outcomes AS ${bodyOf('flight_outcomes').replace('new_', 'published_')};
    `)
  }

  it('labels each flight once, however the publications of its two halves are held back', async () => {
    await publish(DAYS, DAYS, 0, 0)
    await connection.run(`CREATE OR REPLACE TABLE at_once AS ${bodyOf('labelled_flights')}`)
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 })), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(steps, async (days) => {
        await connection.run('CREATE OR REPLACE TABLE labelled AS FROM at_once LIMIT 0')
        let [scheduled, arrived] = [0, 0]
        for (const [more, other] of [...days, [DAYS, DAYS] as const]) {
          const next = [Math.min(scheduled + more, DAYS), Math.min(arrived + other, DAYS)] as const
          await publish(next[0], next[1], scheduled, arrived)
          await connection.run(`INSERT INTO labelled ${bodyOf('labelled_flights')}`)
          ;[scheduled, arrived] = next
        }
        const [missing, surplus] = await numbers(`
          SELECT (SELECT count(*) FROM (FROM at_once EXCEPT ALL FROM labelled)),
                 (SELECT count(*) FROM (FROM labelled EXCEPT ALL FROM at_once))
        `)
        assert.deepEqual([missing, surplus], [0, 0])
      }),
      { numRuns: 5 },
    )
  })

  it('a label becomes known after the moment to predict at, and with the arrival', async () => {
    await publish(DAYS, DAYS, 0, 0)
    await connection.run(`CREATE OR REPLACE TABLE labelled AS ${bodyOf('labelled_flights')}`)
    const [rows, early, late, arrived] = await numbers(`
      SELECT count(*), count(*) FILTER (label_known_at <= q), avg(label::INTEGER),
        (SELECT count(*) FROM flights_arrived SEMI JOIN flights_scheduled USING (flight_id))
      FROM labelled
    `)
    assert.equal(rows, arrived)
    assert.ok(rows! > 32_000)
    assert.equal(early, 0)
    assert.ok(late! > 0.15 && late! < 0.3)
  })

  it('an outcome is late above 15 minutes, and the months add up', async () => {
    await publish(DAYS, DAYS, 0, 0)
    await connection.run(`CREATE OR REPLACE TABLE by_month AS ${bodyOf('delay_by_carrier_month')}`)
    const [outcomes, wrong, inMonths] = await numbers(`
      SELECT count(*), count(*) FILTER (late <> (arr_delay >= 16)), (SELECT sum(flights) FROM by_month)
      FROM flight_outcomes
    `)
    assert.deepEqual([wrong, inMonths], [0, outcomes])
  })

  it('the current planes are those that were not deleted, with their newest row', async () => {
    await connection.run(`CREATE OR REPLACE TABLE plane_changes AS ${bodyOf('plane_changes')}`)
    await connection.run(`CREATE OR REPLACE TABLE current AS ${bodyOf('planes_current')}`)
    const [planes, tailnums, alive, updated] = await numbers(`
      SELECT count(*), count(DISTINCT tailnum),
        (SELECT count(*) FILTER (_op IN ('r', 'c')) - count(*) FILTER (_op = 'd') FROM planes),
        count(*) FILTER (departures > 0)
      FROM current
    `)
    assert.deepEqual([planes, tailnums], [alive, alive])
    assert.ok(updated! > 2_400)
  })

  it('the weather of a day sums its hours', async () => {
    const [hours, days] = await numbers(`SELECT sum(hours), count(DISTINCT day) FROM (${bodyOf('weather_by_day')})`)
    assert.deepEqual(
      [hours, days],
      await numbers('SELECT count(*), count(DISTINCT observed_at::DATE) FROM weather_observed'),
    )
  })
})
