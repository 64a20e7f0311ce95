import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import avsc from 'avsc'
import fc from 'fast-check'
import { CovenantError, type Json } from '../../kernel/index.ts'
import { isMultipleOf } from '../decimal.ts'
import { type SchemaFormat, schemaCompatibility } from './schemas.ts'

type Object = { readonly [key: string]: Json }

const NAMES = ['a', 'b', 'c']

/** JSON Schemas, a few levels deep, whose keywords often bite. */
const jsonSchemas: fc.Arbitrary<Json> = jsonSchema(2)

function jsonSchema(depth: number): fc.Arbitrary<Json> {
  const size = fc.integer({ min: 0, max: 3 })
  const number = fc.constantFrom(-1, 0, 0.5, 1, 2, 5)
  const scalar = fc.oneof(
    fc.constantFrom<Json>(true, {}, { type: 'null' }, { type: 'boolean' }, { type: ['string', 'null'] }),
    some(
      { minimum: number, maximum: number, exclusiveMinimum: number, multipleOf: fc.constantFrom(0.5, 1, 2) },
      'number',
    ),
    some({ minimum: number, maximum: number }, 'integer'),
    some({ minLength: size, maxLength: size, pattern: fc.constantFrom('^a', '^[a-c]+$', '\\d') }, 'string'),
    fc
      .uniqueArray(fc.constantFrom<Json>('a', 'b', 1, null, true), { minLength: 1, maxLength: 3 })
      .map((list) => ({ enum: list })),
  )
  if (depth === 0) return scalar
  const inner = jsonSchema(depth - 1)
  const members = fc.dictionary(fc.constantFrom(...NAMES), inner, { maxKeys: 3 })
  const names = fc.subarray(NAMES, { maxLength: 2 })
  return fc.oneof(
    { weight: 2, arbitrary: scalar },
    {
      weight: 4,
      arbitrary: some(
        {
          properties: members,
          required: names,
          additionalProperties: fc.oneof(fc.constant<Json>(false), inner),
          patternProperties: fc.dictionary(fc.constantFrom('^a', 'c$'), inner, { maxKeys: 1 }),
          maxProperties: size,
          dependencies: fc.dictionary(fc.constantFrom(...NAMES), names, { maxKeys: 1 }),
        },
        'object',
      ),
    },
    some({ items: inner, minItems: size, maxItems: size, uniqueItems: fc.boolean(), contains: inner }, 'array'),
    fc
      .array(inner, { minLength: 1, maxLength: 2 })
      .chain((list) => fc.constantFrom('anyOf', 'oneOf', 'allOf').map((key) => ({ [key]: list }))),
    inner.map((not) => ({ not })),
  )
}

function some(keywords: { readonly [key: string]: fc.Arbitrary<Json> }, type: string): fc.Arbitrary<Json> {
  return fc
    .subarray(Object.keys(keywords), { maxLength: Math.min(3, Object.keys(keywords).length) })
    .chain((keys) => fc.record(Object.fromEntries(keys.map((key) => [key, keywords[key]!]))))
    .map((rules) => ({ type, ...rules }))
}

/** A pair of schemas of which one is a small change of the other, or another one altogether. */
function mutated(schemas: fc.Arbitrary<Json>): fc.Arbitrary<readonly [Json, Json]> {
  return schemas.chain((schema) =>
    fc.tuple(fc.constant(schema), fc.oneof({ weight: 5, arbitrary: changed(schema, schemas) }, schemas)),
  )
}

/** The same JSON with one member replaced, dropped or taken from another schema. */
function changed(value: Json, schemas: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  if (typeof value === 'number') return fc.constantFrom(value - 1, value + 1).filter((each) => each >= 0)
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return schemas
  const keys = Object.keys(value)
  return fc.constantFrom(...keys).chain((key) => {
    const inner = (value as Object)[key]!
    const put = (member: Json) =>
      (Array.isArray(value) ? value.with(Number(key), member) : { ...value, [key]: member }) as Json
    const dropped = Array.isArray(value) ? value.toSpliced(Number(key), 1) : without(value as Object, key)
    return fc.oneof({ weight: 4, arbitrary: changed(inner, schemas).map(put) }, fc.constant(dropped as Json))
  })
}

function without(object: Object, key: string): Json {
  const { [key]: _, ...rest } = object
  return rest
}

const instances: fc.Arbitrary<Json> = fc.letrec<{ any: Json }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, true, false, '', 'a', 'b', 'abc', '1', 'xyz', -2, -1, 0, 0.25, 0.5, 1, 1.5, 2, 3, 5, 6),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...NAMES, 'd'), tie('any'), { maxKeys: 4 }),
  ) as fc.Arbitrary<Json>,
})).any

/** ajv, set up apart from the comparison. */
function validator(schema: Json): ((instance: Json) => boolean) | null {
  const ajv = new Ajv({ strict: false, validateFormats: false })
  ajv.removeKeyword('multipleOf')
  ajv.addKeyword({
    keyword: 'multipleOf',
    type: 'number',
    validate: (step: number, value: number) => isMultipleOf(value, step),
  })
  try {
    return ajv.compile(JSON.parse(JSON.stringify(schema)) as Parameters<Ajv['compile']>[0])
  } catch {
    return null
  }
}

function ask(format: SchemaFormat, old: Json, candidate: Json) {
  const text = (schema: Json) => ({ schema: JSON.stringify(schema) })
  return schemaCompatibility({ format, candidate: text(candidate), earlier: [text(old)], mode: 'FULL' })
}

test('JSON Schema: where it says compatible no instance shows otherwise, and each witness shows what it says', () => {
  const cases = fc.tuple(mutated(jsonSchemas), fc.array(instances, { minLength: 60, maxLength: 60 }))
  fc.assert(
    fc.property(cases, ([[old, candidate], documents]) => {
      const [before, after] = [validator(old), validator(candidate)]
      if (before === null || after === null) return
      const { reasons, undecided } = ask('JSON', old, candidate)
      for (const { witness, direction } of reasons) {
        assert.equal(before(witness), direction === 'backward')
        assert.equal(after(witness), direction === 'forward')
      }
      for (const [direction, accepts, refuses] of [
        ['backward', before, after],
        ['forward', after, before],
      ] as const) {
        if ([...reasons, ...undecided].some((each) => each.direction === direction)) continue
        for (const document of documents.filter(accepts))
          assert.ok(refuses(document), `${direction} ${JSON.stringify(document)}`)
      }
    }),
    { numRuns: 60 },
  )
})

/** Avro schemas; names are unique by their place. */
const avroSchemas: fc.Arbitrary<Json> = avroSchema('R', 2)

function avroSchema(name: string, depth: number): fc.Arbitrary<Json> {
  const scalar = fc.oneof(
    fc.constantFrom<Json>('boolean', 'int', 'long', 'float', 'double', 'string', 'bytes'),
    fc.subarray(['A', 'B', 'C'], { minLength: 1 }).chain((symbols) =>
      fc.option(fc.constant(symbols[0]!), { nil: undefined }).map((fallback) => ({
        type: 'enum',
        name: `${name}E`,
        symbols,
        ...(fallback === undefined ? {} : { default: fallback }),
      })),
    ),
    fc.constantFrom(2, 3).map((size) => ({ type: 'fixed', name: `${name}F`, size })),
  )
  if (depth === 0) return scalar
  const inner = (suffix: string) => avroSchema(`${name}${suffix}`, depth - 1)
  const field = (own: string) =>
    fc.oneof(
      inner(own).map((type): Json => ({ name: own, type })),
      inner(own).map((type): Json => ({ name: own, type: ['null', type], default: null })),
      inner(own).map((type): Json => ({ name: own, type: { type: 'array', items: type }, default: [] })),
    )
  return fc.oneof(
    { weight: 2, arbitrary: scalar },
    {
      weight: 4,
      arbitrary: fc
        .subarray(NAMES)
        .chain((own) => fc.tuple(...own.map(field)))
        .map((fields) => ({ type: 'record', name, fields })),
    },
    inner('I').map((items) => ({ type: 'array', items })),
    inner('V').map((values) => ({ type: 'map', values })),
    inner('U').map((branch) => ['null', branch]),
  )
}

test('Avro: what it calls compatible avsc reads, and each witness is written by avsc and not read', () => {
  fc.assert(
    fc.property(mutated(avroSchemas), ([old, candidate]) => {
      const [before, after] = [avroType(old), avroType(candidate)]
      if (before === null || after === null) return
      const verdict = safely(() => ask('AVRO', old, candidate))
      if (verdict === null) return
      for (const [direction, writer, reader] of [
        ['backward', before, after],
        ['forward', after, before],
      ] as const) {
        const found = verdict.reasons.filter((each) => each.direction === direction)
        if (found.length === 0)
          for (let count = 0; count < 10; count++)
            reader.fromBuffer(writer.toBuffer(writer.random()), reader.createResolver(writer))
        for (const { witness, message } of found) {
          assert.notEqual(witness, undefined, message)
          const bytes = writer.toBuffer(writer.fromString(JSON.stringify(witness)))
          assert.throws(() => reader.fromBuffer(bytes, reader.createResolver(writer)), message)
        }
      }
    }),
    { numRuns: 200 },
  )
})

function avroType(schema: Json): avsc.Type | null {
  try {
    return avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: true })
  } catch {
    return null
  }
}

/** `null` for what Avro, stricter than avsc, refuses as a schema. */
function safely<T>(work: () => T): T | null {
  try {
    return work()
  } catch (thrown) {
    if (thrown instanceof CovenantError) return null
    throw thrown
  }
}

test('any JSON as a schema gives a verdict or a fault of its own, never a crash', () => {
  const words = [
    'type',
    'properties',
    '$ref',
    '$id',
    'items',
    'allOf',
    'oneOf',
    'not',
    'enum',
    'pattern',
    'required',
    'definitions',
    'fields',
    'name',
    'symbols',
    'size',
    'default',
    'if',
    'then',
    'dependencies',
    '__proto__',
    'constructor',
  ]
  const values = [
    'object',
    'string',
    'record',
    'enum',
    'array',
    'fixed',
    '#',
    '#/definitions/a',
    'R',
    '(a+)+$',
    '(',
    '',
    'null',
    'map',
  ]
  const anything = fc.letrec<{ any: Json }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<Json>(...values, null, true, false, 0, 1, -1, 1e300, 0.1),
      fc.array(tie('any'), { maxLength: 4 }),
      fc.array(fc.tuple(fc.constantFrom(...words), tie('any')), { maxLength: 5 }).map(Object.fromEntries),
    ) as fc.Arbitrary<Json>,
  })).any
  fc.assert(
    fc.property(anything, anything, fc.constantFrom<SchemaFormat>('AVRO', 'JSON'), (old, candidate, format) => {
      safely(() => ask(format, old, candidate))
    }),
    { numRuns: 300 },
  )
})

test('schemas made to keep a comparison busy are answered', () => {
  const doubling = Object.fromEntries(
    Array.from({ length: 40 }, (_, at) => [
      `a${at}`,
      { allOf: [{ $ref: `#/definitions/a${at + 1}` }, { $ref: `#/definitions/a${at + 1}` }] },
    ]),
  )
  const tree = {
    type: 'object',
    properties: Object.fromEntries(NAMES.map((name) => [name, { $ref: '#/definitions/t' }])),
    required: NAMES,
  }
  const hostile: readonly Json[] = [
    { $ref: '#/definitions/a0', definitions: { ...doubling, a40: { type: 'string' } } },
    { $ref: '#/definitions/t', definitions: { t: tree } },
    { type: 'string', pattern: '(a+)+$', minLength: 9_000 },
    { type: 'array', minItems: 1e9, uniqueItems: true },
    { anyOf: Array.from({ length: 300 }, (_, at) => ({ properties: { a: { const: at } }, required: ['a'] })) },
    { type: 'object', minProperties: 1e9 },
  ]
  for (const schema of hostile)
    for (const other of hostile) assert.ok(safely(() => ask('JSON', schema, other)) !== undefined)
})
