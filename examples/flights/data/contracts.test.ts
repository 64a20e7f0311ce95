import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Ajv2019 } from 'ajv/dist/2019.js'
import formats from 'ajv-formats'
import { parse } from 'yaml'
import { FEED_TOPICS } from './prepare.ts'

const example = join(import.meta.dirname, '..')
const schemaFile = join(example, '..', '..', 'src', 'contract', 'odcs', 'odcs-3.2.0.schema.json')
const files = ['contracts', 'changes'].flatMap((folder) =>
  readdirSync(join(example, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.odcs.yaml'))
    .map((name) => join(folder, name)),
)

function contractOf(file: string) {
  return parse(readFileSync(join(example, file), 'utf8'))
}

describe('the contracts of the flights example', () => {
  const ajv = new Ajv2019({ strict: false, allErrors: true })
  formats.default(ajv)
  const validate = ajv.compile(JSON.parse(readFileSync(schemaFile, 'utf8')))

  for (const file of files)
    it(`${file} is a valid ODCS 3.2 document`, () => {
      assert.ok(validate(contractOf(file)), ajv.errorsText(validate.errors))
    })

  it('there is one for every topic of the feed and one for the predictions', () => {
    const topics = files
      .filter((file) => file.startsWith('contracts'))
      .map((file) => contractOf(file).schema[0].physicalName)
    assert.deepEqual(topics.sort(), [...FEED_TOPICS, 'delay.predictions'].sort())
  })

  for (const file of files)
    it(`${file} names its owner, purpose, key, event time and audit`, () => {
      const contract = contractOf(file)
      const [object] = contract.schema
      const names = object.properties.map(({ name }: { name: string }) => name)
      const stream = object.customProperties.find(
        ({ property }: { property: string }) => property === 'covenant.stream',
      )
      assert.ok(contract.team.members.some(({ role }: { role: string }) => role === 'owner'))
      assert.ok(contract.description.purpose)
      assert.ok(names.includes(stream.value.eventTime))
      for (const key of stream.value.key) assert.ok(names.includes(key))
      for (const property of object.properties) assert.ok(property.description, property.name)
      const latency = contract.slaProperties.find(({ property }: { property: string }) => property === 'latency')
      assert.equal(latency.schedule, '0 2 * * *')
      assert.equal(latency.element, `${object.name}.${stream.value.eventTime}`)
    })

  it('a change of a contract keeps its id and moves its version on', () => {
    for (const file of files.filter((name) => name.startsWith('changes'))) {
      const change = contractOf(file)
      const before = contractOf(join('contracts', `${change.id}.odcs.yaml`))
      assert.deepEqual([before.version, change.version], ['1.0.0', '1.1.0'])
      assert.equal(change.schema[0].physicalName, before.schema[0].physicalName)
    }
  })
})
