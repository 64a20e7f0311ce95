import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseModel } from './parse.ts'
import { checkTopics, orderModels } from './plan.ts'

const model = (name: string, ...refs: readonly string[]) =>
  parseModel(name, `SELECT 1 ${refs.map((ref) => `FROM ref('${ref}')`).join(' ')}`)
const namesOf = (...models: ReturnType<typeof model>[]) => orderModels(models).map(({ name }) => name)

test('a model comes after those that it refers to, else by name', () => {
  assert.deepEqual(namesOf(model('c', 'b'), model('b', 'd'), model('a'), model('d')), ['a', 'd', 'b', 'c'])
})

test('every graph without a circle gets an order that keeps to it', () => {
  const graph = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(graph, (choices) => {
      const models = choices.map((refs, index) =>
        model(`m${index}`, ...(index === 0 ? [] : refs.map((ref) => `m${ref % index}`))),
      )
      const order = namesOf(...models.toReversed())
      assert.equal(order.length, models.length)
      for (const { name, refs } of models) for (const ref of refs) assert.ok(order.indexOf(ref) < order.indexOf(name))
    }),
  )
})

test('a circle is named', () => {
  assert.throws(() => orderModels([model('a', 'b'), model('b', 'c'), model('c', 'b')]), {
    code: 'WAREHOUSE_MODEL_CYCLE',
    message: /b → c → b/,
  })
  assert.throws(() => orderModels([model('a', 'a')]), { code: 'WAREHOUSE_MODEL_CYCLE', message: /a → a/ })
})

test('an unknown model is refused with the nearest name', () => {
  assert.throws(() => orderModels([model('late', 'carrier'), model('carriers')]), {
    code: 'WAREHOUSE_MODEL_UNKNOWN',
    remedy: /carriers/,
  })
})

test('a topic without a contract is refused with the nearest name', () => {
  const reading = parseModel('late', "SELECT * FROM source('flights.arived')")
  checkTopics([reading], ['flights.arived'])
  assert.throws(() => checkTopics([reading], ['planes', 'flights.arrived']), {
    code: 'WAREHOUSE_SOURCE_UNKNOWN',
    remedy: 'Did you mean flights.arrived?',
  })
})
