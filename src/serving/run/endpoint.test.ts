import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { classifierScore } from '../../../test/ports/onnx-models.ts'
import { type ServingFixture, servingFixture } from '../../../test/ports/serving-fixture.ts'

const request = { flight_id: 'UA-1', first: 1, second: null }

describe('Endpoint', () => {
  let fixture: ServingFixture
  beforeEach(async () => {
    fixture = await servingFixture()
  })
  afterEach(() => fixture.close())

  it('makes no prediction before the first champion', async () => {
    assert.deepEqual(await fixture.endpoint.predict([request], 100), [])
    await fixture.promote('classifier', 100, 'champion')
    assert.deepEqual(await fixture.endpoint.predict([request], 99), [])
    assert.equal((await fixture.endpoint.predict([request], 100)).length, 1)
  })

  it('tells what it scored with what', async () => {
    await fixture.promote('classifier', 100, 'champion', 'frozen')
    await fixture.promote('other', 200, 'champion')
    const [prediction] = await fixture.endpoint.predict([request], 250)
    const { id, score, shadows, ...rest } = prediction!
    assert.match(id, /^prediction-[0-9a-f]{24}$/)
    assert.ok(Math.abs(score - classifierScore([1, Number.NaN], 1)) < 1e-6)
    assert.equal(shadows.length, 1)
    assert.ok(Math.abs(shadows[0]!.score - classifierScore([1, Number.NaN])) < 1e-6)
    assert.deepEqual({ ...shadows[0], score: 0 }, { name: 'frozen', model: 'delay', version: 1, score: 0 })
    assert.deepEqual(rest, {
      endpoint: 'delay',
      entityKey: 'UA-1',
      q: 250,
      model: 'delay',
      version: 2,
      runId: 'run-200',
      label: true,
      features: { request__first: 1, request__second: null },
      sources: [{ type: 'on-demand', view: 'request', hash: 'view-1' }],
    })
  })

  it('scores each request with the model of its own moment, in the order of the requests', async () => {
    await fixture.promote('classifier', 100, 'champion')
    await fixture.promote('other', 200, 'champion')
    const moments = [250, 50, 150, 199, 200]
    const requests = moments.map((q) => ({ ...request, flight_id: `UA-${q}` }))
    const scores = await fixture.endpoint.score(requests, moments)
    assert.deepEqual(
      scores.map((prediction) => prediction && [prediction.entityKey, prediction.version]),
      [['UA-250', 2], null, ['UA-150', 1], ['UA-199', 1], ['UA-200', 2]],
    )
  })

  it('gives the same thing at the same moment the same id, and anything else another one', async () => {
    await fixture.promote('classifier', 0, 'champion')
    const id = async (flight: string, q: number) =>
      (await fixture.endpoint.predict([{ ...request, flight_id: flight }], q))[0]!.id
    assert.equal(await id('UA-1', 10), await id('UA-1', 10))
    assert.notEqual(await id('UA-1', 10), await id('UA-1', 11))
    assert.notEqual(await id('UA-1', 10), await id('UA-2', 10))
  })

  it('sees an alias that another process moved after a refresh', async () => {
    await fixture.promote('classifier', 100, 'champion')
    await fixture.promote('other', 200)
    await fixture.endpoint.predict([request], 300)
    await fixture.registry.setAlias({ model: 'delay', alias: 'champion', version: 2, at: 210, runId: null })
    assert.equal((await fixture.endpoint.predict([request], 300))[0]!.version, 1)
    await fixture.endpoint.refresh()
    assert.equal((await fixture.endpoint.predict([request], 300))[0]!.version, 2)
  })

  it('refuses requests without a key, and moments that do not match', async () => {
    await fixture.promote('classifier', 0, 'champion')
    await assert.rejects(fixture.endpoint.predict([{ first: 1 }], 1), { code: 'SERVING_KEY_MISSING' })
    await assert.rejects(fixture.endpoint.predict([request], [1, 2]), { code: 'SERVING_REQUEST_INVALID' })
  })

  it('says why a model file cannot serve, and serves once it is there', async () => {
    await fixture.promote('corrupt', 100, 'champion')
    for (let attempt = 0; attempt < 2; attempt++)
      await assert.rejects(fixture.endpoint.predict([request], 100), { code: 'SERVING_MODEL_UNREADABLE' })
    await fixture.promote('classifier', 101, 'champion')
    assert.equal((await fixture.endpoint.predict([request], 101)).length, 1)
  })
})

describe('An endpoint refuses a model', () => {
  const cases = [
    [{ features: ['request__second', 'request__first'] }, /feature 1 is request__first at the endpoint/],
    [{ features: ['request__first'] }, /feature 2 is request__second at the endpoint and missing/],
    [{ features: ['request__first', 'request__second', 'third'] }, /the model needs third/],
    [{ features: ['request__first', 'request__second'], serviceHash: 'older' }, /definition of a view/],
  ] as const
  for (const [signature, message] of cases)
    it(`with the signature ${JSON.stringify(signature)}`, async () => {
      const fixture = await servingFixture({ ...signature, features: [...signature.features] })
      await fixture.promote('classifier', 1, 'champion')
      await assert.rejects(fixture.endpoint.predict([request], 1), { code: 'SERVING_SIGNATURE_MISMATCH', message })
      await fixture.close()
    })
})
