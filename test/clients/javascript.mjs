// Confluent's JavaScript client, unchanged, against the registry at the address that is given: registers, fetches,
// checks, serialises, deletes. Prints each step that holds; the first that does not ends the process with an error.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

const [, , installed, address] = process.argv
const confluent = createRequire(installed)('@confluentinc/schemaregistry')
const { AvroDeserializer, AvroSerializer, CelExecutor, JsonDeserializer, JsonSerializer, RestError } = confluent
const { SchemaRegistryClient, SerdeType } = confluent

CelExecutor.register()
const client = new SchemaRegistryClient({ baseURLs: [address], maxRetries: 0 })
const USE_LATEST = { autoRegisterSchemas: false, useLatestVersion: true }

const USER = { type: 'record', name: 'User', fields: [{ name: 'name', type: 'string' }] }
const WITH_AGE = { ...USER, fields: [...USER.fields, { name: 'age', type: ['null', 'int'], default: null }] }
const WITH_EMAIL = { ...USER, fields: [...USER.fields, { name: 'email', type: 'string' }] }
const POINT = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Point',
  type: 'object',
  properties: { x: { type: 'number' } },
  required: ['x'],
}
const READING = { station: 'JFK', at: '2026-03-01T11:00:00Z', celsius: 4.5 }

async function step(name, body) {
  await body()
  process.stdout.write(`${name}\n`)
}

/** Asserts that the registry refuses, with the error class, status and code that the client gives. */
async function refused(action, status, errorCode, message) {
  await assert.rejects(action, (error) => {
    assert.ok(error instanceof RestError, String(error))
    assert.equal(error.status, status, error.message)
    assert.equal(error.errorCode, errorCode, error.message)
    assert.match(error.message, message)
    return true
  })
}

const avro = (schema) => ({ schemaType: 'AVRO', schema: JSON.stringify(schema) })

await step('registers an Avro schema, and again with the same id', async () => {
  const id = await client.register('users-value', avro(USER))
  assert.ok(id > 0)
  assert.equal(await client.register('users-value', avro(USER)), id)
  assert.equal(await client.getId('users-value', avro(USER)), id)
  assert.deepEqual(JSON.parse((await client.getBySubjectAndId('users-value', id)).schema), USER)
})

await step('fetches by guid', async () => {
  const { guid } = await client.getLatestSchemaMetadata('users-value')
  assert.deepEqual(JSON.parse((await client.getByGuid(guid)).schema), USER)
})

await step('registers a JSON schema', async () => {
  const id = await client.register('points-value', { schemaType: 'JSON', schema: JSON.stringify(POINT) })
  assert.equal((await client.getBySubjectAndId('points-value', id)).schemaType, 'JSON')
})

await step('checks compatibility and registers what is compatible', async () => {
  assert.equal(await client.testSubjectCompatibility('users-value', avro(WITH_AGE)), true)
  assert.equal(await client.testSubjectCompatibility('users-value', avro(WITH_EMAIL)), false)
  await client.register('users-value', avro(WITH_AGE))
  assert.deepEqual(await client.getAllVersions('users-value'), [1, 2])
  assert.equal(await client.getVersion('users-value', avro(USER)), 1)
  assert.equal((await client.getSchemaMetadata('users-value', 2)).version, 2)
})

await step('is refused an incompatible schema with 409', () =>
  refused(() => client.register('users-value', avro(WITH_EMAIL)), 409, 40901, /email/),
)

await step('is refused what is no schema with 422', () =>
  refused(
    () => client.register('users-value', { schemaType: 'AVRO', schema: '{"type":"nothing"}' }),
    422,
    42201,
    /Invalid/,
  ),
)

await step('sets and reads configuration', async () => {
  await refused(() => client.getCompatibility('users-value'), 404, 40408, /subject-level compatibility/)
  assert.equal(await client.updateCompatibility('users-value', 'NONE'), 'NONE')
  assert.equal(await client.getCompatibility('users-value'), 'NONE')
  assert.equal(await client.getDefaultCompatibility(), 'BACKWARD')
})

await step('serialises and deserialises Avro', async () => {
  client.clearLatestCaches()
  const serializer = new AvroSerializer(client, SerdeType.VALUE, USE_LATEST)
  const deserializer = new AvroDeserializer(client, SerdeType.VALUE, {})
  const bytes = await serializer.serialize('users', { name: 'Ada', age: 36 })
  assert.deepEqual({ ...(await deserializer.deserialize('users', bytes)) }, { name: 'Ada', age: 36 })
})

await step('serialises JSON with the schema of a contract, validated', async () => {
  const serializer = new JsonSerializer(client, SerdeType.VALUE, { ...USE_LATEST, validate: true })
  const deserializer = new JsonDeserializer(client, SerdeType.VALUE, { validate: true })
  const bytes = await serializer.serialize('station.readings', READING)
  assert.deepEqual(await deserializer.deserialize('station.readings', bytes), READING)
  await assert.rejects(() => serializer.serialize('station.readings', { ...READING, celsius: 99 }), /maximum/)
})

await step('finds a contract by its raw topic too', async () => {
  const { metadata } = await client.getLatestSchemaMetadata('station.readings.raw-value')
  assert.equal(metadata.properties['covenant.contract'], 'station.readings')
})

await step("refuses a record that a contract's rule refuses", async () => {
  const serializer = new JsonSerializer(client, SerdeType.VALUE, USE_LATEST)
  await assert.rejects(
    () => serializer.serialize('station.readings', { ...READING, celsius: -60 }),
    /no_deep_frost|station is that cold/,
  )
  await serializer.serialize('station.readings', { ...READING, station: 'VOSTOK', celsius: -60 })
})

await step('finds the latest version with metadata', async () => {
  const found = await client.getLatestWithMetadata('station.readings-value', { major_version: '1' })
  assert.equal(found.metadata.properties.owner, 'stations')
})

await step("is refused to change a contract's subject, and told the way", () =>
  refused(
    () => client.register('station.readings-value', { schemaType: 'JSON', schema: JSON.stringify(POINT) }),
    422,
    42205,
    /change the contract file/,
  ),
)

await step("registers a contract's own schema again", async () => {
  const { id, schema } = await client.getLatestSchemaMetadata('station.readings-value')
  const rewritten = JSON.stringify(JSON.parse(schema), null, 2)
  assert.equal(await client.register('station.readings-value', { schemaType: 'JSON', schema: rewritten }), id)
})

await step('serialises Avro with the schema of a contract, its rules included', async () => {
  const serializer = new AvroSerializer(client, SerdeType.VALUE, USE_LATEST)
  const deserializer = new AvroDeserializer(client, SerdeType.VALUE, {})
  const payment = { id: 'p-1', amount: 12.5, note: null }
  const bytes = await serializer.serialize('payments', payment)
  assert.deepEqual({ ...(await deserializer.deserialize('payments', bytes)) }, payment)
  await assert.rejects(() => serializer.serialize('payments', { ...payment, amount: -1 }), /positive|amount/)
})

await step('deletes softly, then for good', async () => {
  assert.equal(await client.deleteSubjectVersion('users-value', 1), 1)
  assert.deepEqual(await client.getAllVersions('users-value'), [2])
  assert.deepEqual(await client.deleteSubject('users-value'), [2])
  assert.ok(!(await client.getAllSubjects()).includes('users-value'))
  await refused(() => client.deleteSubject('users-value'), 404, 40404, /soft deleted/)
  assert.deepEqual(await client.deleteSubject('users-value', true), [1, 2])
  await refused(() => client.getAllVersions('users-value'), 404, 40401, /not found/)
})

await client.close()
