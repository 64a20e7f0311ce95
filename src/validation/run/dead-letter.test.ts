import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HEADERS } from '../../topic/index.ts'
import type { Violation } from '../define.ts'
import { deadLetter, fingerprintOf } from './dead-letter.ts'

const violation = (ruleId: string, got = '1'): Violation => ({
  ruleId,
  path: ruleId,
  code: 'type',
  expected: 'a string',
  got,
  severity: 'error',
})

test('the errors of a dead letter are at most 16 KiB of whole JSON', () => {
  const violations = Array.from({ length: 100 }, (_, i) => violation(`field-${i}-${'x'.repeat(300)}.type`))
  const record = {
    topic: 't.raw',
    partition: 0,
    offset: 7,
    timestamp: 0,
    key: null,
    value: Buffer.from('{}'),
    headers: {},
  }
  const letter = deadLetter(record, { topic: 't', contractId: 'c', version: '1.0.0', violations, migratedFrom: null })
  const errors = letter.headers[HEADERS.errors]!
  assert.ok(Buffer.byteLength(errors) <= 16 * 1024)
  assert.ok((JSON.parse(errors) as Violation[]).length > 10)
})

test('a fingerprint depends on the topic and the broken rules, not on values, order or repetition', () => {
  const one = fingerprintOf('t', [violation('a.type', '1'), violation('b.type')])
  const other = fingerprintOf('t', [violation('b.type'), violation('a.type', '2'), violation('a.type', '3')])
  assert.equal(one, other)
  assert.notEqual(one, fingerprintOf('u', [violation('a.type'), violation('b.type')]))
  assert.notEqual(one, fingerprintOf('t', [violation('a.type')]))
})
