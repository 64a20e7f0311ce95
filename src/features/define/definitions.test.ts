import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  add,
  batch,
  constant,
  count,
  defineEntity,
  defineFeatureService,
  defineFeatureView,
  defineOnDemandView,
  field,
  hourOfDay,
  indexOf,
  last,
  mean,
  stream,
  type WindowFeature,
} from '../index.ts'
import { ALWAYS } from './aggregates.ts'

const origin = defineEntity({ name: 'origin', keys: ['origin'] })
const source = stream('flights.arrived')
const view = (features: Record<string, WindowFeature>, name = 'delays') =>
  defineFeatureView({ name, entity: origin, source, features })

test('definitions are frozen data', () => {
  const delays = view({ late: mean('late', '3h') })
  const service = defineFeatureService({ name: 'all', views: [delays] })
  for (const value of [origin, origin.keys, delays, delays.features, delays.source, service, service.views])
    assert.ok(Object.isFrozen(value))
  assert.deepEqual(delays.features.late, { aggregate: 'mean', field: 'late', window: '3h' })
  assert.deepEqual(count('3h'), { aggregate: 'count', field: null, window: '3h' })
  assert.deepEqual(count('late', '3h'), { aggregate: 'count', field: 'late', window: '3h' })
  assert.deepEqual(last('late'), { aggregate: 'last', field: 'late', window: ALWAYS })
})

test('the hash is the version: it depends on all but the description', () => {
  const hash = view({ late: mean('late', '3h') }).hash
  assert.equal(view({ late: mean('late', '3h') }).hash, hash)
  const described = defineFeatureView({ ...view({ late: mean('late', '3h') }), description: 'How late.' })
  assert.equal(described.hash, hash)
  assert.notEqual(view({ late: mean('late', '4h') }).hash, hash)
  const both = { a: mean('late', '3h'), b: count('3h') }
  assert.notEqual(view(both).hash, view({ b: both.b, a: both.a }).hash, 'the order of features is the order of values')
})

test('feature names follow the order of views and features', () => {
  const now = defineOnDemandView({ name: 'now', features: { hour: hourOfDay('at'), one: constant(1) } })
  const service = defineFeatureService({
    name: 'all',
    views: [now, view({ late: mean('late', '3h'), n: count('1h') })],
  })
  assert.deepEqual(service.featureNames, ['now__hour', 'now__one', 'delays__late', 'delays__n'])
})

test('a wrong definition is refused with what, where and the way out', () => {
  const late = { late: mean('late', '3h') }
  const onDemand = (one: Parameters<typeof defineOnDemandView>[0]['features'][string]) =>
    defineOnDemandView({ name: 'now', features: { one } })
  const refused: readonly [string, () => unknown][] = [
    ['FEATURES_UNKNOWN_DURATION', () => view({ late: mean('late', '3 hours') })],
    ['FEATURES_UNKNOWN_DURATION', () => view({ late: mean('late', '0h') })],
    ['FEATURES_UNKNOWN_DURATION', () => view({ late: mean('late', '0.5ms') })],
    ['FEATURES_EMPTY', () => view({})],
    ['FEATURES_EMPTY', () => defineFeatureService({ name: 'all', views: [] })],
    ['FEATURES_DUPLICATE_NAME', () => defineFeatureService({ name: 'all', views: [view(late), view(late)] })],
    ['FEATURES_DUPLICATE_NAME', () => view({ origin: mean('late', '3h') })],
    ['FEATURES_DUPLICATE_NAME', () => view({ created_time: mean('late', '3h') })],
    ['FEATURES_DUPLICATE_NAME', () => defineEntity({ name: 'route', keys: ['origin', 'Origin'] })],
    ['FEATURES_BAD_NAME', () => view(late, 'a__b')],
    ['FEATURES_BAD_NAME', () => view({ 'Mean delay': mean('late', '3h') })],
    ['FEATURES_BAD_FIELD', () => view({ late: mean('', '3h') })],
    ['FEATURES_BAD_FIELD', () => defineEntity({ name: 'origin', keys: [''] })],
    ['FEATURES_BAD_SCHEDULE', () => batchView('every morning')],
    ['FEATURES_UNKNOWN_TIME_ZONE', () => onDemand(hourOfDay('at', 'America/Newark'))],
    ['FEATURES_UNKNOWN_TIME_ZONE', () => onDemand(hourOfDay('at', '+05:00'))],
    ['FEATURES_BAD_EXPRESSION', () => onDemand(add(field('x'), constant(Number.NaN)))],
    ['FEATURES_BAD_EXPRESSION', () => onDemand(indexOf('x', ['a', 'a']))],
  ]
  for (const [code, define] of refused)
    assert.throws(define, (error: { code: string; where: string; remedy: string }) => {
      assert.equal(error.code, code)
      assert.ok(error.where && error.remedy)
      return true
    })
})

function batchView(schedule: string) {
  const features = { late: mean('late', '7d') }
  return defineFeatureView({
    name: 'past',
    entity: origin,
    source: batch('m', { eventTime: 'at', schedule }),
    features,
  })
}
