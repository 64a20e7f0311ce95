import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
// @ts-expect-error: the set-up scripts are plain JavaScript
import { installClients } from '../../scripts/clients.mjs'
import { readContract } from '../../src/contract/index.ts'
import { buildServer, listen } from '../../src/http/server.ts'
import { type Covenant, openCovenant } from '../../src/runtime/index.ts'
import { rawTopic, validatedTopic } from '../../src/topic/index.ts'
import { tinyProject } from '../tiny-project.ts'
import { runClient } from './run-client.ts'

const SCRIPTS = fileURLToPath(new URL('../clients', import.meta.url))

interface Parts {
  readonly id: string
  readonly version?: string
  /** Custom properties by name. */
  readonly own?: object
  readonly rule?: string
  readonly properties: readonly object[]
}

/** A contract file; JSON is YAML too. */
function contractFile({ id, version = '1.0.0', own = {}, rule, properties }: Parts): string {
  const customProperties = Object.entries(own).map(([property, value]) => ({ property, value }))
  const quality = rule === undefined ? [] : [{ id: 'sound', type: 'custom', engine: 'cel', implementation: rule }]
  const head = { apiVersion: 'v3.2.0', kind: 'DataContract', id, name: id, version, status: 'active' }
  const object = { name: id, physicalName: id, physicalType: 'topic', logicalType: 'object' }
  return JSON.stringify({ ...head, schema: [{ ...object, customProperties, quality, properties }] }, null, 2)
}

const field = (name: string, logicalType: string, more: object = {}) => ({ name, logicalType, required: true, ...more })
const ID = field('id', 'string', { primaryKey: true })

const ORDERS_1 = contractFile({
  id: 'orders',
  properties: [ID, field('cents', 'integer'), field('note', 'string', { required: false })],
})
const ORDERS_2 = contractFile({
  id: 'orders',
  version: '2.0.0',
  own: {
    'covenant.migrations': [
      { fromMajor: 1, expression: '{"id": id, "price": {"amount": cents / 100, "currency": "EUR"}, "remark": note}' },
    ],
  },
  properties: [
    ID,
    field('price', 'object', { properties: [field('amount', 'number'), field('currency', 'string')] }),
    field('remark', 'string', { required: false }),
  ],
})
const TRIPS = contractFile({
  id: 'trips',
  own: { 'covenant.schemaRegistry': { format: 'avro', mode: 'WRITEREAD' } },
  rule: 'this.fare >= 0.0',
  properties: [
    ID,
    field('at', 'timestamp', { logicalTypeOptions: { timezone: true, defaultTimezone: 'Etc/UTC' } }),
    field('day', 'date'),
    field('opens', 'time'),
    field('fare', 'number'),
    field('until', 'timestamp', {
      required: false,
      logicalTypeOptions: { timezone: true, defaultTimezone: 'Etc/UTC' },
    }),
  ],
})
const ACCOUNTS = (id: string, format: 'avro' | 'json') =>
  contractFile({
    id,
    own: {
      'covenant.stream': { key: ['id'], cdc: 'debezium' },
      'covenant.schemaRegistry': { format },
    },
    rule: 'this.balance >= 0.0',
    properties: [ID, field('balance', 'number')],
  })
const ALERTS = contractFile({
  id: 'alerts',
  own: { 'covenant.schemaRegistry': { mode: 'WRITEREAD', onFailure: 'DLQ' } },
  rule: 'this.level < 10',
  properties: [ID, field('level', 'integer')],
})

/** Of a free subject: contracts are not served as Protobuf. */
const PARCEL = `syntax = "proto3"; package post;
message Parcel { string id = 1; optional double weight = 2; map<string, Item> items = 3; Kind kind = 4;
  message Item { int32 count = 1; } }
enum Kind { LETTER = 0; BOX = 1; }`

const WRITTEN: readonly object[] = [
  { id: 'a', cents: 1250, note: 'quick' },
  { id: 'b', cents: 7 },
  { id: 'c', cents: 0, note: '' },
]

/** What contracts ask of serialisers and deserialisers, asked of Confluent's own. */
describe('unchanged Confluent serialisers with contracts', () => {
  const clients = installClients() as { readonly javascript: string; readonly python: string }
  let folder: string
  let covenant: Covenant
  let server: FastifyInstance
  let address: string
  let cases: string

  before(async () => {
    folder = tinyProject({
      'contracts/orders.odcs.yaml': ORDERS_2,
      'contracts/trips.odcs.yaml': TRIPS,
      'contracts/accounts.odcs.yaml': ACCOUNTS('accounts', 'json'),
      'contracts/accounts-avro.odcs.yaml': ACCOUNTS('accounts-avro', 'avro'),
      'contracts/alerts.odcs.yaml': ALERTS,
    })
    covenant = await openCovenant({ projectDir: folder, stateDir: join(folder, 'state'), durability: 'process' })
    await covenant.applyContracts([readContract(ORDERS_1, 'orders-1.odcs.yaml')])
    await covenant.apply({ planOnly: false })
    server = await buildServer({ covenant, version: '1.2.3' })
    address = `${await listen(server, 0)}/registry`
    const request = { schemaType: 'PROTOBUF' as const, schema: PARCEL, references: [], metadata: null, ruleSet: null }
    const options = { normalize: false }
    await covenant.subjects.register('parcels-value', { ...request, id: null, version: null }, options)
    cases = join(folder, 'cases.json')
    writeFileSync(cases, JSON.stringify(await upcasts(covenant)))
  })

  after(async () => {
    await server.close()
    await covenant.close()
    rmSync(folder, { recursive: true })
  })

  it('JavaScript', async () => {
    const script = join(SCRIPTS, 'serdes.mjs')
    const steps = await runClient(process.execPath, [script, clients.javascript, address, cases])
    assert.equal(steps.length, 8)
  })

  it('Python', async () => {
    const steps = await runClient(clients.python, [join(SCRIPTS, 'serdes.py'), address, cases])
    assert.equal(steps.length, 8)
  })
})

/** Records of version 1, and what Covenant's own validation makes of them under version 2. */
async function upcasts(covenant: Covenant): Promise<readonly { readonly written: object; readonly upcast: unknown }[]> {
  const records = WRITTEN.map((value, index) => ({
    key: Buffer.from(`${index}`),
    value: Buffer.from(JSON.stringify(value)),
    headers: { 'cov.version': '1.0.0' },
    timestamp: covenant.clock.now(),
  }))
  await covenant.append(rawTopic('orders'), records)
  await covenant.loop.tick()
  const { log } = covenant.stores
  const validated = await log.read(validatedTopic('orders'), 0, 0, 10)
  assert.deepEqual(
    validated.map(({ headers }) => [headers['cov.version'], headers['cov.migrated.from']]),
    WRITTEN.map(() => ['2.0.0', '1.0.0']),
  )
  return validated.map(({ value }, index) => ({
    written: WRITTEN[index]!,
    upcast: JSON.parse(Buffer.from(value!).toString()) as unknown,
  }))
}
