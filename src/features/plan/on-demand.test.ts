import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type Row, relationOf } from '../../../test/features/relation.ts'
import { openTestDuckDb, temporaryState } from '../../../test/ports/duckdb-fixture.ts'
import type { DuckDb } from '../../adapters/embedded/duckdb.ts'
import {
  add,
  constant,
  dayOfWeek,
  defineFeatureService,
  defineOnDemandView,
  divide,
  type Expression,
  field,
  hourOfDay,
  indexOf,
  minuteOfDay,
  month,
  multiply,
  subtract,
  trainingSetSql,
} from '../index.ts'
import { compileOnDemandView } from './expression-function.ts'
import { timeZoneOffset } from './time-zone.ts'

const state = temporaryState()
let duckdb: DuckDb

before(async () => {
  duckdb = await openTestDuckDb(state.path)
})
after(async () => {
  await duckdb.close()
  state.remove()
})

const TYPES = { at: 'TIMESTAMP', text_at: 'VARCHAR', x: 'DOUBLE', n: 'BIGINT', b: 'BOOLEAN', s: 'VARCHAR' }
const iso = (time: number) => new Date(time).toISOString()

/** The same expressions by the function and by the SQL. */
async function bothWays(features: Readonly<Record<string, Expression>>, requests: readonly Row[]) {
  const view = defineOnDemandView({ name: 'now', features })
  const functions = compileOnDemandView(view)
  const byFunction = requests.map((request) => functions.map((evaluate) => evaluate(request)))
  const spine = relationOf(
    requests.map((request, id) => ({ ...request, id, q: 0 })),
    { ...TYPES, id: 'INTEGER', q: 'TIMESTAMP' },
  )
  const service = defineFeatureService({ name: 'all', views: [view] })
  const rows = await duckdb.engine.query(`SELECT * FROM (${trainingSetSql(service, { spine })}) ORDER BY id`)
  return { byFunction, bySql: rows.map((row) => service.featureNames.map((name) => row[name])) }
}

const ZONES = ['America/New_York', 'UTC', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia', 'Europe/Dublin']
const calendar = Object.fromEntries(
  ZONES.flatMap((zone, index) =>
    Object.entries({ hourOfDay, minuteOfDay, dayOfWeek, month }).flatMap(([name, make]) => [
      [`${name.toLowerCase()}_${index}`, make('at', zone)],
      [`${name.toLowerCase()}_${index}_text`, make('text_at', zone)],
    ]),
  ),
)
const moment = (year: number, month: number, day: number) => Date.UTC(year, month - 1, day)
/** Around both changes of 2013 in New York, a day that Apia left out, and anywhere from 1970 to 2037. */
const times = fc.oneof(
  fc.integer({ min: moment(2013, 3, 10), max: moment(2013, 3, 11) }),
  fc.integer({ min: moment(2013, 11, 3), max: moment(2013, 11, 4) }),
  fc.integer({ min: moment(2011, 12, 28), max: moment(2012, 1, 2) }),
  fc.integer({ min: 0, max: moment(2037, 12, 31) }),
)

test('calendar features are equal in TypeScript and SQL, also on the days on which clocks change', async () => {
  const property = fc.asyncProperty(fc.array(fc.option(times), { minLength: 100, maxLength: 200 }), async (list) => {
    const requests = list.map((time) => ({
      at: time === null ? null : iso(time),
      text_at: time === null ? null : iso(time),
    }))
    const { byFunction, bySql } = await bothWays(calendar, requests)
    assert.deepEqual(bySql, byFunction)
  })
  await fc.assert(property, { numRuns: 10 })
})

test('the clocks of New York in 2013', async () => {
  const features = { hour: hourOfDay('at', 'America/New_York'), minute: minuteOfDay('at', 'America/New_York') }
  const requests = ['03-10T06:59:00', '03-10T07:00:00', '11-03T05:59:00', '11-03T06:00:00'].map((time) => {
    return { at: `2013-${time}Z` }
  })
  const { byFunction, bySql } = await bothWays(features, requests)
  const expected = [
    [1, 119],
    [3, 180],
    [1, 119],
    [1, 60],
  ]
  assert.deepEqual(byFunction, expected)
  assert.deepEqual(bySql, expected)
})

test('text that is no timestamp gives null', async () => {
  const texts = ['2013-02-30T00:00:00Z', '2013-01-01', 'noon', '2013-01-01T25:00:00Z', '2013-06-30T23:30:00', '', null]
  const requests = [...texts, '2013-06-30T23:30:00.5+02:00'].map((text_at) => ({ text_at }))
  const { byFunction, bySql } = await bothWays({ hour: hourOfDay('text_at') }, requests)
  assert.deepEqual(byFunction, [...texts.map(() => [null]), [21]])
  assert.deepEqual(bySql, byFunction)
})

const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc.constantFrom('x', 'n', 'b', 's').map(field),
  fc.constantFrom(0, -0, 1, -2.5, 1e308, 60).map(constant),
  fc.constantFrom('s', 'n', 'b').map((name) => indexOf(name, ['AA', "O'Hare", '1', 'true'])),
)
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc
      .tuple(fc.constantFrom(add, subtract, multiply, divide), tie('expression'), tie('expression'))
      .map(([make, left, right]) => make(left, right)),
  ),
}))
const request: fc.Arbitrary<Row> = fc.record({
  x: fc.option(fc.oneof(fc.constantFrom(0, -0, 1e308, -1e-300), fc.double({ noNaN: true, noDefaultInfinity: true }))),
  n: fc.option(fc.integer({ min: -3, max: 3 })),
  b: fc.option(fc.boolean()),
  s: fc.constantFrom('AA', "O'Hare", '1', 'ZZ', '', null),
})

test('arithmetic is equal in TypeScript and SQL, over nulls, zeros and overflow', async () => {
  const property = fc.asyncProperty(
    fc.array(expression, { minLength: 1, maxLength: 8 }),
    fc.array(request, { minLength: 1, maxLength: 20 }),
    async (expressions, requests) => {
      const features = Object.fromEntries(expressions.map((one, index) => [`f${index}`, one]))
      const { byFunction, bySql } = await bothWays(features, requests)
      assert.deepEqual(bySql.map(withoutSign), byFunction.map(withoutSign))
    },
  )
  await fc.assert(property, { numRuns: 50 })
})

/** 0 and -0 are one number. */
function withoutSign(values: readonly unknown[]): readonly unknown[] {
  return values.map((value) => (value === 0 ? 0 : value))
}

test('an offset change is found to the minute, before 1970 too', () => {
  const berlin = timeZoneOffset('Europe/Berlin')
  const change = Date.UTC(2024, 2, 31, 1)
  assert.deepEqual([change - 1, change].map(berlin), [3_600_000, 7_200_000])
  const newYork = timeZoneOffset('America/New_York')
  const early = Date.UTC(1966, 3, 24, 7)
  assert.deepEqual([early - 1, early].map(newYork), [-18_000_000, -14_400_000])
})
