import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { READINGS, tinyProject } from '../../../test/tiny-project.ts'
import { VirtualClock } from '../../kernel/index.ts'
import { type Covenant, openCovenant, subjectsOf } from '../../runtime/index.ts'
import { buildServer } from '../server.ts'

const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json'
const STRING = JSON.stringify({ type: 'string' })
const record = (name: string, ...fields: readonly object[]) => JSON.stringify({ type: 'record', name, fields })
const A = { name: 'a', type: 'string' }
const B = { name: 'b', type: 'string' }
const OPTIONAL = { name: 'b', type: ['null', 'string'], default: null }

let folder: string
let covenant: Covenant
let server: FastifyInstance

before(async () => {
  folder = tinyProject()
  covenant = await openCovenant({
    projectDir: folder,
    stateDir: join(folder, 'state'),
    clock: new VirtualClock(Date.parse('2026-03-01T12:00:00Z')),
    durability: 'process',
  })
  await covenant.apply({ planOnly: false })
  server = await buildServer({ covenant, version: '1.2.3' })
})

after(async () => {
  await server.close()
  await covenant.close()
  rmSync(folder, { recursive: true })
})

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

async function ask(method: Method, path: string, body?: unknown) {
  const answer = await server.inject({
    method,
    url: `/registry${path}`,
    headers: { 'content-type': MEDIA_TYPE },
    ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  assert.ok(String(answer.headers['content-type']).startsWith(MEDIA_TYPE))
  return { status: answer.statusCode, body: answer.json() }
}

async function ok(method: Method, path: string, body?: unknown) {
  const answer = await ask(method, path, body)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body
}

async function refused(code: number, message: RegExp, method: Method, path: string, body?: unknown) {
  const answer = await ask(method, path, body)
  assert.equal(answer.body.error_code, code, JSON.stringify(answer.body))
  assert.equal(answer.status, code > 999 ? Math.floor(code / 100) : code)
  assert.match(answer.body.message, message)
}

const register = (subject: string, schema: string, more: object = {}) =>
  ok('POST', `/subjects/${encodeURIComponent(subject)}/versions`, { schema, ...more })

describe('ids', () => {
  it('are the same for the same content under any subject, and go up by one', async () => {
    const first = await register('ids-a', STRING)
    assert.equal((await register('ids-b', STRING)).id, first.id)
    const second = await register('ids-b2', record('Ids', A))
    assert.equal(second.id, first.id + 1)
    assert.deepEqual(await ok('GET', `/schemas/ids/${first.id}/subjects`), ['ids-a', 'ids-b'])
    assert.deepEqual(await ok('GET', `/schemas/ids/${first.id}/versions?subject=ids-b`), [
      { subject: 'ids-b', version: 1 },
    ])
    assert.equal((await ok('GET', `/schemas/guids/${first.guid}`)).schema, STRING)
    assert.deepEqual(await ok('GET', `/schemas/ids/${first.id}/schema`), { type: 'string' })
    assert.equal((await ok('GET', `/schemas/ids/${first.id}?fetchMaxId=true`)).maxId, second.id)
  })

  it('differ where metadata or rules differ; a version without them takes over those before', async () => {
    const plain = await register('meta', record('Meta', A))
    const owned = await register('meta', record('Meta', A), { metadata: { properties: { owner: 'ada' } } })
    assert.notEqual(owned.id, plain.id)
    assert.equal(owned.version, 2)
    const next = await register('meta', record('Meta', A, OPTIONAL))
    assert.deepEqual(next.metadata, { properties: { owner: 'ada' } })
    assert.equal((await ok('GET', '/subjects/meta/metadata?key=owner&value=ada')).version, 3)
    await refused(40403, /Schema not found/, 'GET', '/subjects/meta/metadata?key=owner&value=bob')
  })

  it('stay when the text is laid out otherwise', async () => {
    const { id } = await register('layout', record('Layout', A))
    const loose = JSON.stringify({ fields: [A], name: 'Layout', type: 'record' }, null, 3)
    assert.equal((await register('layout', loose)).id, id)
    assert.equal((await ok('POST', '/subjects/layout', { schema: loose })).version, 1)
  })
})

describe('what is not there', () => {
  const CASES: readonly (readonly [number, RegExp, Method, string, unknown?])[] = [
    [40401, /^Subject 'none' not found\.$/, 'GET', '/subjects/none/versions'],
    [40401, /^Subject 'none' not found\.$/, 'GET', '/subjects/none/versions/1'],
    [40402, /^Version 9 not found\.$/, 'GET', '/subjects/ids-a/versions/9'],
    [40403, /^Schema 99999 not found$/, 'GET', '/schemas/ids/99999'],
    [40403, /^Schema x not found$/, 'GET', '/schemas/guids/x'],
    [40403, /^Schema not found$/, 'POST', '/subjects/ids-a', { schema: '"int"' }],
    [40401, /not found/, 'POST', '/subjects/none', { schema: STRING }],
    [40408, /subject-level compatibility/, 'GET', '/config/ids-a'],
    [40409, /subject-level mode/, 'GET', '/mode/ids-a'],
    [40401, /not found/, 'DELETE', '/config/none'],
    [40402, /Version 9 not found/, 'POST', '/compatibility/subjects/ids-a/versions/9', { schema: STRING }],
    [42202, /'x' is not a valid version id/, 'GET', '/subjects/ids-a/versions/x'],
    [42202, /'0' is not a valid version id/, 'GET', '/subjects/ids-a/versions/0'],
    [42202, /valid version id/, 'GET', '/subjects/ids-a/versions/2147483648'],
    [40410, /Association for 'topic' not found/, 'GET', '/associations/resources/topic'],
    [404, /HTTP 404 Not Found/, 'GET', '/schemas/ids/x'],
    [404, /HTTP 404 Not Found/, 'GET', '/nothing'],
  ]
  for (const [code, message, method, path, body] of CASES)
    it(`${method} ${path} gives ${code}`, () => refused(code, message, method, path, body))
})

describe('what is refused', () => {
  const CASES: readonly (readonly [string, number, RegExp, unknown])[] = [
    ['no JSON', 400, /not JSON/, '{"schema":'],
    ['no object', 400, /body must be object/, '[1]'],
    ['no body', 422, /body must be object/, undefined],
    ['no schema', 42201, /Empty schema/, {}],
    ['another type', 42201, /Invalid schema type XML/, { schema: '<a/>', schemaType: 'XML' }],
    ['no Avro', 42201, /Invalid schema of type AVRO/, { schema: '{"type":"nothing"}' }],
    ['no JSON schema', 42201, /Invalid schema of type JSON/, { schema: '{"type":7}', schemaType: 'JSON' }],
    ['no Protobuf', 42201, /Invalid schema of type PROTOBUF/, { schema: 'message {', schemaType: 'PROTOBUF' }],
    [
      'a reference to nothing',
      42201,
      /No schema reference found/,
      { schema: STRING, references: [{ name: 'x', subject: 'none', version: 1 }] },
    ],
    ['too long a schema', 42209, /too large/, { schema: `"${'x'.repeat(1_100_000)}"` }],
    ['a rule without name', 42210, /Empty rule name/, { schema: STRING, ruleSet: { domainRules: [{ type: 'CEL' }] } }],
    [
      'a migration on writing',
      42210,
      /UPGRADE/,
      { schema: STRING, ruleSet: { migrationRules: [{ name: 'a', type: 'CEL', mode: 'WRITE' }] } },
    ],
    ['metadata that is a text', 400, /metadata/, { schema: STRING, metadata: 'x' }],
    ['a version that is not the next', 42201, /one more than previous/, { schema: STRING, version: 7 }],
    ['an id outside of IMPORT', 42205, /not in import mode/, { schema: STRING, id: 7 }],
  ]
  for (const [name, code, message, body] of CASES)
    it(`${name}: ${code}`, () => refused(code, message, 'POST', '/subjects/refused/versions', body))

  it('a body beyond the limit: 413', () =>
    refused(413, /larger/, 'POST', '/subjects/refused/versions', `"${'x'.repeat(5 * 1024 * 1024)}"`))

  it('names that are no subjects: 42208', () =>
    refused(42208, /not a valid/, 'POST', '/subjects/a%00b/versions', { schema: STRING }))
})

describe('compatibility', () => {
  it('is BACKWARD by default, and tells why with a document that shows it', async () => {
    await register('fit', record('Fit', A))
    await refused(40901, /"fit", details: \[\{.*READER_FIELD_MISSING_DEFAULT_VALUE/, 'POST', '/subjects/fit/versions', {
      schema: record('Fit', A, B),
    })
    const check = '/compatibility/subjects/fit/versions'
    assert.deepEqual(await ok('POST', check, { schema: record('Fit', A, OPTIONAL) }), { is_compatible: true })
    const verdict = await ok('POST', `${check}/latest?verbose=true`, { schema: record('Fit', A, B) })
    assert.equal(verdict.is_compatible, false)
    assert.match(verdict.messages[0], /witness:'\{"a":/)
    assert.match(verdict.messages.at(-1), /compatibility: 'BACKWARD'/)
    const noSchema = await ok('POST', `${check}?verbose=true`, { schema: '{"type":"nothing"}' })
    assert.match(noSchema.messages[0], /Invalid schema/)
  })

  it('follows the level of the subject, in upper or lower case', async () => {
    assert.deepEqual(await ok('PUT', '/config/fit', { compatibility: 'none' }), { compatibility: 'NONE' })
    assert.deepEqual(await ok('GET', '/config/fit'), { compatibilityLevel: 'NONE' })
    await register('fit', record('Fit', A, B))
    assert.deepEqual(await ok('DELETE', '/config/fit'), { compatibilityLevel: 'NONE' })
    await refused(42203, /Invalid compatibility level/, 'PUT', '/config/fit', { compatibility: 'SOME' })
  })

  it('of one transitive level counts every version, of the plain one the latest', async () => {
    await ok('PUT', '/config/chain', { compatibility: 'NONE' })
    for (const schema of [record('Chain', B), record('Chain', A), record('Chain', A, OPTIONAL)])
      await register('chain', schema)
    const candidate = { schema: record('Chain', { ...OPTIONAL, type: ['null', 'int'] }, A) }
    await ok('PUT', '/config/chain', { compatibility: 'BACKWARD' })
    const plain = await ok('POST', '/compatibility/subjects/chain/versions?verbose=true', candidate)
    await ok('PUT', '/config/chain', { compatibility: 'BACKWARD_TRANSITIVE' })
    const all = await ok('POST', '/compatibility/subjects/chain/versions?verbose=true', candidate)
    assert.ok(all.messages.length > plain.messages.length)
  })

  it('is asked within a group only', async () => {
    const major = (version: string) => ({ metadata: { properties: { major: version } } })
    await ok('PUT', '/config/group', { compatibilityGroup: 'major' })
    await register('group', record('Group', A), major('1'))
    await refused(40901, /incompatible/, 'POST', '/subjects/group/versions', {
      schema: record('Group', A, B),
      ...major('1'),
    })
    await register('group', record('Group', A, B), major('2'))
  })

  it('of Protobuf is not known: the same again, or compatibility NONE', async () => {
    const schema = 'syntax = "proto3"; message M { string a = 1; }'
    await register('proto', schema, { schemaType: 'PROTOBUF' })
    const other = { schema: schema.replace('string', 'int32'), schemaType: 'PROTOBUF' }
    await refused(40901, /does not compare Protobuf/, 'POST', '/subjects/proto/versions', other)
    await ok('PUT', '/config/proto', { compatibility: 'NONE' })
    assert.equal((await ok('POST', '/subjects/proto/versions', other)).version, 2)
  })
})

describe('configuration and mode', () => {
  it('defaults and overrides enter new versions', async () => {
    await ok('PUT', '/config/defaults', {
      defaultMetadata: { properties: { a: 'default', b: 'default' } },
      overrideMetadata: { properties: { c: 'override' } },
    })
    const { metadata } = await register('defaults', STRING, { metadata: { properties: { b: 'own', c: 'own' } } })
    assert.deepEqual(metadata, { properties: { a: 'default', b: 'own', c: 'override' } })
  })

  it('of the compatibility policies STRICT is known', async () => {
    assert.deepEqual(await ok('PUT', '/config/policy', { compatibilityPolicy: 'STRICT' }), {
      compatibilityPolicy: 'STRICT',
    })
    await refused(42203, /by meaning/, 'PUT', '/config/policy', { compatibilityPolicy: 'LENIENT' })
  })

  it('an alias stands for its subject, except in its own configuration', async () => {
    await register('real', record('Real', A))
    await ok('PUT', '/config/other-name', { alias: 'real' })
    assert.equal((await ok('GET', '/subjects/other-name/versions/latest')).subject, 'real')
    assert.deepEqual(await ok('GET', '/config/other-name'), { alias: 'real' })
    await ok('PUT', '/config/other-name', { alias: null })
    await refused(40401, /other-name/, 'GET', '/subjects/other-name/versions')
  })

  it('READONLY refuses writing, IMPORT takes ids and versions as they are', async () => {
    assert.deepEqual(await ok('PUT', '/mode/moved', { mode: 'IMPORT' }), { mode: 'IMPORT' })
    await refused(42205, /read-write mode/, 'POST', '/subjects/moved/versions', { schema: STRING })
    const { id, version } = await register('moved', record('Moved', A), { id: 500, version: 3 })
    assert.deepEqual([id, version], [500, 3])
    await refused(42205, /Overwrite new schema with id 500/, 'POST', '/subjects/moved/versions', {
      schema: record('Moved', B),
      id: 500,
    })
    await ok('PUT', '/mode/moved', { mode: 'READONLY' })
    await refused(42205, /read-only mode/, 'DELETE', '/subjects/moved')
    assert.deepEqual(await ok('DELETE', '/mode/moved'), { mode: 'READONLY' })
    await refused(42204, /Invalid mode/, 'PUT', '/mode/moved', { mode: 'SLOW' })
    await refused(42205, /existing subjects/, 'PUT', '/mode/moved', { mode: 'IMPORT' })
    await ok('PUT', '/mode/moved?force=true', { mode: 'IMPORT' })
  })

  it('of all subjects hold where a subject says nothing', async () => {
    assert.deepEqual(await ok('GET', '/config'), { compatibilityLevel: 'BACKWARD' })
    await ok('PUT', '/config', { compatibility: 'FULL' })
    assert.deepEqual(await ok('GET', '/config/whoever?defaultToGlobal=true'), { compatibilityLevel: 'FULL' })
    await ok('DELETE', '/config')
    assert.deepEqual(await ok('GET', '/config'), { compatibilityLevel: 'BACKWARD' })
    assert.deepEqual(await ok('GET', '/mode'), { mode: 'READWRITE' })
  })
})

describe('deletion', () => {
  it('is soft first: found by id and where deleted ones are asked for', async () => {
    const { id } = await register('gone', record('Gone', A))
    await register('gone', record('Gone', A, OPTIONAL))
    await refused(40407, /Version 1 was not deleted first/, 'DELETE', '/subjects/gone/versions/1?permanent=true')
    assert.equal(await ok('DELETE', '/subjects/gone/versions/1'), 1)
    await refused(40406, /Version 1 was soft deleted/, 'DELETE', '/subjects/gone/versions/1')
    await refused(40402, /Version 1/, 'GET', '/subjects/gone/versions/1')
    assert.equal((await ok('GET', '/subjects/gone/versions/1?deleted=true')).id, id)
    assert.equal((await ok('GET', `/schemas/ids/${id}`)).subject, 'gone')
    assert.deepEqual(await ok('GET', '/subjects/gone/versions?deletedOnly=true'), [1])
    assert.deepEqual(await ok('GET', '/subjects/gone/versions?deletedAsNegative=true'), [-1, 2])
    await refused(40405, /was not deleted first/, 'DELETE', '/subjects/gone?permanent=true')
    assert.deepEqual(await ok('DELETE', '/subjects/gone'), [2])
    await refused(40404, /was soft deleted/, 'DELETE', '/subjects/gone')
    assert.ok(!(await ok('GET', '/subjects')).includes('gone'))
    assert.ok((await ok('GET', '/subjects?deleted=true')).includes('gone'))
    assert.deepEqual(await ok('DELETE', '/subjects/gone?permanent=true'), [1, 2])
    await refused(40403, /Schema/, 'GET', `/schemas/ids/${id}`)
    assert.equal((await register('gone', record('Gone', A))).id, id, 'an id never stands for something else')
  })

  it('is refused for what is referred to', async () => {
    await register('base', record('Base', A))
    const reference = { name: 'Base', subject: 'base', version: 1 }
    const user = await register('user', record('User', { name: 'base', type: 'Base' }), { references: [reference] })
    assert.deepEqual(await ok('GET', '/subjects/base/versions/1/referencedby'), [user.id])
    await refused(
      42206,
      /One or more references exist to the schema .*subject=base,version=1/,
      'DELETE',
      '/subjects/base',
    )
    await ok('DELETE', '/subjects/user')
    assert.deepEqual(await ok('DELETE', '/subjects/base'), [1])
  })
})

describe('contexts', () => {
  it('keep subjects apart', async () => {
    await register(':.staging:orders', STRING)
    assert.deepEqual(await ok('GET', '/contexts'), ['.', '.staging'])
    assert.deepEqual(await ok('GET', '/contexts/.staging/subjects'), [':.staging:orders'])
    assert.deepEqual(await ok('GET', '/subjects?subjectPrefix=:.staging:'), [':.staging:orders'])
    assert.equal((await ok('GET', '/contexts/:.staging:/subjects/orders/versions/1')).subject, ':.staging:orders')
    await refused(40401, /orders/, 'GET', '/subjects/orders/versions')
    assert.deepEqual(await ok('GET', '/contexts?contextPrefix=.st'), ['.staging'])
    await ok('PUT', '/contexts/.staging/config', { compatibility: 'NONE' })
    assert.equal((await ok('GET', '/config/:.staging:orders?defaultToGlobal=true')).compatibilityLevel, 'NONE')
  })

  it('go when they have no subjects', async () => {
    await register(':.brief:orders', STRING)
    await ok('PUT', '/contexts/.brief/config', { compatibility: 'NONE' })
    await refused(42211, /not empty/, 'DELETE', '/contexts/.brief')
    await ok('DELETE', '/subjects/:.brief:orders')
    await refused(42211, /not empty/, 'DELETE', '/contexts/.brief')
    await ok('DELETE', '/subjects/:.brief:orders?permanent=true')
    const gone = await server.inject({ method: 'DELETE', url: '/registry/contexts/.brief' })
    assert.deepEqual([gone.statusCode, gone.body], [204, ''])
    assert.ok(!(await ok('GET', '/contexts')).includes('.brief'))
    assert.equal((await ok('GET', '/config/:.brief:orders?defaultToGlobal=true')).compatibilityLevel, 'BACKWARD')
  })
})

describe('subjects of contracts', () => {
  it('hold the contract, its owner and major version', async () => {
    const latest = await ok('GET', '/subjects/station.readings-value/versions/latest')
    assert.equal(latest.schemaType, 'JSON')
    assert.equal(JSON.parse(latest.schema).properties.celsius.maximum, 60)
    assert.deepEqual(latest.metadata.properties, {
      'covenant.contract': 'station.readings',
      'covenant.version': '1.0.0',
      'covenant.topic': 'station.readings',
      major_version: '1',
      owner: 'stations',
    })
    assert.deepEqual(await ok('GET', '/config/station.readings-value'), {
      compatibilityLevel: 'FULL_TRANSITIVE',
      compatibilityGroup: 'major_version',
    })
    assert.equal((await ok('GET', '/subjects/station.readings.raw-value/versions/1')).subject, 'station.readings-value')
    assert.deepEqual(JSON.parse((await ok('GET', '/subjects/station.readings-key/versions/1')).schema).type, 'string')
  })

  it('change by contracts only', async () => {
    const path = '/subjects/station.readings-value'
    await refused(42205, /change the contract file/, 'POST', `${path}/versions`, { schema: STRING })
    await refused(42205, /change the contract file/, 'DELETE', path)
    await refused(42205, /change the contract file/, 'PUT', '/config/station.readings-value', { compatibility: 'NONE' })
  })

  it('follow a contract that is applied, in this process or another', async () => {
    const { parseContract } = await import('../../contract/index.ts')
    const text = READINGS.replace('version: 1.0.0', 'version: 1.1.0').replace(
      '      - name: celsius\n',
      '      - name: note\n        logicalType: string\n      - name: celsius\n',
    )
    await covenant.applyContracts([parseContract(text, 'readings').contract!])
    const latest = await ok('GET', '/subjects/station.readings-value/versions/latest')
    assert.equal(latest.version, 2)
    assert.equal(latest.metadata.properties['covenant.version'], '1.1.0')
    const elsewhere = subjectsOf(covenant.stores, covenant.registry)
    await elsewhere.configure('by-another', { normalize: true })
    assert.deepEqual(await ok('GET', '/config/by-another'), { normalize: true })
  })
})

describe('whatever is sent to the registry', () => {
  const words = fc.constantFrom(
    'subjects',
    'schemas',
    'ids',
    'guids',
    'versions',
    'config',
    'mode',
    'compatibility',
    'contexts',
    'latest',
    'station.readings-value',
    'ids-a',
    ':.ctx:',
    '1',
    '-1',
    'referencedby',
    'metadata',
  )
  const segment = fc.oneof(
    { weight: 4, arbitrary: words },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  )
  const query = fc.dictionary(
    fc.constantFrom(
      'deleted',
      'permanent',
      'normalize',
      'verbose',
      'offset',
      'limit',
      'subject',
      'key',
      'value',
      'force',
      'fetchMaxId',
      'subjectPrefix',
    ),
    fc.oneof(fc.constantFrom('true', '-1', '3', ''), fc.string({ maxLength: 6 })),
  )
  const json = fc.oneof(fc.jsonValue(), fc.string(), fc.integer(), fc.constant(null))
  const schema = fc.oneof(
    fc.constantFrom(
      STRING,
      record('R', A),
      '{}',
      'true',
      'syntax = "proto3"; message M { string a = 1; }',
      '{"$ref":"#"}',
      '['.repeat(5_000),
    ),
    json.map((value) => JSON.stringify(value)),
    fc.string({ maxLength: 40 }),
  )
  const body = fc.oneof(
    fc
      .record(
        {
          schema: fc.oneof({ weight: 4, arbitrary: schema }, { weight: 1, arbitrary: json }),
          schemaType: fc.oneof(fc.constantFrom('AVRO', 'JSON', 'PROTOBUF', 'X', null), json),
          references: fc.oneof(fc.constant([{ name: 'R', subject: 'ids-a', version: 1 }]), json),
          metadata: fc.oneof(fc.constant({ properties: { a: 'b' } }), json),
          ruleSet: fc.oneof(fc.constant({ domainRules: [{ name: 'a', type: 'CEL', mode: 'WRITE' }] }), json),
          id: json,
          version: json,
          compatibility: json,
          alias: fc.oneof(words, json),
          mode: json,
        },
        { requiredKeys: [] },
      )
      .map((value) => JSON.stringify(value)),
    fc.string({ unit: 'binary', maxLength: 60 }),
  )

  it('never ends in an error of the server, and always in an answer of the registry', async () => {
    const request = fc.record({
      method: fc.constantFrom<Method>('GET', 'POST', 'PUT', 'DELETE'),
      path: fc.array(segment, { maxLength: 5 }).map((parts) => parts.map(encodeSafely).join('/')),
      query,
      body,
    })
    await fc.assert(
      fc.asyncProperty(request, async ({ method, path, query: parameters, body: payload }) => {
        const search = new URLSearchParams(parameters).toString()
        const answer = await server.inject({
          method,
          url: `/registry/${path}?${search}`,
          headers: { 'content-type': MEDIA_TYPE },
          ...(method === 'POST' || method === 'PUT' ? { payload } : {}),
        })
        assert.ok(answer.statusCode < 500, `${answer.statusCode} ${answer.body}`)
        if (answer.statusCode >= 400) assert.equal(typeof answer.json().message, 'string')
      }),
      { numRuns: 400 },
    )
  })
})

/** Halves of surrogate pairs cannot stand in an address. */
function encodeSafely(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}
