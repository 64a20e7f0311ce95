import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { parse } from 'yaml'
import { READINGS, tinyProject } from '../../test/tiny-project.ts'
import { readContract } from '../contract/index.ts'
import { VirtualClock } from '../kernel/index.ts'
import { type Covenant, openCovenant } from '../runtime/index.ts'
import { buildServer } from './server.ts'

const NEWER = READINGS.replace('version: 1.0.0', 'version: 1.1.0').replace(
  '      - name: celsius\n',
  '      - name: note\n        logicalType: string\n      - name: celsius\n',
)
const OF = '/api/contracts/station.readings'

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
  await covenant.applyContracts([readContract(NEWER, 'newer')])
  server = await buildServer({ covenant, version: '1.2.3' })
})

after(async () => {
  await server.close()
  await covenant.close()
  rmSync(folder, { recursive: true })
})

async function get(url: string) {
  const answer = await server.inject(url)
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json()
}

const check = (payload: string, type = 'application/yaml') =>
  server.inject({ method: 'POST', url: '/api/contracts/check', headers: { 'content-type': type }, payload })

describe('/api/contracts', () => {
  it('lists the newest versions, filtered', async () => {
    const [contract] = await get('/api/contracts?owner=stations&text=READINGS')
    assert.equal(contract.version, '1.1.0')
    assert.equal(contract.name, 'Station readings')
    assert.deepEqual(await get('/api/contracts?owner=nobody'), [])
    assert.deepEqual(await get('/api/contracts?text=nothing'), [])
  })

  it('tells a contract with its versions', async () => {
    const contract = await get(OF)
    assert.deepEqual(contract.key, ['station'])
    assert.deepEqual(
      contract.versions.map(({ version }: { version: string }) => version),
      ['1.0.0', '1.1.0'],
    )
    assert.deepEqual(await get(`${OF}/versions`), contract.versions)
  })

  it('gives a version as written, as JSON, and as what it compiles to', async () => {
    const yaml = await server.inject({ url: `${OF}/versions/1.0.0`, headers: { accept: 'application/yaml' } })
    assert.equal(yaml.body, READINGS)
    assert.deepEqual(await get(`${OF}/versions/1.0.0`), parse(READINGS))
    const validate = new Ajv2020({ strict: false }).compile(await get(`${OF}/versions/latest/json-schema`))
    assert.ok(validate({ station: 'JFK', at: '2026-03-01T11:00:00Z', celsius: 4.5, note: 'clear' }))
    assert.ok(!validate({ station: 'JFK', at: '2026-03-01T11:00:00Z', celsius: 99 }))
    assert.equal((await get(`${OF}/versions/1.1.0/avro`)).fields.length, 4)
    assert.equal((await get(`${OF}/versions/1.1.0/validation-plan`)).contractVersion, '1.1.0')
  })

  it('compares two versions', async () => {
    assert.deepEqual(await get(`${OF}/versions/1.0.0/diff/latest`), {
      from: '1.0.0',
      to: '1.1.0',
      compatible: true,
      differences: [],
    })
  })

  for (const path of [
    '/api/contracts/none',
    `${OF}/versions/9.9.9`,
    `${OF}/versions/1.0.0/diff/x`,
    '/api/contracts/none/versions',
  ])
    it(`answers 404 to ${path}, and names what there is`, async () => {
      const answer = await server.inject(path)
      assert.equal(answer.statusCode, 404)
      assert.equal(answer.json().code, 'HTTP_CONTRACT_UNKNOWN')
      assert.match(answer.json().remedy, /station\.readings|1\.0\.0/)
    })
})

describe('POST /api/contracts/check', () => {
  it('tells what applying would do, and registers nothing', async () => {
    const answer = (await check(NEWER.replace('1.1.0', '1.2.0').replace('maximum: 60', 'maximum: 50'))).json()
    assert.equal(answer.valid, true)
    assert.equal(answer.changes[0].outcome, 'refused')
    assert.ok(answer.changes[0].reasons[0].witness.celsius > 50)
    assert.equal((await get(`${OF}/versions`)).length, 2)
  })

  it('tells the problems of a contract, with their places', async () => {
    const { valid, problems } = (await check(READINGS.replace('logicalType: number', 'logicalTpye: number'))).json()
    assert.equal(valid, false)
    assert.ok(
      problems.some(
        ({ line, suggestion }: { line: number; suggestion: string }) => line > 1 && suggestion === 'logicalType',
      ),
    )
  })

  it('refuses an empty body with 422, a large one with 413, another type with 415', async () => {
    assert.equal((await check(' ')).statusCode, 422)
    assert.equal((await check('x'.repeat(5 * 1024 * 1024))).statusCode, 413)
    assert.equal((await check(READINGS, 'image/png')).statusCode, 415)
  })

  it('whatever is sent, never fails inside', async () => {
    const cut = fc
      .tuple(fc.nat(READINGS.length), fc.string({ unit: 'binary', maxLength: 8 }))
      .map(([at, text]) => READINGS.slice(0, at) + text + READINGS.slice(at + text.length))
    await fc.assert(
      fc.asyncProperty(fc.oneof(cut, fc.json(), fc.string({ unit: 'binary' })), async (body) => {
        const answer = await check(body)
        assert.ok(answer.statusCode < 500, answer.body)
      }),
      { numRuns: 150 },
    )
  })
})
