import assert from 'node:assert/strict'
import { test } from 'node:test'
import avsc from 'avsc'
import fc from 'fast-check'
import { contractOf, documentArbitrary, fieldOf, fieldsArbitrary } from '../../../test/contract/arbitraries.ts'
import { ORDERS } from '../../../test/contract/orders.ts'
import { canonicalJson, DAY_MS, isJsonObject, type Json } from '../../kernel/index.ts'
import { parseSchema, schemaCompatibility } from '../compare/schemas.ts'
import type { Field } from '../define.ts'
import { compareMoments, isMomentType } from '../moment.ts'
import { readContract } from '../read/index.ts'
import { acceptsDocument } from './accepts.ts'
import { compileAvro } from './avro.ts'
import { compileValidationPlan } from './validation-plan.ts'

test('a contract as Avro', () => {
  const schema = compileAvro(readContract(ORDERS, 'orders'))
  const fields = schema.fields as readonly { readonly name: string; readonly type: Json; readonly default?: null }[]
  const typeOf = (name: string) => fields.find((field) => field.name === name)?.type
  assert.equal(schema.name, 'OrdersPlaced')
  assert.deepEqual(typeOf('placedAt'), { type: 'long', logicalType: 'timestamp-micros' })
  assert.deepEqual(typeOf('currency'), { type: 'enum', name: 'OrdersPlaced_currency', symbols: ['EUR', 'USD'] })
  assert.deepEqual(typeOf('labels'), ['null', { type: 'map', values: 'string' }])
  assert.equal(fields.find(({ name }) => name === 'address')?.default, null)
})

/** Avro's long is wider, but avsc refuses the greatest whole number that JavaScript holds exactly. */
const AVSC_LIMIT = /9007199254740991/

test('what a contract accepts, Avro writes and reads again', () => {
  const cases = fieldsArbitrary.chain((fields) =>
    fc.tuple(fc.constant(fields), fc.array(documentArbitrary(fields), { minLength: 10, maxLength: 10 })),
  )
  fc.assert(
    fc.property(cases, ([fields, documents]) => {
      const contract = contractOf(fields)
      const schema = compileAvro(contract)
      parseSchema('AVRO', { schema: JSON.stringify(schema) })
      const type = avsc.Type.forSchema(schema as avsc.Schema)
      const plan = compileValidationPlan(contract)
      for (const document of documents.filter(
        (each) => acceptsDocument(plan.fields, each) && !AVSC_LIMIT.test(JSON.stringify(each)),
      )) {
        const read = type.fromBuffer(type.toBuffer(toAvro(fields, document))) as Json
        assert.equal(canonicalJson(read), canonicalJson(toAvro(fields, document)))
        assert.ok(acceptsDocument(plan.fields, fromAvro(fields, read)), JSON.stringify(document))
      }
    }),
    { numRuns: 200 },
  )
})

test('an optional field may come and go', () => {
  const [id, note] = [fieldOf('id', 'integer'), fieldOf('note', 'string', { required: false })]
  const text = (fields: readonly Field[]) => ({ schema: JSON.stringify(compileAvro(contractOf(fields))) })
  const question = { format: 'AVRO', candidate: text([id, note]), earlier: [text([id])], mode: 'FULL' } as const
  assert.deepEqual(schemaCompatibility(question).reasons, [])
})

test('nested types of one name get different ones', () => {
  const inner = fieldOf('b', 'object', { fields: [fieldOf('x', 'integer')] })
  const schema = compileAvro(
    contractOf([fieldOf('a', 'object', { fields: [inner] }), fieldOf('a_b', 'object', { fields: [] })]),
  )
  parseSchema('AVRO', { schema: JSON.stringify(schema) })
  assert.match(JSON.stringify(schema), /"C_a_b_2"/)
})

test('what Avro cannot express is said', () => {
  assert.throws(() => compileAvro(contractOf([fieldOf('a-b', 'integer')])), /no field of the name "a-b"/)
  assert.throws(() => compileAvro(contractOf([fieldOf('a', 'array')])), /does not say what it holds/)
})

/** The document as Avro holds it: all fields, moments as numbers. */
function toAvro(fields: readonly Field[], document: Json): Json {
  return mapMembers(fields, document, (field, text) => toNumber(field, text))
}

function fromAvro(fields: readonly Field[], document: Json): Json {
  return mapMembers(fields, document, (field, number) => toText(field, number))
}

function mapMembers(fields: readonly Field[], document: Json, moment: (field: Field, value: Json) => Json): Json {
  const object = document as { readonly [name: string]: Json }
  return Object.fromEntries(fields.map((field) => [field.name, mapValue(field, object[field.name] ?? null, moment)]))
}

function mapValue(field: Field, value: Json, moment: (field: Field, value: Json) => Json): Json {
  if (value === null) return null
  if (isMomentType(field.type)) return moment(field, value)
  if (field.type === 'object') return mapMembers(field.fields ?? [], value, moment)
  if (Array.isArray(value)) return value.map((each: Json) => mapValue(field.items!, each, moment))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapValue(field.items!, each, moment)]))
}

/** Days or microseconds. */
function toNumber({ type }: Field, text: Json): Json {
  if (!isMomentType(type)) return text
  const written = type === 'time' ? `1970-01-01T${String(text)}Z` : String(text)
  const [, fraction = ''] = /\.(\d+)/.exec(written) ?? []
  const wholeMs = Date.parse(written.replace(/\.\d+/, ''))
  return type === 'date' ? wholeMs / DAY_MS : wholeMs * 1_000 + Number(fraction.padEnd(6, '0').slice(0, 6))
}

/** The moment in UTC; of an enum the text of its instant. */
function toText({ type, rules }: Field, value: Json): Json {
  if (!isMomentType(type)) return value
  const number = Number(value)
  const wholeMs = type === 'date' ? number * DAY_MS : Math.floor(number / 1_000_000) * 1_000
  const iso = new Date(wholeMs).toISOString()
  const micros = String(((number % 1_000_000) + 1_000_000) % 1_000_000).padStart(6, '0')
  const text =
    type === 'date'
      ? iso.slice(0, 10)
      : type === 'time'
        ? `${iso.slice(11, 19)}.${micros}`
        : `${iso.slice(0, 19)}.${micros}Z`
  return rules.enum?.find((each) => compareMoments(type, String(each), text) === 0) ?? text
}
