import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Json } from '../../kernel/index.ts'
import { canonicalSchema, parseSchema, type SchemaFormat, schemaCompatibility } from './schemas.ts'

/** `kind path witness` of every reason why the new schema cannot take what the old one allows. */
function backward(format: SchemaFormat, old: Json, candidate: Json): readonly string[] {
  const question = { format, candidate: text(candidate), earlier: [text(old)], mode: 'BACKWARD' } as const
  return schemaCompatibility(question).reasons.map(
    ({ kind, path, witness }) => `${kind} ${path} ${JSON.stringify(witness)}`,
  )
}

function text(schema: Json) {
  return { schema: JSON.stringify(schema) }
}

const object = (properties: Json, more: { readonly [key: string]: Json } = {}) => ({
  type: 'object',
  properties,
  ...more,
})
const closed = { additionalProperties: false }
const a = { type: 'string' }

suite('JSON Schema: what Confluent documents for BACKWARD, and why', () => {
  const cases: readonly (readonly [string, Json, Json, readonly string[]])[] = [
    ['a relaxed bound', { maximum: 5 }, { maximum: 9 }, []],
    ['a tightened bound', { maximum: 9 }, { maximum: 5 }, ['MAXIMUM_DECREASED  9']],
    ['a new bound', { type: 'string' }, { type: 'string', maxLength: 3 }, ['MAX_LENGTH_ADDED  "xxxx"']],
    ['an extended enum', { enum: ['x'] }, { enum: ['x', 'y'] }, []],
    ['a narrowed enum', { enum: ['x', 'y'] }, { enum: ['x'] }, ['ENUM_ARRAY_NARROWED  "y"']],
    ['an extended oneOf', { oneOf: [a] }, { oneOf: [a, { type: 'number' }] }, []],
    ['a narrowed oneOf', { oneOf: [a, { type: 'null' }] }, { oneOf: [a] }, ['SUM_TYPE_NARROWED  null']],
    ['required dropped', object({ a }, { required: ['a'] }), object({ a }), []],
    ['required added', object({ a }), object({ a }, { required: ['a'] }), ['REQUIRED_ATTRIBUTE_ADDED  {}']],
    ['an optional property added to a closed model', object({ a }, closed), object({ a, b: a }, closed), []],
    ['a property removed from an open model', object({ a, b: a }), object({ a }), []],
    [
      'a property removed from a closed model',
      object({ a, b: a }, closed),
      object({ a }, closed),
      ['PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL  {"b":""}'],
    ],
    [
      'an optional property added to an open model: old documents may hold anything there',
      object({ a }),
      object({ a, b: { type: 'integer' } }),
      ['PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL /b {"b":{}}'],
    ],
    ['a property of any kind added to an open model', object({ a }), object({ a, b: true }), []],
    ['a closed model opened', object({ a }, closed), object({ a }), []],
    ['an open model closed', object({ a }), object({ a }, closed), ['ADDITIONAL_PROPERTIES_REMOVED  {"other":{}}']],
    ['another type', { type: 'string' }, { type: 'boolean' }, ['TYPE_CHANGED  ""']],
    ['whole numbers made numbers', { type: 'integer' }, { type: 'number' }, []],
    ['numbers made whole numbers', { type: 'number' }, { type: 'integer' }, ['TYPE_NARROWED  0.5']],
  ]
  for (const [name, old, candidate, expected] of cases)
    test(name, () => {
      assert.deepEqual(backward('JSON', old, candidate), expected)
    })
})

suite('JSON Schema: the same meaning written in another way is compatible, where a comparison of keywords is not', () => {
  const cases: readonly (readonly [string, Json, Json])[] = [
    ['a bound in another form', { type: 'integer', minimum: 1 }, { type: 'integer', exclusiveMinimum: 0 }],
    ['an enum as a range', { enum: [1, 2, 3] }, { type: 'integer', minimum: 1, maximum: 3 }],
    ['a constant as an enum', { const: 'x' }, { enum: ['x'] }],
    [
      'a definition instead of a copy',
      object({ a }),
      { ...object({ a: { $ref: '#/definitions/t' } }), definitions: { t: a } },
    ],
    ['anyOf types as a list of types', { anyOf: [{ type: 'string' }, { type: 'null' }] }, { type: ['null', 'string'] }],
    ['allOf merged', { allOf: [{ minLength: 1 }, { maxLength: 3 }] }, { minLength: 1, maxLength: 3 }],
  ]
  for (const [name, old, candidate] of cases)
    test(name, () => {
      assert.deepEqual(backward('JSON', old, candidate), [])
    })
})

const record = (fields: readonly Json[], name = 'R') => ({ type: 'record', name, fields })
const field = (type: Json, more: { readonly [key: string]: Json } = {}) => ({ name: 'f', type, ...more })
const enumOf = (symbols: readonly string[], more: { readonly [key: string]: Json } = {}) => ({
  type: 'enum',
  name: 'E',
  symbols,
  ...more,
})

suite('Avro: what Confluent documents for BACKWARD, and why', () => {
  const missing = 'READER_FIELD_MISSING_DEFAULT_VALUE f {}'
  const cases: readonly (readonly [string, Json, Json, readonly string[]])[] = [
    ['a field deleted', record([field('int')]), record([]), []],
    ['a field added with a default', record([]), record([field('int', { default: 0 })]), []],
    ['a field added without a default', record([]), record([field('int')]), [missing]],
    ['int made long', record([field('int')]), record([field('long')]), []],
    ['int made double', record([field('int')]), record([field('double')]), []],
    ['long made int', record([field('long')]), record([field('int')]), ['TYPE_MISMATCH f {"f":0}']],
    ['string made bytes', record([field('string')]), record([field('bytes')]), []],
    ['a union widened', record([field('int')]), record([field(['null', 'int'])]), []],
    ['a union narrowed', record([field(['null', 'int'])]), record([field('int')]), ['TYPE_MISMATCH f {"f":null}']],
    [
      'a union without the branch',
      record([field('string')]),
      record([field(['null', 'int'])]),
      ['MISSING_UNION_BRANCH f {"f":""}'],
    ],
    [
      'a renamed field',
      record([{ name: 'g', type: 'int' }]),
      record([field('int')]),
      ['READER_FIELD_MISSING_DEFAULT_VALUE f {"g":0}'],
    ],
    [
      'a renamed field with an alias',
      record([{ name: 'g', type: 'int' }]),
      record([field('int', { aliases: ['g'] })]),
      [],
    ],
    ['a symbol added', record([field(enumOf(['A']))]), record([field(enumOf(['A', 'B']))]), []],
    [
      'a symbol removed',
      record([field(enumOf(['A', 'B']))]),
      record([field(enumOf(['A']))]),
      ['MISSING_ENUM_SYMBOLS f {"f":"B"}'],
    ],
    [
      'a symbol removed where the enum has a default',
      record([field(enumOf(['A', 'B']))]),
      record([field(enumOf(['A'], { default: 'A' }))]),
      [],
    ],
    ['another record name', record([]), record([], 'S'), ['NAME_MISMATCH  {}']],
    [
      'another fixed size',
      { type: 'fixed', name: 'F', size: 2 },
      { type: 'fixed', name: 'F', size: 3 },
      ['FIXED_SIZE_MISMATCH  "\\u0000\\u0000"'],
    ],
  ]
  for (const [name, old, candidate, expected] of cases)
    test(name, () => {
      assert.deepEqual(backward('AVRO', old, candidate), expected)
    })

  test('Confluent passes another scale of a decimal; here it is refused, since 0.01 would be read as 0.0001', () => {
    const decimal = (scale: number) => ({ type: 'bytes', logicalType: 'decimal', precision: 9, scale })
    assert.deepEqual(backward('AVRO', decimal(2), decimal(4)), ['LOGICAL_TYPE_MISMATCH  "\\u0001"'])
  })
})

test('modes choose direction and versions, newest first', () => {
  const long = text(record([field('long')]))
  const int = text(record([field('int')]))
  const ask = (mode: Parameters<typeof schemaCompatibility>[0]['mode'], earlier = [long, int]) =>
    schemaCompatibility({ format: 'AVRO', candidate: int, earlier, mode }).reasons.map(
      ({ version, direction }) => `${direction} ${version}`,
    )
  assert.deepEqual(ask('NONE'), [])
  assert.deepEqual(ask('BACKWARD'), [])
  assert.deepEqual(ask('BACKWARD_TRANSITIVE'), ['backward 0'])
  assert.deepEqual(ask('FORWARD_TRANSITIVE'), [])
  assert.deepEqual(ask('FULL_TRANSITIVE', [long, int, long]), ['backward 2', 'backward 0'])
})

test('references are followed', () => {
  const inner = { name: 'inner.json', schema: JSON.stringify({ type: 'integer' }) }
  const narrower = { ...inner, schema: JSON.stringify({ type: 'integer', minimum: 0 }) }
  const outer = JSON.stringify(object({ n: { $ref: 'inner.json' } }))
  const ask = (old: typeof inner, candidate: typeof inner) =>
    schemaCompatibility({
      format: 'JSON',
      candidate: { schema: outer, references: [candidate] },
      earlier: [{ schema: outer, references: [old] }],
      mode: 'BACKWARD',
    }).reasons.map(({ path, witness }) => `${path} ${JSON.stringify(witness)}`)
  assert.deepEqual(ask(narrower, inner), [])
  assert.deepEqual(ask(inner, narrower), ['/n {"n":-1}'])
  const city = { name: 'com.x.City', schema: JSON.stringify({ type: 'record', name: 'com.x.City', fields: [] }) }
  parseSchema('AVRO', { schema: JSON.stringify(record([field('com.x.City')])), references: [city] })
})

suite('what is no schema is refused with its place', () => {
  const cases: readonly (readonly [SchemaFormat, string, RegExp])[] = [
    ['AVRO', '{', /not JSON/],
    ['AVRO', '"strnig"', /no type "strnig"/],
    ['AVRO', JSON.stringify(record([field('int'), field('int')])), /"f" stands twice/],
    ['AVRO', JSON.stringify(record([field('int', { default: 'x' })])), /default of "f"/],
    ['AVRO', '["null","null"]', /"null" twice/],
    ['JSON', '3', /object, true or false/],
    ['JSON', '{"type":"strnig"}', /no schema of its draft/],
    ['JSON', '{"$ref":"#/nowhere"}', /leads nowhere/],
    ['JSON', '{"$ref":"#"}', /itself without end/],
    ['JSON', '{"pattern":"("}', /no regular expression/],
    ['JSON', '{"$schema":"https://example.com/"}', /none of the drafts/],
    ['JSON', '['.repeat(200) + ']'.repeat(200), /deeper than/],
  ]
  for (const [format, schema, message] of cases)
    test(`${format} ${schema.slice(0, 60)}`, () => {
      assert.throws(() => parseSchema(format, { schema }), message)
    })
})

test('texts of the same schema have one canonical text, which is a schema', () => {
  const long = {
    namespace: 'x',
    fields: [{ type: { type: 'string' }, name: 'f', order: 'ascending' }],
    name: 'R',
    type: 'record',
  }
  const short = { type: 'record', name: 'x.R', fields: [field('string')] }
  const canonical = canonicalSchema('AVRO', text(long))
  assert.equal(canonical, '{"type":"record","name":"R","namespace":"x","fields":[{"name":"f","type":"string"}]}')
  assert.equal(canonicalSchema('AVRO', text(short)), canonical)
  assert.equal(canonicalSchema('AVRO', { schema: canonical }), canonical)
  assert.equal(canonicalSchema('JSON', { schema: '{ "b": 1, "a": 1.0 }' }), '{"a":1,"b":1}')
})

test('many versions share the steps of one call, and those that are left over say so', () => {
  const names = Array.from({ length: 30 }, (_, index) => String(index))
  const earlier = names.map((title) =>
    text({
      title,
      dependencies: Object.fromEntries(
        names.map((name) => [name, { anyOf: [{ required: [`a${name}`] }, { required: [`b${name}`] }] }]),
      ),
    }),
  )
  const doubled = (at: number): Json => ({ allOf: [{ $ref: `#/definitions/${at}` }, { $ref: `#/definitions/${at}` }] })
  const definitions = Object.fromEntries(names.map((name, at) => [name, at === 29 ? true : doubled(at + 1)]))
  const candidate = text({ ...(doubled(0) as object), definitions })
  const { compatible, reasons, undecided } = schemaCompatibility({
    format: 'JSON',
    candidate,
    earlier,
    mode: 'FULL_TRANSITIVE',
  })
  assert.deepEqual({ compatible, reasons }, { compatible: true, reasons: [] })
  assert.equal(undecided.at(-1)?.keyword, 'budget')
})
