import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { delayEndpoint, service } from '../../test/ports/serving-fixture.ts'
import { defineEndpoint } from './define.ts'

describe('defineEndpoint', () => {
  it('fills in the alias, the threshold and no shadows', () => {
    const endpoint = defineEndpoint({
      name: 'delay',
      model: 'delay',
      service,
      source: { topic: 'flights.scheduled', keyField: 'flight_id' },
      predictions: 'delay.predictions',
    })
    assert.equal(endpoint.alias, 'champion')
    assert.equal(endpoint.threshold, 0.5)
    assert.deepEqual(endpoint.shadows, [])
    assert.ok(Object.isFrozen(endpoint))
  })

  it('refuses what could not be served', () => {
    const shadow = { name: 'frozen', model: 'delay', alias: 'frozen' }
    const wrong = [
      { threshold: 1.5 },
      { threshold: Number.NaN },
      { name: 'a b' },
      { shadows: [{ ...shadow, name: 'a"b' }] },
      { shadows: [shadow, shadow] },
      { shadows: [{ ...shadow, name: 'champion' }] },
      { predictions: 'flights.scheduled' },
      { source: { topic: 'flights.scheduled', keyField: 'score' } },
    ]
    for (const change of wrong)
      assert.throws(() => defineEndpoint({ ...delayEndpoint, ...change }), { code: 'SERVING_ENDPOINT_INVALID' })
  })
})
