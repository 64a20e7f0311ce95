import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { openTestDuckDb, temporaryState } from '../../../test/ports/duckdb-fixture.ts'
import { askPython } from '../../../test/ports/python-oracle.ts'
import { delayEndpoint } from '../../../test/ports/serving-fixture.ts'
import type { DuckDb } from '../../adapters/embedded/duckdb.ts'
import { type MonitorTables, monitorMigrations, SqlMonitorStore } from '../../adapters/sql/monitor-store.ts'
import { DAY_MS, EventBus, migrateToLatest, openKysely } from '../../kernel/index.ts'
import type { LakeColumn } from '../../lake/index.ts'
import { defineMonitor } from '../define.ts'
import type { MonitorPoint } from '../ports.ts'
import { Monitors } from './monitors.ts'

const MONDAY = Date.UTC(2013, 2, 4)
const WEEK = 7 * DAY_MS

const monitor = defineMonitor({
  name: 'delay',
  endpoint: delayEndpoint,
  schedule: '0 6 * * 1',
  label: { topic: 'flights.arrived', key: 'flight_id', positive: 'arr_delay > 15', delay: '6h' },
  performance: { minimumRows: 50 },
  drift: { minimumRows: 100, scoreWindows: 1 },
  skew: { sample: 100 },
  alerts: [
    { metric: 'auc', subject: 'champion', below: 0.45 },
    { metric: 'drifted', above: 0 },
  ],
})

interface Flight {
  readonly flight_id: string
  readonly at: number
  readonly first: number | null
  readonly second: number
  readonly score: number
  readonly frozen: number | null
  readonly arrDelay: number | null
  readonly knownAt: number
}

/** Deterministic numbers in [0, 1). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32
  }
}

/** A week of flights whose scores have many ties and tell something of the delay. `shift` moves the first feature. */
function week(start: number, count: number, seed: number, shift = 0): readonly Flight[] {
  const random = randomFrom(seed)
  return Array.from({ length: count }, (_, index) => {
    const at = start + Math.floor((index / count) * WEEK)
    const score = Math.round(random() * 20) / 20
    return {
      flight_id: `UA-${start}-${index}`,
      at,
      first: random() < 0.1 ? null : random() + shift,
      second: Math.floor(random() * 3),
      score,
      frozen: random() < 0.2 ? null : random(),
      arrDelay: random() < 0.05 ? null : random() < score * 0.6 ? 30 : 0,
      knownAt: at + 3 * 3_600_000,
    }
  })
}

const column = (name: string, type: LakeColumn['type']): LakeColumn => ({ name, type })

describe('Monitors', () => {
  const state = temporaryState()
  let duckdb: DuckDb
  let store: SqlMonitorStore
  let events: EventBus
  let offset: number

  beforeEach(async () => {
    duckdb = await openTestDuckDb(state.path)
    const database = openKysely<MonitorTables>(':memory:')
    await migrateToLatest(database, 'monitor_migrations', monitorMigrations)
    store = new SqlMonitorStore(database)
    events = new EventBus()
    offset = 0
  })
  afterEach(async () => {
    await duckdb.close()
    state.remove()
  })

  /** Brings flights with their predictions and labels into the lake. */
  async function fly(flights: readonly Flight[], logged: (flight: Flight) => object = featuresOf): Promise<void> {
    const batch = (topic: string, columns: readonly LakeColumn[], rows: readonly { at: number; row: object }[]) => ({
      table: topic.replaceAll('.', '_'),
      topic: `${topic}.validated`,
      columns,
      rows: rows.map(({ at, row }, index) => ({
        partition: 0,
        offset: offset + index,
        timestamp: at,
        contractVersion: '1.0.0',
        json: JSON.stringify(row),
      })),
    })
    await duckdb.lake.commit(
      [
        batch(
          'flights.scheduled',
          [column('flight_id', 'string'), column('first', 'number'), column('second', 'number')],
          flights.map(({ at, flight_id, first, second }) => ({ at, row: { flight_id, first, second } })),
        ),
        batch(
          'flights.arrived',
          [column('flight_id', 'string'), column('arr_delay', 'number')],
          flights.map(({ knownAt, flight_id, arrDelay }) => ({ at: knownAt, row: { flight_id, arr_delay: arrDelay } })),
        ),
        batch(
          'delay.predictions',
          PREDICTION_COLUMNS,
          flights.map((flight) => predictionRow(flight, logged)),
        ),
      ],
      MONDAY,
    )
    offset += flights.length
  }

  function monitors() {
    return new Monitors({
      engine: duckdb.engine,
      lake: duckdb.lake,
      store,
      events,
      reference: { trainingSet: async () => '(SELECT * FROM warehouse.main.training_set)' },
      features: {
        trainingSetSql: async (_service, { spine }) =>
          `SELECT first AS request__first, second AS request__second, * EXCLUDE (first, second) FROM (${spine})`,
      },
    })
  }

  /** The training set of the reference: flights of an earlier week. */
  async function train(flights: readonly Flight[]): Promise<void> {
    const rows = flights.map(({ first, second }) => `(${first}, ${second})`).join(', ')
    await duckdb.engine.execute(
      `CREATE TABLE warehouse.main.training_set AS SELECT col0 AS request__first, col1 AS request__second FROM (VALUES ${rows})`,
    )
  }

  const pointOf = (points: readonly MonitorPoint[], metric: string, subject: string) =>
    points.find((point) => point.metric === metric && point.subject === subject)

  it('finds nothing while nothing is there', async () => {
    assert.deepEqual(await monitors().measure(monitor, MONDAY), [])
  })

  it('measures performance as scikit-learn does, ties and missing shadow scores included', async () => {
    await train(week(MONDAY, 300, 1))
    const flights = week(MONDAY, 600, 2)
    await fly([...flights, ...week(MONDAY - WEEK, 90, 3)])
    const points = await monitors().measure(monitor, MONDAY + WEEK + 6 * 3_600_000)
    const known = flights.filter(({ arrDelay }) => arrDelay !== null)
    const subjects = {
      champion: known.map(({ arrDelay, score }) => [arrDelay! > 15, score]),
      frozen: known.flatMap(({ arrDelay, frozen }) => (frozen === null ? [] : [[arrDelay! > 15, frozen]])),
    }
    const oracle = askPython(
      `
from sklearn.metrics import log_loss, roc_auc_score
def measure(rows):
    label, score = np.array([r[0] for r in rows]), np.array([r[1] for r in rows], dtype=float)
    clipped = np.clip(score, 1e-15, 1 - 1e-15)
    return {'auc': roc_auc_score(label, score), 'log-loss': log_loss(label, clipped), 'mean-score': score.mean(),
        'base-rate': label.mean(), 'calibration-gap': score.mean() - label.mean(), 'rows': len(rows)}
print(json.dumps({name: measure(rows) for name, rows in data.items()}))`,
      subjects,
    ) as Record<string, Record<string, number>>
    for (const [subject, metrics] of Object.entries(oracle))
      for (const [metric, value] of Object.entries(metrics)) {
        if (metric === 'rows') continue
        const point = pointOf(points, metric, subject)!
        assert.ok(Math.abs(point.value - value) < 1e-9, `${metric} of ${subject}: ${point.value}, sklearn ${value}`)
        assert.equal(point.rows, metrics.rows)
        assert.deepEqual([point.windowStart, point.windowEnd], [MONDAY, MONDAY + WEEK])
      }
  })

  it('waits for the labels of a window, and knows only those that came before', async () => {
    await train(week(MONDAY, 300, 1))
    const flights = week(MONDAY, 200, 2)
    await fly(flights)
    const early = await monitors().measure(monitor, MONDAY + WEEK + 1)
    assert.equal(pointOf(early, 'auc', 'champion'), undefined)
    const due = MONDAY + WEEK + 6 * 3_600_000
    const correction = { ...flights[0]!, arrDelay: 99, knownAt: due }
    await fly([{ ...correction, at: MONDAY + 3 * WEEK }])
    const before = await monitors().measure(monitor, due)
    const after = await monitors().measure(monitor, due + 1)
    const [first, second] = [before, after].map((points) => pointOf(points, 'base-rate', 'champion')!)
    const delayed = flights.filter(({ arrDelay }) => arrDelay === 30).length
    assert.ok(Math.abs(first!.value * first!.rows - delayed) < 1e-6)
    const more = flights[0]!.arrDelay === 30 ? 0 : 1
    assert.ok(Math.abs(second!.value * second!.rows - delayed - more) < 1e-6)
  })

  it('compares features in bins of the training set, as numpy does', async () => {
    const reference = week(MONDAY - 8 * WEEK, 1_000, 5)
    await train(reference)
    const flights = week(MONDAY, 400, 6, 0.2)
    await fly([...week(MONDAY - WEEK, 400, 7), ...flights])
    const points = await monitors().measure(monitor, MONDAY + WEEK)
    const oracle = askPython(
      `
def counts(values, edges):
    present = np.array([v for v in values if v is not None], dtype=float)
    bins = np.bincount(np.digitize(present, edges), minlength=len(edges) + 1)
    return np.append(bins, len(values) - len(present)).astype(float)

def psi(reference, current, edges):
    r, c = [counts(values, edges) for values in (reference, current)]
    r, c = r / r.sum(), c / c.sum()
    used = (r > 0) | (c > 0)
    r, c = np.maximum(r[used], 1e-4), np.maximum(c[used], 1e-4)
    return float(np.sum((c - r) * np.log(c / r)))

present = [v for v in data['first'][0] if v is not None]
deciles = np.quantile(present, np.arange(1, 10) / 10, method='inverted_cdf')
print(json.dumps({'first': psi(*data['first'], deciles), 'second': psi(*data['second'], [1, 2])}))`,
      {
        first: [reference.map(({ first }) => first), flights.map(({ first }) => first)],
        second: [reference.map(({ second }) => second), flights.map(({ second }) => second)],
      },
    ) as { first: number; second: number }
    const [first, second] = ['request__first', 'request__second'].map((subject) => pointOf(points, 'drift', subject)!)
    assert.ok(Math.abs(first!.value - oracle.first) < 1e-9, `${first!.value}, numpy ${oracle.first}`)
    assert.ok(Math.abs(second!.value - oracle.second) < 1e-9)
    assert.equal(pointOf(points, 'drifted', 'request__first')!.value, 1)
    assert.equal(pointOf(points, 'drifted', 'request__second')!.value, 0)
    assert.equal(pointOf(points, 'drifted-share', '')!.value, 0.5)
    assert.equal(pointOf(points, 'prediction-drifted', 'champion')!.value, 0)
    assert.ok(pointOf(points, 'drift-p', 'request__first')!.value < 1e-6)
  })

  it('compares with an even share of a large training set', async () => {
    await duckdb.engine.execute(
      `CREATE TABLE warehouse.main.training_set AS SELECT range / 200000 AS request__first, range % 3 AS request__second FROM range(200000)`,
    )
    await fly(week(MONDAY, 400, 6).map((flight) => ({ ...flight, first: flight.first ?? 0.5 })))
    const points = await monitors().measure(monitor, MONDAY + WEEK)
    for (const feature of ['request__first', 'request__second'])
      assert.ok(pointOf(points, 'drift', feature)!.value < 0.2, JSON.stringify(pointOf(points, 'drift', feature)))
  })

  it('does not judge drift on too few rows', async () => {
    await train(week(MONDAY - 8 * WEEK, 1_000, 5))
    await fly(week(MONDAY, 99, 6, 0.5))
    const points = await monitors().measure(monitor, MONDAY + WEEK)
    assert.deepEqual(
      points.filter(({ metric }) => metric.includes('drift')),
      [],
    )
  })

  it('finds the values that serving saw differently', async () => {
    await train(week(MONDAY, 300, 1))
    const flights = week(MONDAY, 100, 2)
    const wrong = new Set(flights.slice(0, 7).map(({ flight_id }) => flight_id))
    await fly(flights, (flight) => ({
      ...featuresOf(flight),
      ...(wrong.has(flight.flight_id) && { request__first: (flight.first ?? 0) * (1 + 1e-6) + 1e-9 }),
    }))
    const points = await monitors().measure(monitor, MONDAY + WEEK)
    assert.equal(pointOf(points, 'skew', 'request__first')!.value, 0.07)
    assert.equal(pointOf(points, 'skew', 'request__second')!.value, 0)
    assert.deepEqual([pointOf(points, 'skew', '')!.value, pointOf(points, 'skew', '')!.rows], [7 / 200, 200])
  })

  it('stores the same points and alerts however often it runs, and tells of each alert', async () => {
    await train(week(MONDAY - 8 * WEEK, 1_000, 5))
    await fly([...week(MONDAY - WEEK, 300, 7), ...week(MONDAY, 300, 6, 0.4), ...week(MONDAY + WEEK, 300, 8)])
    const told: string[] = []
    events.on('monitoring.alert', ({ alert }) => void told.push(`${alert.subject} ${alert.resolvedAt ?? 'open'}`))
    const due = MONDAY + WEEK + 6 * 3_600_000
    await monitors().run(monitor, due)
    const once = [await store.points('delay'), await store.alerts()]
    await monitors().run(monitor, due)
    assert.deepEqual([await store.points('delay'), await store.alerts()], once)
    assert.deepEqual(told, Array(2).fill('delay: request__first open'))
    await monitors().run(monitor, due + WEEK)
    const [alert, ...others] = await store.alerts()
    assert.deepEqual(others, [])
    assert.deepEqual([alert!.raisedAt, alert!.resolvedAt], [due, due + WEEK])
    assert.match(alert!.message, /^drifted of request__first is 1, above 0, in the window to 2013-03-11/)
  })
})

const PREDICTION_COLUMNS = [
  column('prediction_id', 'string'),
  column('flight_id', 'string'),
  column('model', 'string'),
  column('model_version', 'integer'),
  column('score', 'number'),
  column('shadow_scores', 'json'),
  column('features', 'json'),
]

function featuresOf({ first, second }: Flight): object {
  return { request__first: first, request__second: second }
}

function predictionRow(flight: Flight, logged: (flight: Flight) => object): { at: number; row: object } {
  const { at, flight_id, score, frozen } = flight
  return {
    at,
    row: {
      prediction_id: `prediction-${flight_id}`,
      flight_id,
      model: 'delay',
      model_version: 1,
      score,
      shadow_scores: frozen === null ? {} : { frozen },
      features: logged(flight),
    },
  }
}
