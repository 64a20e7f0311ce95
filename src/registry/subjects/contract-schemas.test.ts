import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contractOf, fieldOf } from '../../../test/contract/arbitraries.ts'
import { contractSchemas } from './contract-schemas.ts'

test('a contract that was registered with Avro that cannot hold it says in the metadata why it is JSON Schema', () => {
  const contract = {
    ...contractOf([fieldOf('zip-code', 'string')]),
    key: ['zip-code'],
    schemaRegistry: { format: 'avro', subject: null, mode: 'WRITE', onFailure: 'ERROR', metadata: {} },
  } as const
  const schemas = contractSchemas(contract, { raw: 'c.raw', validated: 'c.validated', deadLetters: 'c.dlq' })
  assert.equal(schemas.length, 2)
  for (const { content } of schemas) {
    assert.equal(content.schemaType, 'JSON')
    assert.equal(
      content.metadata?.properties?.['covenant.avroUnsupported'],
      'Avro allows no field of the name "zip-code".',
    )
  }
})
