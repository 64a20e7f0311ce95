import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeRow } from './change-event.ts'

const source = { ts_ms: Date.UTC(2013, 0, 1) }
const row = (envelope: unknown) => JSON.parse(changeRow(JSON.stringify(envelope)))

test('a change gives the row after it', () => {
  const changed = row({ op: 'u', before: { n: 1 }, after: { n: 2 }, source })
  assert.deepEqual(changed, { n: 2, _op: 'u', _source_ts: '2013-01-01T00:00:00.000Z' })
})

test('a delete gives the row before it', () => {
  assert.deepEqual(row({ op: 'd', before: { n: 1 }, after: null, source }), {
    n: 1,
    _op: 'd',
    _source_ts: '2013-01-01T00:00:00.000Z',
  })
})

test('the envelope may be the payload of a Kafka Connect message', () => {
  const message = { schema: {}, payload: { op: 'r', before: null, after: { n: 1 }, ts_ms: 0 } }
  assert.deepEqual(row(message), { n: 1, _op: 'r', _source_ts: '1970-01-01T00:00:00.000Z' })
})

test('a tombstone has its operation alone', () => {
  assert.equal(changeRow(null), '{"_op":"t"}')
})

test('a time that is none gives null', () => {
  assert.equal(row({ op: 'c', after: {}, source: { ts_ms: 1e300 } })._source_ts, null)
  assert.equal(row({ op: 'c', after: {}, source: {} })._source_ts, null)
})
