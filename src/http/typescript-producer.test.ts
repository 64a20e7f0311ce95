import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { FastifyInstance } from 'fastify'
import { tinyProject } from '../../test/tiny-project.ts'
import { generateProducers } from '../contract/index.ts'
import type { ContractViolation, TypedProducer, TypedProducerOptions, Violation } from '../index.ts'
import { VirtualClock } from '../kernel/index.ts'
import { type Covenant, openCovenant } from '../runtime/index.ts'
import { compileValidator } from '../validation/index.ts'
import { buildServer, listen } from './server.ts'

const TOPIC = 'station.readings'
const ROOT = new URL('../../', import.meta.url).pathname

interface Reading {
  readonly station: string
  readonly at: string
  readonly celsius: number
}

/** What the generated module exports. */
interface Module {
  readonly StationReadingsProducer: new (options: TypedProducerOptions) => TypedProducer<Reading>
  readonly validateStationReadings: (event: unknown) => readonly Violation[]
}

const EVENT: Reading = { station: 'JFK', at: '2026-03-01T11:00:00Z', celsius: 4.5 }
const HOT = { ...EVENT, celsius: 451 }

/** How a team would use it; each line that must not compile says so, and must not. */
const USE = `
import { ContractViolation } from 'covenant'
import { StationReadingsProducer, stationReadings, type StationReadings, validateStationReadings } from './station-readings.ts'

const producer = new StationReadingsProducer({ url: 'http://localhost:8080', producerId: 'a', firstSequence: 0 })
const event: StationReadings = { station: 'JFK', at: '2026-03-01T11:00:00Z', celsius: 4.5 }
const accepted: number = await producer.send([event], { violating: 'send' })
const ids: string[] = validateStationReadings(event).map(({ ruleId }) => ruleId)
const topic: 'station.readings' = stationReadings.topic
try {
  // @ts-expect-error: a text is no number
  await producer.send([{ ...event, celsius: '4.5' }])
  // @ts-expect-error: a required field
  await producer.send([{ station: 'JFK' }])
  // @ts-expect-error: neither a server nor a log
  new StationReadingsProducer({ producerId: 'a' })
} catch (error) {
  if (error instanceof ContractViolation) console.log(error.violations[0]?.[1].ruleId, accepted, ids, topic)
}
`

describe('a generated TypeScript producer', () => {
  let folder: string
  let covenant: Covenant
  let server: FastifyInstance
  let address: string
  let module: Module

  before(async () => {
    folder = tinyProject({ 'package.json': '{"type":"module"}' })
    covenant = await openCovenant({
      projectDir: folder,
      stateDir: join(folder, 'state'),
      clock: new VirtualClock(Date.parse('2026-03-01T12:00:00Z')),
      durability: 'process',
    })
    await covenant.apply({ planOnly: false })
    server = await buildServer({ covenant, version: '1' })
    address = await listen(server, 0)
    const { contract } = (await covenant.registry.latest(TOPIC))!
    const [generated] = generateProducers([contract], 'typescript')
    writeFileSync(join(folder, generated!.file), generated!.code)
    module = (await import(pathToFileURL(join(folder, generated!.file)).href)) as Module
  })

  after(async () => {
    await server.close()
    await covenant.close()
    rmSync(folder, { recursive: true })
  })

  const producerOf = (options: TypedProducerOptions) => new module.StationReadingsProducer(options)
  const end = () => covenant.stores.log.endOffset(`${TOPIC}.raw`, 0)
  const readFrom = async (offset: number) =>
    (await covenant.stores.log.read(`${TOPIC}.raw`, 0, offset, 100)).map(({ key, value, headers, timestamp }) => ({
      key: Buffer.from(key ?? []).toString(),
      value: JSON.parse(Buffer.from(value!).toString()) as Reading,
      version: headers['cov.version'],
      timestamp,
    }))

  it('type-checks under the strictest settings, and refuses what the contract would', async () => {
    writeFileSync(join(folder, 'use.ts'), USE)
    mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'))
    const flags =
      '--noEmit --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --module nodenext --target es2024 --lib es2024,esnext.disposable --types node --allowImportingTsExtensions --verbatimModuleSyntax --isolatedModules --skipLibCheck --customConditions covenant-source'
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
    const { stdout } = await promisify(execFile)(process.execPath, [compiler, ...flags.split(' '), 'use.ts'], {
      cwd: folder,
    }).catch((error: { stdout: string }) => error)
    assert.equal(stdout, '')
  })

  it('sends over HTTP what passes, with version and key, and a repeated run nothing twice', async () => {
    const start = await end()
    const options = { url: `${address}/`, producerId: 'shop', firstSequence: 0 }
    const events = [EVENT, { ...EVENT, station: 'LGA' }]
    assert.equal(await producerOf(options).send(events), 2)
    assert.equal(await producerOf(options).send(events), 0)
    assert.deepEqual(
      (await readFrom(start)).map(({ key, value, version }) => [key, value, version]),
      events.map((event) => [event.station, event, '1.0.0']),
    )
  })

  it('sends nothing of a call with an event that the contract refuses, and tells what the validator would', async () => {
    const start = await end()
    const { plan } = (await covenant.registry.latest(TOPIC))!
    const verdict = compileValidator(plan).validate(Buffer.from(JSON.stringify(HOT)))
    for (const target of [{ url: address }, { log: covenant.stores.log, clock: covenant.clock }])
      await assert.rejects(producerOf(target).send([EVENT, HOT]), (thrown: ContractViolation) => {
        assert.equal(thrown.code, 'VALIDATION_EVENT_REFUSED')
        assert.deepEqual(
          thrown.violations,
          (verdict as { violations: readonly Violation[] }).violations.map((violation) => [1, violation]),
        )
        assert.match(thrown.message, /event 1: celsius\.maximum \(at most 60, found 451\)/)
        return true
      })
    assert.equal(await end(), start)
    assert.deepEqual(
      module.validateStationReadings(HOT).map(({ ruleId, path }) => [ruleId, path]),
      [['celsius.maximum', 'celsius']],
    )
    assert.deepEqual(module.validateStationReadings(EVENT), [])
  })

  it('sends it when told to: it becomes a dead letter', async () => {
    const start = await end()
    const before = await covenant.stores.log.endOffset(`${TOPIC}.dlq`, 0)
    assert.equal(await producerOf({ url: address }).send([EVENT, HOT], { violating: 'send' }), 2)
    await covenant.loop.tick()
    assert.equal((await readFrom(start)).length, 2)
    assert.equal(await covenant.stores.log.endOffset(`${TOPIC}.dlq`, 0), before + 1)
  })

  it('refuses what JSON cannot hold, also where it would send what is refused', async () => {
    const cyclic: Record<string, unknown> = { ...EVENT }
    cyclic.self = cyclic
    for (const odd of [{ ...EVENT, celsius: Number.NaN }, cyclic, { ...EVENT, celsius: 1n }, undefined])
      await assert.rejects(
        producerOf({ url: address }).send([odd as unknown as Reading], { violating: 'send' }),
        ({ violations }: ContractViolation) => violations[0]?.[1].ruleId === 'parse',
      )
  })

  it('appends to the log of its process, at the time of each event, what was judged', async () => {
    const start = await end()
    const producer = producerOf({ log: covenant.stores.log, clock: covenant.clock, producerId: 'inside' })
    const changing = { ...EVENT }
    const sent = producer.send([changing])
    changing.celsius = 451
    assert.equal(await sent, 1)
    assert.deepEqual(await readFrom(start), [
      { key: 'JFK', value: EVENT, version: '1.0.0', timestamp: Date.parse(EVENT.at) },
    ])
  })

  it('numbers calls that overlap one after the other', async () => {
    const start = await end()
    const producer = producerOf({ url: address })
    const calls = Array.from({ length: 8 }, (_, n) => [
      { ...EVENT, celsius: n },
      { ...EVENT, celsius: -n },
    ])
    assert.deepEqual(
      await Promise.all(calls.map((events) => producer.send(events))),
      calls.map(() => 2),
    )
    assert.deepEqual(
      (await readFrom(start)).map(({ value }) => value.celsius),
      calls.flat().map(({ celsius }) => (celsius === 0 ? 0 : celsius)),
    )
  })

  describe('behind a network that loses answers', () => {
    let proxy: Server
    let url: string
    /** How the next requests fare; afterwards all pass. */
    const fate: ('answer lost' | 'busy')[] = []

    before(async () => {
      proxy = createServer((request, response) => {
        const parts: Buffer[] = []
        request.on('data', (part: Buffer) => void parts.push(part))
        request.on('end', async () => {
          const next = fate.shift()
          if (next === 'busy') return void response.writeHead(503).end('later')
          const {
            host: _,
            connection: __,
            'transfer-encoding': ___,
            'content-length': ____,
            ...headers
          } = request.headers
          const payload = Buffer.concat(parts)
          const answer = await server.inject({ method: 'POST', url: request.url!, headers, payload })
          if (next === 'answer lost') request.socket.destroy()
          else response.writeHead(answer.statusCode).end(answer.body)
        })
      })
      await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve))
      url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    })
    after(async () => {
      proxy.closeAllConnections()
      await new Promise((resolve) => void proxy.close(resolve))
    })

    it('sends again, and what had arrived is appended once', async () => {
      const start = await end()
      const waits: number[] = []
      fate.push('busy', 'answer lost')
      const producer = producerOf({ url, sleep: async (ms) => void waits.push(ms) })
      assert.equal(await producer.send([EVENT, EVENT]), 0)
      assert.equal((await readFrom(start)).length, 2)
      assert.deepEqual(waits, [100, 200])
    })

    it('gives up after its attempts; the same events again are no others, other events are', async () => {
      const start = await end()
      fate.push('answer lost')
      const producer = producerOf({ url, retries: 0 })
      await assert.rejects(producer.send([EVENT]), { code: 'VALIDATION_DELIVERY_FAILED', retryable: true })
      assert.equal(await producer.send([EVENT]), 0)
      fate.push('answer lost')
      await assert.rejects(producer.send([EVENT]), { code: 'VALIDATION_DELIVERY_FAILED' })
      assert.equal(await producer.send([{ ...EVENT, celsius: 7 }]), 1)
      assert.deepEqual(
        (await readFrom(start)).map(({ value }) => value.celsius),
        [4.5, 4.5, 7],
      )
    })

    it('does not repeat what the server refuses', async () => {
      const missing = producerOf({ url: `${address}/elsewhere`, sleep: () => assert.fail('it waited') })
      await assert.rejects(missing.send([EVENT]), { code: 'VALIDATION_DELIVERY_FAILED', message: /answered 404/ })
    })
  })
})
