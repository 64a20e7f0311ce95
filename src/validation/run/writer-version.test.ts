import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writerVersion } from './writer-version.ts'

const plan = { topic: 'flights.arrived', contractId: 'flights-arrived' }
const version = (headers: Readonly<Record<string, string>>) => writerVersion(headers, plan)

test('the header counts, then a data schema that names this contract and a version', () => {
  assert.equal(version({ 'cov.version': '1.0.0', ce_dataschema: 'https://x/flights.arrived/1.2.0' }), '1.0.0')
  assert.equal(version({ ce_dataschema: 'https://x.example/schemas/flights.arrived/1.2.0' }), '1.2.0')
  assert.equal(version({ ce_dataschema: 'urn:covenant:flights-arrived:2.0.0' }), '2.0.0')
  assert.equal(version({ ce_dataschema: 'flights-arrived@2.0.0' }), '2.0.0')
})

test('a data schema of something else, or without a version, names none', () => {
  for (const ce_dataschema of [
    'https://x.example/schemas/flights.departed/1.2.0',
    'https://x.example/not-flights.arrived/1.2.0',
    'https://x.example/flights.arrived/1.2',
    'https://x.example/flights.arrived/1.2.0/more',
    'https://x.example/flights.arrived',
    '',
  ])
    assert.equal(version({ ce_dataschema }), undefined, ce_dataschema)
  assert.equal(version({}), undefined)
})
