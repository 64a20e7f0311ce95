import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ORDERS } from '../../../test/contract/orders.ts'
import { locate } from './locate.ts'

const lines = ORDERS.split('\n')

const CASES: readonly (readonly [path: string, rule: string | undefined, line: RegExp])[] = [
  ['shopId', undefined, /name: shopId/],
  ['shopId', 'required', /required: true/],
  ['address.zip', 'maxLength', /maxLength: 10/],
  ['address.unheard', undefined, /name: address/],
  ['quality.few-repeats', 'quality', /id: few-repeats/],
  ['quality.no orders from tomorrow', 'quality', /name: no orders from tomorrow/],
  ['slaProperties.latency', 'sla-latency', /property: freshness/],
  ['slaProperties.latency(placedAt)', 'sla-latency', /property: freshness/],
  ['topic', 'topic', /physicalName: orders\.placed/],
  ['key', 'key', /property: covenant\.stream/],
  ['owner', 'owner', /^team:/],
  ['purpose', 'purpose', /purpose:/],
  ['version', 'words', /^version:/],
  ['unheard', undefined, /^apiVersion:/],
]

for (const [path, rule, expected] of CASES)
  test(`${path} ${rule ?? ''} stands where a reader would look`, () => {
    const { line, column } = locate(ORDERS, path, rule)
    assert.match(lines[line - 1]!, expected)
    assert.ok(column <= lines[line - 1]!.length)
  })

test('every text and path has a place in the text', () => {
  const text = fc.oneof(fc.constant(ORDERS), fc.string(), fc.json())
  fc.assert(
    fc.property(
      text,
      fc.oneof(fc.string(), fc.constantFrom('a.b', 'x[].y', 'm{}', 'quality.', 'constructor')),
      (yaml, path) => {
        const { line, column } = locate(yaml, path, 'maximum')
        assert.ok(line >= 1 && column >= 1 && line <= yaml.split(/\r\n|[\n\r]/).length)
      },
    ),
  )
})
