import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseModel, replaceInputs } from './parse.ts'

test('a model says how it is kept, what it is and what it reads', () => {
  const model = parseModel(
    'late',
    `-- materialized: incremental
     -- description: Late arrivals, with their carrier.
     -- source('in.a.comment')
     SELECT 'source(''in.a.text'')' AS t, "ref('in a name')" FROM increment('flights.arrived') AS f
     JOIN ref( 'carriers' ) USING (carrier) /* ref('in another') */ JOIN source('planes') USING (tailnum);`,
  )
  assert.equal(model.materialization, 'incremental')
  assert.equal(model.description, 'Late arrivals, with their carrier.')
  assert.deepEqual([model.sources, model.increments, model.refs], [['planes'], ['flights.arrived'], ['carriers']])
  assert.doesNotMatch(model.sql, /;\s*$/)
})

test('a model is a table where it does not say otherwise', () => {
  assert.equal(parseModel('one', 'SELECT 1 AS n').materialization, 'table')
  assert.equal(parseModel('one', "FROM source('a')").materialization, 'table')
})

test('the hash follows name, materialization and text', () => {
  const hash = (name: string, text: string) => parseModel(name, text).hash
  assert.equal(hash('a', 'SELECT 1'), hash('a', '\nSELECT 1;\n'))
  assert.notEqual(hash('a', 'SELECT 1'), hash('b', 'SELECT 1'))
  assert.notEqual(hash('a', 'SELECT 1'), hash('a', 'SELECT 2'))
})

test('inputs are replaced outside comments and texts only', () => {
  const replaced = replaceInputs(
    'm',
    "SELECT 'ref(''a'')' FROM ref('a') -- ref('a')",
    (kind, name) => `<${kind} ${name}>`,
  )
  assert.equal(replaced, "SELECT 'ref(''a'')' FROM <ref a> -- ref('a')")
})

const refused: readonly (readonly [string, string, RegExp])[] = [
  ['an unknown materialization', '-- materialized: magic\nSELECT 1', /magic/],
  ['no statement', '-- only a comment', /no SELECT/],
  ['an increment in a table', "SELECT * FROM increment('a')", /increment\(\)/],
  ['an incremental model without increment', '-- materialized: incremental\nSELECT 1', /increment\(\)/],
  ['an input without a name', 'SELECT * FROM source(flights)', /source\(flights\) has no name/],
  ['an empty name', "SELECT * FROM ref('')", /no name/],
]
for (const [what, text, message] of refused)
  test(`${what} is refused`, () => {
    assert.throws(() => parseModel('m', text), { code: 'WAREHOUSE_MODEL_INVALID', where: 'models/m.sql', message })
  })

test('a name that SQL would not take unquoted is refused', () => {
  assert.throws(() => parseModel('late flights', 'SELECT 1'), { code: 'WAREHOUSE_MODEL_INVALID' })
})
