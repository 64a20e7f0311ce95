import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { eventsOfRequest, type HttpHeaders } from './index.ts'

const NOW = 1_000
const send = (headers: HttpHeaders, body: string) =>
  eventsOfRequest({ headers, body: Buffer.from(body), key: ['id'], now: NOW })
const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString())

function taken(headers: HttpHeaders, body: string) {
  const result = send(headers, body)
  assert.ok(result.ok, result.ok ? '' : result.reason)
  return result.records.map((record) => ({ ...record, key: text(record.key), value: text(record.value) }))
}

function refusal(headers: HttpHeaders, body: string): string {
  const result = send(headers, body)
  assert.ok(!result.ok && !result.unsupportedMediaType)
  return result.reason
}

const JSON_TYPE = { 'Content-Type': 'application/json; charset=utf-8' }
const STRUCTURED = { 'content-type': 'application/cloudevents+json' }
const event = '"specversion":"1.0","id":"e1","source":"/gate/7","type":"arrived"'

describe('plain JSON', () => {
  test('an object is one record, its bytes as they were sent', () => {
    const body = ' {"id": "a", "n": 1.0, "big": 12345678901234567890} '
    assert.deepEqual(taken(JSON_TYPE, body), [{ key: 'a', value: body, headers: {}, timestamp: NOW }])
    assert.deepEqual(taken({}, '{"id":7}')[0]?.key, '7')
  })

  test('an array is one record an item, each as it was written', () => {
    const records = taken(JSON_TYPE, '[ {"id":"a]","n":1.0} ,{"id":"b\\"","x":[{},[2]]}\n]')
    assert.deepEqual(
      records.map(({ key, value }) => [key, value]),
      [
        ['a]', '{"id":"a]","n":1.0}'],
        ['b"', '{"id":"b\\"","x":[{},[2]]}'],
      ],
    )
    assert.deepEqual(taken(JSON_TYPE, '[]'), [])
  })

  test('an event without its key is taken without a key: the validator refuses it, not the door', () => {
    assert.equal(taken(JSON_TYPE, '{"id":null}')[0]?.key, null)
  })

  test('what is no JSON object is refused', () => {
    assert.match(refusal(JSON_TYPE, '{"id":'), /no JSON in UTF-8/)
    assert.match(refusal(JSON_TYPE, '7'), /An event is a JSON object/)
    assert.match(refusal(JSON_TYPE, '[{},7]'), /Event 1 is no JSON object/)
  })

  test('another media type is told apart from a bad body', () => {
    const result = send({ 'content-type': 'text/csv' }, 'a,b')
    assert.ok(!result.ok && result.unsupportedMediaType)
  })
})

test('of a change event the row has the key: after the change, before a delete', () => {
  const keys = (body: string, headers: HttpHeaders = JSON_TYPE) => {
    const result = eventsOfRequest({ headers, body: Buffer.from(body), key: ['id'], cdc: 'debezium', now: NOW })
    assert.ok(result.ok)
    return result.records.map(({ key }) => text(key))
  }
  const update = '{"op":"u","id":"x","before":{"id":1},"after":{"id":2}}'
  const remove = '{"op":"d","before":{"id":3},"after":null}'
  assert.deepEqual(keys(`[${update},${remove},{"op":"c"},{"after":7}]`), ['2', '3', null, null])
  assert.deepEqual(keys(`{${event},"data":${remove}}`, STRUCTURED), ['3'])
})

describe('CloudEvents', () => {
  test('structured: data byte for byte, attributes as headers, time as timestamp', () => {
    const body = `{${event},"subject":"s","time":"2013-01-01T00:00:00.5Z","count":3,"data": {"id":"a", "n":1.0} }`
    assert.deepEqual(taken(STRUCTURED, body), [
      {
        key: 'a',
        value: '{"id":"a", "n":1.0}',
        timestamp: Date.UTC(2013, 0, 1, 0, 0, 0, 500),
        headers: {
          ce_specversion: '1.0',
          ce_id: 'e1',
          ce_source: '/gate/7',
          ce_type: 'arrived',
          ce_subject: 's',
          ce_time: '2013-01-01T00:00:00.5Z',
          ce_count: '3',
        },
      },
    ])
  })

  test('structured: base64 data, a partition key, no data', () => {
    const [base64] = taken(STRUCTURED, `{${event},"partitionkey":"p","data_base64":"eyJpZCI6ImEifQ=="}`)
    assert.deepEqual([base64?.key, base64?.value], ['p', '{"id":"a"}'])
    assert.equal(taken(STRUCTURED, `{${event}}`)[0]?.value, null)
  })

  test('batch: all events or none', () => {
    const type = { 'content-type': 'application/cloudevents-batch+json' }
    const one = `{${event},"data":{"id":"a"}}`
    assert.deepEqual(
      taken(type, `[${one}, ${one}]`).map(({ value }) => value),
      ['{"id":"a"}', '{"id":"a"}'],
    )
    assert.match(refusal(type, `[${one},{"specversion":"1.0"}]`), /^Event 1: The CloudEvent lacks the attribute "id"/)
    assert.match(refusal(type, one), /is a JSON array/)
  })

  test('binary: header names without regard to case, values percent-decoded', () => {
    const headers = {
      'CE-SpecVersion': '1.0',
      'Ce-Id': 'e%C3%A9',
      'ce-source': '/a',
      'ce-type': 't',
      'ce-time': '2013-01-01T01:00:00+01:00',
      'Content-Type': 'application/json',
      accept: '*/*',
    }
    const [record] = taken(headers, '{"id":"a"}')
    assert.equal(record?.timestamp, Date.UTC(2013, 0, 1))
    assert.equal(record?.headers.ce_id, 'eé')
    assert.equal(record?.headers.ce_datacontenttype, 'application/json')
    assert.equal(record?.headers.ce_accept, undefined)
  })

  test('an event that breaks the specification is refused with the reason', () => {
    assert.match(
      refusal(STRUCTURED, '{"specversion":"1.0","id":"","source":"/","type":"t"}'),
      /lacks the attribute "id"/,
    )
    assert.match(refusal(STRUCTURED, `{${event.replace('1.0', '0.3')}}`), /specversion "0.3"/)
    assert.match(refusal(STRUCTURED, `{${event},"time":"2013-02-31T00:00:00Z"}`), /no RFC 3339 timestamp/)
    assert.match(refusal(STRUCTURED, `{${event},"myKey":"x"}`), /lower-case letters and digits/)
    assert.match(refusal(STRUCTURED, `{${event},"data":{},"data_base64":""}`), /not both/)
    assert.match(refusal(STRUCTURED, `{${event},"ext":{}}`), /no simple value/)
    assert.match(refusal(STRUCTURED, '[]'), /is a JSON object/)
  })
})
