import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { READINGS, tinyProject } from '../../test/tiny-project.ts'
import { readContract } from '../contract/index.ts'
import { VirtualClock } from '../kernel/index.ts'
import type { ContractChange } from '../registry/index.ts'
import { redriveAfterApply } from '../runtime/dead-letters.ts'
import { type Covenant, openCovenant } from '../runtime/index.ts'
import { buildServer } from './server.ts'

const TOPIC = 'station.readings'
const JSON_TYPE = { 'content-type': 'application/json' }
const POLICY = `    customProperties:
      - property: covenant.dlq
        value: { breaker: { maxRatio: 0.6, minRecords: 5 } }
`
const CONTRACT = READINGS.replace('    customProperties:\n', POLICY)

let folder: string
let covenant: Covenant
let server: FastifyInstance

before(async () => {
  folder = tinyProject({ 'contracts/readings.odcs.yaml': CONTRACT })
  covenant = await openCovenant({
    ...{ projectDir: folder, stateDir: join(folder, 'state') },
    ...{ clock: new VirtualClock(Date.parse('2026-03-01T12:00:00Z')), durability: 'process' },
  })
  await covenant.applyContracts([readContract(CONTRACT, 'readings')])
  server = await buildServer({ covenant, version: '1' })
  await produce(4.5, 99, 98, 'cold')
  await covenant.loop.tick()
})

after(async () => {
  await server.close()
  await covenant.close()
  rmSync(folder, { recursive: true })
})

describe('/api/dead-letters', () => {
  it('tells the groups with their states, and one letter with its history', async () => {
    const groups = (await server.inject('/api/dead-letters?state=open')).json()
    assert.deepEqual(
      groups.map(({ reason, states }: { reason: string; states: object }) => [reason, states]),
      [
        ['celsius must be at most 60', { open: 2, replayed: 0, discarded: 0, superseded: 0 }],
        ['celsius must be a number', { open: 1, replayed: 0, discarded: 0, superseded: 0 }],
      ],
    )
    assert.deepEqual((await server.inject('/api/dead-letters?state=replayed')).json(), [])
    const letter = (await server.inject(`/api/dead-letters/${TOPIC}/0/0`)).json()
    assert.deepEqual(
      [letter.state, letter.source, JSON.parse(Buffer.from(letter.valueBase64, 'base64').toString()).celsius],
      ['open', `${TOPIC}.raw/0/1`, 99],
    )
    for (const path of [`${TOPIC}/0/7`, `${TOPIC}/3/0`, 'nope/0/0'])
      assert.equal((await server.inject(`/api/dead-letters/${path}`)).statusCode, 404)
    const lost = (await server.inject('/api/dead-letters?state=lost')).json()
    assert.match(lost.message, /state must be .*: open, replayed, discarded, superseded$/)
    const surplus = await server.inject({ method: 'POST', url: '/api/dead-letters/replay', payload: { topic: TOPIC } })
    assert.match(surplus.json().message, /: "topic" is not known here$/)
    for (const path of [`/${TOPIC}/0/x`, `/${TOPIC}/-1/0`, '?state=lost'])
      assert.equal((await server.inject(`/api/dead-letters${path}`)).statusCode, 422)
  })

  it('replays only when it is told to, and says who', async () => {
    const patch = '$merge([$, {"celsius": celsius - 50}])'
    const look = (await post('replay', { patch })).json()
    assert.deepEqual([look[0].dryRun, look[0].open, look[0].pass, look[0].replayed], [true, 3, 2, 2])
    assert.equal(await covenant.stores.log.endOffset(`${TOPIC}.raw`, 0), 4)
    const sent = (await post('replay', { patch, dryRun: false, actor: 'ana', topics: [TOPIC], force: true })).json()
    assert.equal(sent[0].replayed, 2)
    await covenant.loop.tick()
    assert.equal(await covenant.stores.log.endOffset(`${TOPIC}.validated`, 0), 3)
    const { state, history } = (await server.inject(`/api/dead-letters/${TOPIC}/0/0`)).json()
    assert.deepEqual(
      [state, history[0].actor, history[0].patch],
      ['replayed', 'ana', { expression: patch, diff: [{ op: 'replace', path: '/celsius', value: 49 }] }],
    )
  })

  it('discards and reopens what it is told', async () => {
    const request = { sources: [`${TOPIC}.raw/0/3`], reason: 'a test', dryRun: false }
    assert.equal((await post('discard', request)).json()[0].changed, 1)
    assert.equal((await server.inject(`/api/dead-letters/${TOPIC}/0/2`)).json().state, 'discarded')
    assert.equal((await post('reopen', request)).json()[0].changed, 1)
  })

  it('refuses bodies that say something else, and too large ones', async () => {
    for (const [path, body] of [
      ['replay', { dryrun: false }],
      ['replay', { dryRun: 'false' }],
      ['replay', { limit: 0 }],
      ['replay', { patch: '$merge([' }],
      ['replay', []],
      ['discard', { reason: 'all of them' }],
      ['discard', { fingerprint: 'f' }],
    ] as const)
      assert.equal((await post(path, body)).statusCode, 422, JSON.stringify(body))
    assert.equal((await post('replay', { topics: ['nope'] })).statusCode, 404)
    assert.equal((await post('replay', { reason: 'x'.repeat(5 * 1024 * 1024) })).statusCode, 413)
  })

  it('never fails inside, whatever is sent', async () => {
    const values = fc.oneof(fc.jsonValue(), fc.constantFrom(true, 'x', [`${TOPIC}.raw/0/1`], '$', 1))
    const names = fc.constantFrom(
      'topics',
      'fingerprint',
      'sources',
      'dryRun',
      'patch',
      'limit',
      'reason',
      'actor',
      'x',
    )
    const bodies = fc.oneof(
      fc.dictionary(names, values).map((body) => JSON.stringify(body)),
      fc.json(),
      fc.string(),
    )
    const paths = fc.constantFrom(
      '/api/dead-letters/replay',
      '/api/dead-letters/discard',
      '/api/dead-letters/reopen',
      `/api/topics/${TOPIC}/resume`,
    )
    await fc.assert(
      fc.asyncProperty(paths, bodies, async (url, payload) => {
        const answer = await server.inject({ method: 'POST', url, payload, headers: JSON_TYPE })
        assert.ok(answer.statusCode < 500, `${answer.statusCode}: ${answer.body}`)
        assert.doesNotThrow(() => JSON.parse(answer.body))
      }),
      { numRuns: 200 },
    )
  })
})

describe('a breaker in the loop', () => {
  it('pauses its topic with an alert, and the loop goes on; resuming resolves it', async () => {
    const resume = (payload: object) =>
      server.inject({ method: 'POST', url: `/api/topics/${TOPIC}/resume`, payload, headers: JSON_TYPE })
    assert.equal((await resume({})).statusCode, 409)
    const validated = await covenant.stores.log.endOffset(`${TOPIC}.validated`, 0)
    await produce(1, 70, 71, 72, 73)
    await covenant.loop.tick()
    await covenant.loop.tick()
    assert.equal(await covenant.stores.log.endOffset(`${TOPIC}.validated`, 0), validated)
    const alert = async () => (await covenant.stores.monitors.alerts()).filter(({ source }) => source === 'validation')
    const [raised, ...others] = await alert()
    assert.deepEqual([others.length, raised!.subject, raised!.resolvedAt], [0, TOPIC, null])
    assert.match(raised!.message, /4 of 5 records .* celsius must be at most 60 \(station\.readings\.raw\/0\/\d+\)/)
    assert.equal((await resume({ accept: true, actor: 'ana' })).statusCode, 200)
    await covenant.loop.tick()
    assert.equal(await covenant.stores.log.endOffset(`${TOPIC}.validated`, 0), validated + 1)
    const resolved = await alert()
    assert.equal(resolved.length, 1)
    assert.notEqual(resolved[0]!.resolvedAt, null)
    assert.deepEqual(await covenant.stores.pauses.pauses(), [])
  })
})

describe('replay on merge', () => {
  it('a new version tells how many open dead letters it accepts, and with redrive replays exactly those', async () => {
    const later = CONTRACT.replace('version: 1.0.0', 'version: 2.0.0').replace('maximum: 60', 'maximum: 72')
    const contract = readContract(later, 'readings')
    const plan = await covenant.registry.plan([contract])
    const run = (options: { planOnly: boolean; redrive: boolean }, changes: readonly ContractChange[] = plan) =>
      redriveAfterApply(covenant, [contract], changes, { ...options, actor: 'ana' })
    const [planned] = await run({ planOnly: true, redrive: true })
    assert.deepEqual([planned!.dryRun, planned!.version, planned!.open, planned!.pass], [true, '2.0.0', 5, 3])
    const changes = await covenant.applyContracts([contract])
    assert.deepEqual((await run({ planOnly: false, redrive: false }, changes))[0]!.replayed, planned!.replayed)
    const [sent] = await run({ planOnly: false, redrive: true }, changes)
    assert.deepEqual([sent!.dryRun, sent!.replayed], [false, planned!.replayed])
    const [again] = await run({ planOnly: false, redrive: true }, await covenant.registry.plan([contract]))
    assert.equal(again?.replayed ?? 0, 0)
  })
})

async function produce(...celsius: unknown[]): Promise<void> {
  const events = celsius.map((value, n) => ({
    station: `S${n}-${String(value)}`,
    at: '2026-03-01T11:00:00Z',
    celsius: value,
  }))
  const payload = JSON.stringify(events)
  const answer = await server.inject({ method: 'POST', url: `/topics/${TOPIC}`, payload, headers: JSON_TYPE })
  assert.equal(answer.statusCode, 202)
}

function post(verb: string, body: unknown) {
  const payload = JSON.stringify(body)
  return server.inject({ method: 'POST', url: `/api/dead-letters/${verb}`, payload, headers: JSON_TYPE })
}
