import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { odcsValidatorSource, validatorFile } from '../../../scripts/odcs-validator.ts'
import { sha256 } from '../../kernel/index.ts'

test('the ODCS schema is the one that datacontract-cli 1.2.8 bundles, byte for byte', () => {
  const bytes = readFileSync(new URL('./odcs-3.2.0.schema.json', import.meta.url))
  assert.equal(bytes.length, 117_048)
  assert.equal(sha256(bytes), '171420cb211c3fba7b0b0ee4939e43112cfac661386159cc4e123667846056c8')
})

test('the code of the schema is the one that `npm run generate:odcs` writes', () => {
  assert.ok(readFileSync(validatorFile, 'utf8') === odcsValidatorSource(), 'run npm run generate:odcs')
})
