import assert from 'node:assert/strict'
import { test } from 'node:test'
import avsc from 'avsc'
import fc from 'fast-check'
import { CovenantError, type Json } from '../../kernel/index.ts'
import { type SchemaFormat, schemaCompatibility } from './schemas.ts'

type Object = { readonly [key: string]: Json }

const NAMES = ['a', 'b', 'c']

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

function ask(format: SchemaFormat, old: Json, candidate: Json) {
  const text = (schema: Json) => ({ schema: JSON.stringify(schema) })
  return schemaCompatibility({ format, candidate: text(candidate), earlier: [text(old)], mode: 'FULL' })
}

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
