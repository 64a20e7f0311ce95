import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { JsonObject } from '../../kernel/index.ts'
import { compileAvro } from '../plan/avro.ts'
import { parseContract } from './index.ts'

const HEAD = { apiVersion: 'v3.2.0', kind: 'DataContract', id: 'c', name: 'C', version: '1.0.0', status: 'active' }

/** A contract of these properties that asks for a format, as text: JSON is YAML too, laid out line by line. */
function contractText(properties: readonly JsonObject[], format: 'avro' | 'json'): string {
  const customProperties = [{ property: 'covenant.schemaRegistry', value: { format } }]
  const object = { name: 'c', logicalType: 'object', customProperties, properties }
  return JSON.stringify({ ...HEAD, schema: [object] }, null, 2)
}

const avroErrors = (text: string) =>
  parseContract(text, 'c.yaml').problems.filter(({ code }) => code === 'CONTRACT_AVRO_UNSUPPORTED')

test('a field that Avro cannot hold is an error at its place, where Avro is asked for', () => {
  const text = contractText(
    [
      { name: 'id', logicalType: 'string' },
      { name: 'ship to', logicalType: 'object', properties: [{ name: 'zip-code', logicalType: 'string' }] },
      { name: 'tags', logicalType: 'array', items: { logicalType: 'string' } },
    ],
    'avro',
  )
  const lines = text.split('\n')
  const told = avroErrors(text).map(({ severity, line, column, path }) => [
    severity,
    path,
    lines[line - 1]!.slice(column - 1),
  ])
  assert.deepEqual(told, [
    ['error', 'schema[0].properties[1].name', '"name": "ship to",'],
    ['error', 'schema[0].properties[1].properties[0].name', '"name": "zip-code",'],
  ])
  assert.match(avroErrors(text)[0]!.message, /set "format" of covenant.schemaRegistry to json/)
  assert.deepEqual(avroErrors(text.replace('"avro"', '"json"')), [])
})

const names = fc.constantFrom('a', 'b', 'a-b', 'é', '1x', '_x', 'two words')
const property: fc.Memo<JsonObject> = fc.memo((depth) => {
  const scalar = names.map((name): JsonObject => ({ name, logicalType: 'string' }))
  if (depth <= 1) return scalar
  const inner = property(depth - 1)
  return fc.oneof(
    scalar,
    fc.tuple(names, members(inner)).map(([name, properties]) => ({ name, logicalType: 'object', properties })),
    fc.tuple(names, inner).map(([name, items]) => ({ name, logicalType: 'array', items })),
    fc.tuple(names, inner).map(([name, value]) => ({
      name,
      logicalType: 'map',
      map: { key: { logicalType: 'string' }, value },
    })),
  ) as fc.Arbitrary<JsonObject>
})
const members = (each: fc.Arbitrary<JsonObject>) =>
  fc.uniqueArray(each, { selector: ({ name }) => name, minLength: 1, maxLength: 3 })

test('what the lint lets through compiles to Avro, and what it refuses does not', () => {
  const seen = { refused: 0, compiled: 0 }
  fc.assert(
    fc.property(members(property(3)), (properties) => {
      const { contract, problems } = parseContract(contractText(properties, 'json'), 'c.yaml')
      assert.ok(contract, JSON.stringify(problems))
      const refused = avroErrors(contractText(properties, 'avro')).length > 0
      if (refused) assert.throws(() => compileAvro(contract), { code: 'CONTRACT_AVRO_UNSUPPORTED' })
      else compileAvro(contract)
      seen[refused ? 'refused' : 'compiled']++
    }),
    { numRuns: 300 },
  )
  assert.ok(seen.refused > 20 && seen.compiled > 5, JSON.stringify(seen))
})
