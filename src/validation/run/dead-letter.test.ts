import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HEADERS } from '../../topic/index.ts'
import type { Violation } from '../define.ts'
import { originalHeaders } from './alias-headers.ts'
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

test('a dead letter carries what its record had, why it failed, and the names that other consoles look for', () => {
  const headers = { trace: 'x', [HEADERS.attempt]: '2', [HEADERS.replayOf]: 't.dlq/0/1', [HEADERS.origin]: 't.raw/0/3' }
  const value = Buffer.from([0xff, 0x00])
  const record = { topic: 't.raw', partition: 1, offset: 7, timestamp: 5, key: Buffer.from('k'), value, headers }
  const refusal = { topic: 't', contractId: 'c', version: '1.0.0', rulesHash: 'h', migratedFrom: null }
  const rule = { ...violation('positive'), code: 'rule' as const }
  const letter = deadLetter(record, { ...refusal, violations: [rule] })
  assert.deepEqual([letter.key, letter.value, letter.timestamp], [record.key, value, 5])
  assert.equal(letter.headers[HEADERS.stage], 'rule')
  assert.equal(letter.headers[HEADERS.rulesHash], 'h')
  assert.equal(letter.headers[HEADERS.attempt], '2')
  for (const prefix of ['__connect.errors.', '__streams.errors.'])
    assert.deepEqual(
      ['topic', 'partition', 'offset'].map((name) => letter.headers[prefix + name]),
      ['t.raw', '1', '7'],
    )
  assert.equal(letter.headers['__connect.errors.exception.message'], letter.headers[HEADERS.reason])
  assert.equal(letter.headers['__connect.errors.stage'], 'TRANSFORMATION')
  assert.deepEqual(originalHeaders(letter.headers), { trace: 'x' })
  assert.equal(deadLetter(record, { ...refusal, violations: [rule, violation('a')] }).headers[HEADERS.stage], 'schema')
  const waiting = deadLetter(record, { ...refusal, violations: [], blockedBy: 't.raw/0/2' })
  assert.deepEqual(
    [waiting.headers[HEADERS.stage], waiting.headers[HEADERS.class], waiting.headers[HEADERS.blockedBy]],
    ['key', 'blocked', 't.raw/0/2'],
  )
})
