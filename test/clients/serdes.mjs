// Confluent's JavaScript serialisers, unchanged, with what contracts ask of them: migrations between versions, rules on
// reading, moments in Avro, change events, actions. Prints each step that holds; the first that does not ends the process.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const [, , installed, address, casesFile] = process.argv
const confluent = createRequire(installed)('@confluentinc/schemaregistry')
const { AvroDeserializer, AvroSerializer, CelExecutor, JsonDeserializer, JsonSerializer, JsonataExecutor } = confluent
const { SchemaRegistryClient, SerdeType } = confluent

CelExecutor.register()
JsonataExecutor.register()
const client = new SchemaRegistryClient({ baseURLs: [address], maxRetries: 0 })
const USE_LATEST = { autoRegisterSchemas: false, useLatestVersion: true }
const ofMajor = (version) => ({ autoRegisterSchemas: false, useLatestWithMetadata: { major_version: version } })

async function step(name, body) {
  await body()
  process.stdout.write(`${name}\n`)
}

/** The client's engines make objects of classes of their own, and without a prototype. */
const plain = (value) => JSON.parse(JSON.stringify(value))

/** A record as any producer may write it, whose rules nobody asked: magic byte, id, value. */
async function framed(subject, value) {
  const { id } = await client.getLatestSchemaMetadata(subject)
  const head = Buffer.alloc(5)
  head.writeInt32BE(id, 1)
  return Buffer.concat([head, value])
}

await step('reads what was written under version 1 as version 2, as Covenant itself does', async () => {
  const writer = new JsonSerializer(client, SerdeType.VALUE, { ...ofMajor('1'), validate: true })
  const reader = new JsonDeserializer(client, SerdeType.VALUE, ofMajor('2'))
  const cases = JSON.parse(readFileSync(casesFile, 'utf8'))
  for (const { written, upcast } of cases)
    assert.deepEqual(plain(await reader.deserialize('orders', await writer.serialize('orders', written))), upcast)
  assert.equal(cases.length, 3)
})

await step('writes under version 2 only what fits version 2', async () => {
  const writer = new JsonSerializer(client, SerdeType.VALUE, { ...USE_LATEST, validate: true })
  await writer.serialize('orders', { id: 'd', price: { amount: 1.5, currency: 'EUR' } })
  await assert.rejects(() => writer.serialize('orders', { id: 'd', cents: 150 }), /required|price/)
})

const TRIP = { id: 't', at: 1_772_362_800_123_456, day: 20_513, opens: 34_200_000_000, fare: 12.34, until: null }

await step('keeps moments to the microsecond and fractions in Avro', async () => {
  const writer = new AvroSerializer(client, SerdeType.VALUE, USE_LATEST)
  const reader = new AvroDeserializer(client, SerdeType.VALUE, USE_LATEST)
  for (const trip of [TRIP, { ...TRIP, at: -1, day: -1, opens: 0, fare: 0.1 + 0.2, until: TRIP.at }])
    assert.deepEqual({ ...(await reader.deserialize('trips', await writer.serialize('trips', trip))) }, trip)
})

await step(
  'refuses on writing in Avro, and does not judge on reading: its engine cannot see into its own records',
  async () => {
    const writer = new AvroSerializer(client, SerdeType.VALUE, USE_LATEST)
    await assert.rejects(() => writer.serialize('trips', { ...TRIP, fare: -1 }), /sound|fare/)
    const withoutEngine = new AvroSerializer(client, SerdeType.VALUE, USE_LATEST, new confluent.RuleRegistry())
    await assert.rejects(() => withoutEngine.serialize('trips', TRIP), /rule executor of type CEL|sound/)
    const schema = JSON.parse((await client.getLatestSchemaMetadata('trips-value')).schema)
    const avsc = createRequire(createRequire(installed).resolve('@confluentinc/schemaregistry'))('avsc')
    const value = avsc.Type.forSchema(schema).toBuffer({ ...TRIP, fare: -1 })
    const reader = new AvroDeserializer(client, SerdeType.VALUE, USE_LATEST)
    assert.equal((await reader.deserialize('trips', await framed('trips-value', value))).fare, -1)
  },
)

for (const [topic, Serializer, Deserializer] of [
  ['accounts', JsonSerializer, JsonDeserializer],
  ['accounts-avro', AvroSerializer, AvroDeserializer],
])
  await step(`writes and reads change events: ${topic}`, async () => {
    const writer = new Serializer(client, SerdeType.VALUE, { ...USE_LATEST, validate: true })
    const reader = new Deserializer(client, SerdeType.VALUE, USE_LATEST)
    const change = (op, after) => ({ op, after })
    for (const event of [change('c', { id: 'a', balance: 1.5 }), change('d', null)]) {
      const read = await reader.deserialize(topic, await writer.serialize(topic, event))
      assert.deepEqual(plain(read), event)
    }
    await assert.rejects(() => writer.serialize(topic, change('u', { id: 'a', balance: -1 })), /sound|balance/)
  })

await step('refuses on reading JSON too; it has no action DLQ, so that nothing is sent anywhere', async () => {
  const writer = new JsonSerializer(client, SerdeType.VALUE, USE_LATEST)
  await writer.serialize('alerts', { id: 'a', level: 9 })
  await assert.rejects(() => writer.serialize('alerts', { id: 'a', level: 10 }), /rule action of type DLQ/)
  const reader = new JsonDeserializer(client, SerdeType.VALUE, USE_LATEST)
  const bytes = await framed('alerts-value', Buffer.from('{"id":"a","level":10}'))
  await assert.rejects(() => reader.deserialize('alerts', bytes), /rule action of type DLQ/)
})

await step('writes and reads Protobuf by the descriptor that the registry makes of the text', async () => {
  const own = createRequire(createRequire(installed).resolve('@confluentinc/schemaregistry'))
  const { create, createFileRegistry, createMutableRegistry, fromBinary, toJson } = own('@bufbuild/protobuf')
  const { FileDescriptorProtoSchema } = own('@bufbuild/protobuf/wkt')
  const { schema } = await client.getLatestSchemaMetadata('parcels-value', 'serialized')
  const file = fromBinary(FileDescriptorProtoSchema, Buffer.from(schema, 'base64'))
  const Parcel = createFileRegistry(file, () => undefined).getMessage('post.Parcel')
  const conf = { ...USE_LATEST, registry: createMutableRegistry(Parcel) }
  const writer = new confluent.ProtobufSerializer(client, SerdeType.VALUE, conf)
  const reader = new confluent.ProtobufDeserializer(client, SerdeType.VALUE, {})
  const parcel = create(Parcel, { id: 'p', weight: 0, items: { pen: { count: 3 } }, kind: 1 })
  const read = await reader.deserialize('parcels', await writer.serialize('parcels', parcel))
  assert.deepEqual(plain(read.items), { pen: { $typeName: 'post.Parcel.Item', count: 3 } })
  assert.deepEqual(toJson(Parcel, parcel), { id: 'p', weight: 0, items: { pen: { count: 3 } }, kind: 'BOX' })
  assert.deepEqual([read.id, read.weight, read.kind], ['p', 0, 1])
})

await client.close()
