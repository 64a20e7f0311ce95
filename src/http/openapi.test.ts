import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { FastifyInstance } from 'fastify'
import { ENDPOINT, READINGS, tinyProject } from '../../test/tiny-project.ts'
import { readContract } from '../contract/index.ts'
import { type Covenant, openCovenant } from '../runtime/index.ts'
import { buildServer } from './server.ts'

const NEWER = READINGS.replace('version: 1.0.0', 'version: 2.0.0').replace(
  'team:',
  `customProperties:
  - {property: covenant.compatibility, value: NONE}
team:`,
)
const JSON_TYPE = { 'content-type': 'application/json' }

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}
interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>>
}

let folder: string
let covenant: Covenant
let server: FastifyInstance
let openapi: OpenApi

before(async () => {
  folder = tinyProject({ 'serving/frost.ts': ENDPOINT })
  covenant = await openCovenant({ projectDir: folder, stateDir: join(folder, 'state'), durability: 'process' })
  await covenant.apply({ planOnly: false })
  await covenant.applyContracts([readContract(NEWER, 'newer')])
  server = await buildServer({ covenant, version: '1.2.3' })
  openapi = (await server.inject('/api/openapi.json')).json()
})

after(async () => {
  await server.close()
  await covenant.close()
  rmSync(folder, { recursive: true })
})

it('the description is valid OpenAPI', async () => {
  const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(openapi)))
  assert.ok(valid, JSON.stringify(errors, null, 1))
})

describe('contract routes answer what is described', () => {
  const contractPaths = () => Object.keys(openapi.paths).filter((path) => path.startsWith('/api/contracts'))
  const schemaOf = (path: string, method: string, status: number) => {
    const { content } = openapi.paths[path]![method]!.responses[status] ?? {}
    assert.ok(content, `${method} ${path} describes no answer with ${status}`)
    return Object.values(content)[0]!.schema
  }
  const fits = (schema: object, answer: unknown) => {
    const validate = new Ajv2020({ strict: false }).compile(schema)
    assert.ok(validate(answer), JSON.stringify([validate.errors, answer]))
  }

  it('each of them, on real contracts', async () => {
    const gets = contractPaths().filter((path) => 'get' in openapi.paths[path]!)
    assert.equal(gets.length, 8)
    for (const path of gets) {
      const url = path.replace('{id}', 'station.readings').replace('{version}', '1.0.0').replace('{other}', 'latest')
      const answer = await server.inject(url)
      assert.equal(answer.statusCode, 200, answer.body)
      fits(schemaOf(path, 'get', 200), answer.json())
      if (!path.includes('{id}')) continue
      const unknown = await server.inject(url.replace('station.readings', 'none'))
      assert.equal(unknown.statusCode, 404)
      fits(schemaOf(path, 'get', 404), unknown.json())
    }
  })

  it('the check, on good, bad and refused contracts', async () => {
    const bodies = [NEWER, READINGS.replace('id:', 'ids:'), READINGS.replace('1.0.0', '1.1.0').replace('60', '50')]
    for (const payload of bodies) {
      const headers = { 'content-type': 'application/yaml' }
      const answer = await server.inject({ method: 'POST', url: '/api/contracts/check', headers, payload })
      assert.equal(answer.statusCode, 200, answer.body)
      fits(schemaOf('/api/contracts/check', 'post', 200), answer.json())
    }
  })

  it('a schema without keywords of Covenant, for strict validators', async () => {
    const url = '/api/contracts/station.readings/versions/latest/json-schema'
    const strict = new Ajv2020({ strict: true, validateFormats: false })
    strict.compile((await server.inject(`${url}?keywords=standard`)).json())
    assert.equal((await server.inject(`${url}?keywords=some`)).statusCode, 422)
  })
})

describe('every route with a body', () => {
  const posts = () =>
    Object.keys(openapi.paths)
      .filter((path) => 'post' in openapi.paths[path]! && !path.startsWith('/registry'))
      .map((path) => path.replace('{name}', path.startsWith('/endpoints') ? 'frost' : 'station.readings'))
  const send = (url: string, payload: string, headers: Record<string, string> = JSON_TYPE) =>
    server.inject({ method: 'POST', url, headers, payload })
  /** Events are checked by the validator behind the topic, and contracts by the lint. */
  const TEXTS = ['/topics/station.readings', '/api/contracts/check']

  it('is known to this test', () => {
    assert.ok(posts().length >= 7, String(posts()))
    for (const url of TEXTS) assert.ok(posts().includes(url), url)
  })

  it('answers 413 to a large body and 415 to another media type', async () => {
    for (const url of posts()) {
      assert.equal((await send(url, JSON.stringify('x'.repeat(5 * 1024 * 1024)))).statusCode, 413, url)
      assert.equal((await send(url, '<a/>', { 'content-type': 'application/xml' })).statusCode, 415, url)
      if (!TEXTS.includes(url))
        assert.equal((await send(url, '{}', { 'content-type': 'text/plain' })).statusCode, 415, url)
    }
  })

  it('answers 422 to a member that it does not know, and to what is no object', async () => {
    for (const url of posts().filter((path) => !TEXTS.includes(path)))
      for (const body of ['{"surprise":1}', '[]', '7', '"text"', '{"']) {
        const answer = await send(url, body)
        assert.equal(answer.statusCode, 422, `${url} ${body} ${answer.body}`)
        assert.equal(answer.json().code, 'HTTP_BODY_INVALID')
      }
  })

  it('answers 422 to members of another type: nothing is made to fit', async () => {
    const bodies: Readonly<Record<string, object>> = {
      '/endpoints/frost/predict': { rows: ['1'] },
      '/api/pipelines/station.readings/run': { params: 'x' },
      '/api/dead-letters/replay': { dryRun: 'false' },
      '/api/dead-letters/discard': { reason: 7, fingerprint: 'x' },
      '/api/dead-letters/reopen': { reason: 'x', fingerprint: 7 },
      '/api/topics/station.readings/resume': { accept: 1 },
    }
    assert.deepEqual(
      Object.keys(bodies).sort(),
      posts()
        .filter((path) => !TEXTS.includes(path))
        .sort(),
    )
    for (const [url, body] of Object.entries(bodies))
      assert.equal((await send(url, JSON.stringify(body))).statusCode, 422, url)
  })
})
