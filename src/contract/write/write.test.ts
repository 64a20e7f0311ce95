import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { odcsDocuments, SERVER_TYPES, serversOf } from '../../../test/contract/from-schema.ts'
import { ORDERS } from '../../../test/contract/orders.ts'
import { SHOP } from '../../../test/contract/shop.ts'
import type { Json, JsonObject } from '../../kernel/index.ts'
import odcs from '../odcs/odcs-3.2.0.schema.json' with { type: 'json' }
import { checkStructure } from '../odcs/structure.ts'
import type { Problem } from '../problem.ts'
import { parseContracts, readContract } from '../read/index.ts'
import { readYaml } from '../read/yaml.ts'
import { formatContract, writeContract } from './index.ts'

function isOdcs(document: JsonObject): boolean {
  let valid = true
  const report = () => {
    valid = false
  }
  checkStructure(document, { error: report, warning: report })
  return valid
}

/** What a document says, in 3.2: the deprecated forms by hand, apart from the writer. */
function said(document: JsonObject): Json {
  const { slaDefaultElement: element, ...rest } = document
  const levels = rest.slaProperties as JsonObject[] | undefined
  const spelled = (property: Json | undefined) => (property === 'freshness' ? 'latency' : property!)
  return {
    ...rest,
    apiVersion: 'v3.2.0',
    ...(Array.isArray(rest.team) ? { team: { members: rest.team } } : {}),
    ...(element !== undefined && !levels?.length ? { slaDefaultElement: element } : {}),
    ...(levels === undefined
      ? {}
      : {
          slaProperties: levels.map((level) => ({
            ...(element === undefined ? {} : { element }),
            ...level,
            property: spelled(level.property),
          })),
        }),
  }
}

test('nothing is dropped: whatever the schema of ODCS allows is read back as it was written', () => {
  const sections = new Set<string>()
  let conform = 0
  let runs = 0
  fc.assert(
    fc.property(odcsDocuments(), (document) => {
      runs++
      if (!isOdcs(document)) return
      conform++
      for (const section of Object.keys(document)) sections.add(section)
      const text = writeContract(document)
      const { value, problems } = readYaml(text)
      assert.deepEqual(problems, [])
      assert.deepEqual(value, said(document))
      assert.equal(formatContract(text, 'x').text, text, 'formatting again changes nothing')
    }),
    { numRuns: 200 },
  )
  assert.deepEqual([...sections].sort(), Object.keys(odcs.properties).sort())
  assert.ok(conform > runs / 4, `${conform} of ${runs} documents conform: the generator has fallen behind the schema`)
})

suite('each type of server is read, and written as it was', () => {
  for (const type of SERVER_TYPES)
    test(type, () => {
      let conform = 0
      fc.assert(
        fc.property(serversOf(type), (server) => {
          const document = { apiVersion: 'v3.2.0', kind: 'DataContract', id: 'x', version: '1.0.0', servers: [server] }
          if (!isOdcs(document)) return
          conform++
          assert.deepEqual(readYaml(writeContract(document)).value, document)
        }),
        { numRuns: 10 },
      )
      assert.ok(conform > 0)
    })
})

test('a contract means the same after it was written', () => {
  for (const text of [ORDERS, SHOP]) {
    const before = parseContracts(text, 'x')
    const after = parseContracts(formatContract(text, 'x').text ?? '', 'x')
    const meaning = ({ contracts }: typeof before) =>
      contracts.map(({ source: _source, hash: _hash, document: _document, ...rest }) => rest)
    assert.deepEqual(meaning(after), meaning(before))
    assert.deepEqual(codes(after.problems), codes(before.problems))
  }
})

function codes(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ code, message }) => `${code} ${message}`)
}

const OLD = `# Of the warehouse team.

kind: DataContract   # always
apiVersion: v3.0.2 # the standard
id: old

# What it promises
slaDefaultElement: stock.day # the day of the count
slaProperties:
  # Freshness first
  - value: 1
    property: freshness
    unit: d
  - property: retention
    element: stock.day
    value: 2
    unit: y
version: 1.0.0
status: active
team:
  # The one to ask
  - role: owner
    username: ada
schema:
  - properties:
      - logicalType: date
        name: day
        required: true
        quality:
          - rule: nullCheck # by hand until 2024
            type: library
      - name: count
        logicalType: integer
        logicalTypeOptions: {maximum: 18446744073709551615, minimum: 0x0}
        examples: [1.50, 1e3]
    name: stock
    quality:
      - type: library
        rule: duplicateCount
        mustBeLessThan: 1
        arguments: {properties: [day]}
`

const NEW = `# Of the warehouse team.

apiVersion: v3.2.0 # the standard
kind: DataContract # always
id: old
version: 1.0.0
status: active
team:
  members:
    # The one to ask
    - username: ada
      role: owner
schema:
  - name: stock
    quality:
      - type: library
        metric: duplicateValues
        arguments: {properties: [day]}
        mustBeLessThan: 1
    properties:
      - name: day
        logicalType: date
        required: true
        quality:
          - type: library
            metric: nullValues # by hand until 2024
            mustBe: 0
      - name: count
        logicalType: integer
        logicalTypeOptions: {minimum: 0x0, maximum: 18446744073709551615}
        examples: [1.50, 1e3]
slaProperties:
  # Freshness first
  - property: latency
    value: 1
    unit: d
    element: stock.day
  - property: retention
    value: 2
    unit: y
    element: stock.day
`

test('an old contract is brought to 3.2, with its comments and its numbers as they are written', () => {
  assert.equal(formatContract(OLD, 'old.odcs.yaml').text, NEW)
  const [before, after] = [readContract(OLD, 'a'), readContract(NEW, 'b')]
  assert.deepEqual(after.sla, before.sla)
  assert.deepEqual(after.quality, before.quality)
  assert.equal(after.owner, before.owner)
  assert.deepEqual(
    before.quality.map(({ field, check, expect }) => [field, check.type === 'library' && check.metric, expect]),
    [
      [null, 'duplicateValues', { op: 'lt', value: 1 }],
      ['day', 'nullValues', { op: 'eq', value: 0 }],
    ],
  )
})

test('aliases are written out, since keys change their order', () => {
  const text = ORDERS.replace('tags: [stream, pii]', 'tags: &tags [stream, pii]').replace(
    'physicalType: topic',
    'physicalType: topic\n    tags: *tags',
  )
  const formatted = formatContract(text, 'x').text ?? ''
  assert.ok(!/[&*]tags/.test(formatted))
  assert.deepEqual(readYaml(formatted).value, said(readYaml(text).value as JsonObject))
})

test('what is not ODCS 3 is not formatted, and told why', () => {
  const why = (text: string) => {
    const { text: formatted, problems } = formatContract(text, 'x')
    assert.equal(formatted, null)
    return problems.map(({ code }) => code)
  }
  assert.deepEqual(why('a: ['), ['CONTRACT_YAML_SYNTAX'])
  assert.deepEqual(why(ORDERS.replace('domain: sales', 'domian: sales')), ['CONTRACT_UNKNOWN_KEY'])
  assert.deepEqual(why('apiVersion: v2.2.2\nkind: DataContract\nid: x\nversion: 1.0.0\n'), ['CONTRACT_UNSUPPORTED'])
  assert.throws(() => writeContract({ id: 'x' }), /is not ODCS 3/)
})
