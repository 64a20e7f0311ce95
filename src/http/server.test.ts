import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { ENDPOINT, tinyProject } from '../../test/tiny-project.ts'
import { CovenantError, VirtualClock } from '../kernel/index.ts'
import { type Covenant, openCovenant } from '../runtime/index.ts'
import { buildServer, listen } from './server.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')
const TOPIC = 'station.readings'
const JSON_TYPE = { 'content-type': 'application/json' }
const READING = { station: 'JFK', at: '2026-03-01T11:00:00Z', celsius: 4.5 }
const ENVELOPE = { specversion: '1.0', id: 'a-1', source: '/stations/jfk', type: 'reading' }

let folder: string
let covenant: Covenant
let server: FastifyInstance

before(async () => {
  folder = tinyProject({ 'serving/frost.ts': ENDPOINT })
  covenant = await openCovenant({
    projectDir: folder,
    stateDir: join(folder, 'state'),
    clock: new VirtualClock(NOW),
    durability: 'process',
  })
  server = await buildServer({ covenant, version: '1.2.3' })
})

after(async () => {
  await server.close()
  await covenant.close()
  rmSync(folder, { recursive: true })
})

describe('before anything is applied', () => {
  it('the process is healthy, not ready', async () => {
    assert.equal((await server.inject('/healthz')).statusCode, 200)
    const ready = await server.inject('/readyz')
    assert.equal(ready.statusCode, 503)
    assert.deepEqual(ready.json(), { status: 'no contract is registered', contracts: 0 })
    await covenant.apply({ planOnly: false })
    assert.deepEqual((await server.inject('/readyz')).json(), { status: 'ready', contracts: 1 })
  })
})

describe('POST /topics/<name>', () => {
  it('takes a JSON object as it is', async () => {
    const body = `{ "station":"JFK",  "at":"2026-03-01T11:00:00Z", "celsius": 4.50 }`
    const [record] = await accepted(body, JSON_TYPE)
    assert.deepEqual(record, { key: 'JFK', value: body, headers: {}, timestamp: NOW })
  })

  it('takes an array of objects, each with the bytes that were sent', async () => {
    const records = await accepted(`[{"station":"A","celsius":1.0}, {"celsius":2e0,"station":"B"}]`, JSON_TYPE)
    assert.deepEqual(
      records.map(({ key, value }) => [key, value]),
      [
        ['A', '{"station":"A","celsius":1.0}'],
        ['B', '{"celsius":2e0,"station":"B"}'],
      ],
    )
  })

  it('takes a structured CloudEvent with its time', async () => {
    const event = { ...ENVELOPE, time: '2026-03-01T11:59:00Z', data: READING }
    const [record] = await accepted(JSON.stringify(event), { 'content-type': 'application/cloudevents+json' })
    assert.deepEqual(JSON.parse(record!.value ?? ''), READING)
    assert.equal(record?.key, 'JFK')
    assert.equal(record?.timestamp, Date.parse('2026-03-01T11:59:00Z'))
  })

  it('takes a batch of CloudEvents', async () => {
    const batch = ['a', 'b', 'c'].map((id) => ({ ...ENVELOPE, id, data: { ...READING, station: id } }))
    const records = await accepted(JSON.stringify(batch), { 'content-type': 'application/cloudevents-batch+json' })
    assert.deepEqual(
      records.map(({ key }) => key),
      ['a', 'b', 'c'],
    )
  })

  it('takes a binary CloudEvent: the body is the event, the attributes are headers', async () => {
    const headers = Object.fromEntries(Object.entries(ENVELOPE).map(([name, value]) => [`ce-${name}`, value]))
    const [record] = await accepted(JSON.stringify(READING), { ...JSON_TYPE, ...headers })
    assert.deepEqual(JSON.parse(record!.value ?? ''), READING)
  })

  for (const [name, body, type] of [
    ['malformed JSON', '{"station":', 'application/json'],
    ['no body', '', 'application/json'],
    ['a number', '17', 'application/json'],
    ['an array with something else in it', '[{"station":"A"}, 17]', 'application/json'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'application/json'],
    ['a CloudEvent without id', JSON.stringify({ ...ENVELOPE, id: undefined }), 'application/cloudevents+json'],
    ['a batch that is no array', JSON.stringify(ENVELOPE), 'application/cloudevents-batch+json'],
  ] as const)
    it(`answers 422 to ${name}, and appends nothing`, async () => {
      const before = await endOffset()
      const answer = await post(`/topics/${TOPIC}`, body, { 'content-type': type })
      assertError(answer, 422, 'HTTP_BODY_INVALID')
      assert.equal(await endOffset(), before)
    })

  it('answers 415 to a media type that it does not read, and names those it does', async () => {
    const error = assertError(
      await post(`/topics/${TOPIC}`, '<a/>', { 'content-type': 'text/xml' }),
      415,
      'HTTP_MEDIA_TYPE_UNKNOWN',
    )
    assert.match(error.message, /text\/xml/)
  })

  it('answers 413 to a body of more than 4 MiB', async () => {
    const body = `{"station":"${'x'.repeat(4 * 1024 * 1024)}"}`
    assertError(await post(`/topics/${TOPIC}`, body, JSON_TYPE), 413, 'HTTP_BODY_TOO_LARGE')
  })

  it('answers 404 to an unknown topic, and names the known ones', async () => {
    const error = assertError(await post('/topics/nope', '{}', JSON_TYPE), 404, 'HTTP_TOPIC_UNKNOWN')
    assert.match(error.remedy ?? '', /station\.readings/)
  })

  it('leaves the verdict to the validator', async () => {
    await accepted('{"station":"JFK","at":"2026-03-01T11:00:00Z","celsius":451}', JSON_TYPE)
    await covenant.loop.tick()
    const letters = (await server.inject('/api/dead-letters')).json() as { reason: string }[]
    assert.ok(
      letters.some(({ reason }) => /celsius/.test(reason)),
      JSON.stringify(letters),
    )
  })
})

describe('POST /endpoints/<name>/predict', () => {
  const predict = (name: string, body: unknown) => post(`/endpoints/${name}/predict`, JSON.stringify(body), JSON_TYPE)

  it('answers 404 to an unknown endpoint, and names the known ones', async () => {
    const error = assertError(await predict('nope', { rows: [{}] }), 404, 'HTTP_ENDPOINT_UNKNOWN')
    assert.match(error.remedy ?? '', /frost/)
  })

  for (const body of [{}, { rows: [] }, { rows: [17] }, { rows: 'x' }, [], null])
    it(`answers 422 to ${JSON.stringify(body)}`, async () => {
      assertError(await predict('frost', body), 422, 'HTTP_BODY_INVALID')
    })

  it('answers 409 while there is no model', async () => {
    const error = assertError(await predict('frost', { rows: [READING] }), 409, 'HTTP_NO_MODEL')
    assert.equal(error.retryable, true)
  })
})

describe('/api', () => {
  for (const path of [
    'contracts',
    'dead-letters',
    'audits',
    'service-levels',
    'incidents',
    'publications',
    'runs',
    'models',
    'signals',
    'alerts',
  ])
    it(`/api/${path} answers a list`, async () => {
      const answer = await server.inject(`/api/${path}`)
      assert.equal(answer.statusCode, 200, answer.body)
      assert.ok(Array.isArray(answer.json()))
    })

  it('counts records by topic', async () => {
    const topics = (await server.inject('/api/topics')).json()
    assert.ok(topics[TOPIC].raw >= 1)
  })

  it('answers 404 to an unknown prediction', async () => {
    assertError(await server.inject('/api/why/nope'), 404, 'PROJECT_NAME_UNKNOWN')
  })

  it('answers 404 to a run of a pipeline that is not deployed', async () => {
    assertError(await post('/api/pipelines/nope/run', '{}', JSON_TYPE), 404, 'PROJECT_NAME_UNKNOWN')
    assert.deepEqual((await server.inject('/api/signals')).json(), [])
  })

  it('describes itself as OpenAPI 3: each operation has a summary and every path parameter', async () => {
    const document = (await server.inject('/api/openapi.json')).json()
    assert.match(document.openapi, /^3\.\d+\.\d+$/)
    assert.equal(document.info.version, '1.2.3')
    const paths = Object.entries(document.paths as Record<string, Record<string, Operation>>)
    for (const path of ['/topics/{name}', '/endpoints/{name}/predict', '/metrics', '/readyz'])
      assert.ok(path in document.paths, path)
    for (const [path, operations] of paths)
      for (const [method, operation] of Object.entries(operations)) {
        assert.ok(operation.summary, `${method} ${path} has no summary`)
        assert.ok(Object.keys(operation.responses).length > 0, `${method} ${path} has no response`)
        const declared = (operation.parameters ?? []).filter((each) => each.in === 'path').map((each) => each.name)
        assert.deepEqual(
          declared,
          [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
        )
      }
  })
})

interface Operation {
  readonly summary?: string
  readonly responses: Readonly<Record<string, unknown>>
  readonly parameters?: readonly { readonly in: string; readonly name: string }[]
}

describe('the rest', () => {
  it('/metrics is the text format of Prometheus', async () => {
    const answer = await server.inject('/metrics')
    assert.equal(answer.headers['content-type'], 'text/plain; version=0.0.4')
    assert.ok(answer.body.endsWith('\n'))
    for (const line of answer.body.trimEnd().split('\n'))
      assert.match(line, /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+\{([a-z_]+="([^"\\]|\\.)*",?)*\} [0-9.e+-]+)$/)
    assert.match(answer.body, /^covenant_topic_records_total\{topic="station\.readings\.raw"\} \d+$/m)
  })

  it('answers 404 with the shape of every error', async () => {
    const error = assertError(await server.inject('/nowhere?x=1'), 404, 'HTTP_NOT_FOUND')
    assert.equal(error.message, 'There is nothing at GET /nowhere.')
    assertError(await server.inject({ method: 'DELETE', url: '/api/runs' }), 404, 'HTTP_NOT_FOUND')
  })

  it('serves on a socket, and says so when the port is taken', async () => {
    const first = await buildServer({ covenant, version: '1' })
    const second = await buildServer({ covenant, version: '1' })
    try {
      const address = await listen(first, 0)
      const answer = await fetch(`${address}/topics/${TOPIC}`, {
        method: 'POST',
        headers: JSON_TYPE,
        body: JSON.stringify(READING),
      })
      assert.equal(answer.status, 202)
      assert.deepEqual(await answer.json(), { topic: `${TOPIC}.raw`, accepted: 1 })
      await assert.rejects(
        listen(second, Number(new URL(address).port)),
        (thrown) => thrown instanceof CovenantError && thrown.code === 'HTTP_PORT_IN_USE',
      )
    } finally {
      await first.close()
      await second.close()
    }
  })
})

describe('whatever is sent', () => {
  const types = fc.constantFrom(
    undefined,
    'application/json',
    'application/json; charset=utf-8',
    'application/cloudevents+json',
    'application/cloudevents-batch+json',
    'text/plain',
    'multipart/form-data',
    ';;',
  )
  const bodies = fc.oneof(
    fc.json(),
    fc.json().map((text) => `{"rows":[${text}]}`),
    fc.json().map((text) => `[{"specversion":"1.0","id":"1","source":"s","type":"t","data":${text}}]`),
    fc.json().map((text) => `{"params":${text}}`),
    fc.string({ unit: 'binary' }),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  )
  const cloudHeaders = fc.dictionary(
    fc.constantFrom('ce-id', 'ce-source', 'ce-type', 'ce-specversion', 'ce-time', 'ce-partitionkey'),
    fc.string({ unit: 'grapheme-ascii', maxLength: 12 }),
  )

  for (const url of [`/topics/${TOPIC}`, '/endpoints/frost/predict', '/api/pipelines/delay/run'])
    it(`POST ${url} never fails inside`, async () => {
      await fc.assert(
        fc.asyncProperty(bodies, types, cloudHeaders, async (body, type, headers) => {
          const answer = await post(url, body, { ...headers, ...(type === undefined ? {} : { 'content-type': type }) })
          assert.ok(answer.statusCode < 500, `${answer.statusCode}: ${answer.body}`)
          assert.doesNotThrow(() => JSON.parse(answer.body))
        }),
        { numRuns: 150 },
      )
    })

  it('any path answers with JSON, never with 500', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('/topics/', '/endpoints/', '/api/why/', '/api/pipelines/', '/'),
        fc.string({ unit: 'binary' }),
        async (prefix, text) => {
          const answer = await post(prefix + encodeURIComponent(text.toWellFormed()), '{}', JSON_TYPE)
          assert.ok(answer.statusCode < 500, answer.body)
        },
      ),
      { numRuns: 100 },
    )
  })
})

function post(url: string, payload: string | Buffer, headers: Readonly<Record<string, string>>) {
  return server.inject({ method: 'POST', url, payload, headers: { ...headers } })
}

function endOffset(): Promise<number> {
  return covenant.stores.log.endOffset(`${TOPIC}.raw`, 0)
}

/** Posts to the topic's door and gives what landed in the raw topic. */
async function accepted(body: string, headers: Readonly<Record<string, string>>) {
  const before = await endOffset()
  const answer = await post(`/topics/${TOPIC}`, body, headers)
  assert.equal(answer.statusCode, 202, answer.body)
  const records = await covenant.stores.log.read(`${TOPIC}.raw`, 0, before, 100)
  assert.deepEqual(answer.json(), { topic: `${TOPIC}.raw`, accepted: records.length })
  const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('utf8'))
  return records.map(({ key, value, headers, timestamp }) => ({
    key: text(key),
    value: text(value),
    headers,
    timestamp,
  }))
}

function assertError(
  answer: { readonly statusCode: number; readonly body: string; json(): unknown },
  status: number,
  code: string,
): ReturnType<CovenantError['toJSON']> {
  assert.equal(answer.statusCode, status, answer.body)
  const error = answer.json() as ReturnType<CovenantError['toJSON']>
  assert.equal(error.code, code, answer.body)
  assert.ok(error.message.length > 0)
  assert.ok(error.remedy, 'an error says how to mend it')
  return error
}
