import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ORDERS } from '../../test/contract/orders.ts'
import { SHOP } from '../../test/contract/shop.ts'
import { type RegistryTables, registryMigrations, SqlRegistryStore } from '../adapters/sql/registry-store.ts'
import { type Contract, parseContracts, readContract } from '../contract/index.ts'
import {
  CovenantError,
  EventBus,
  migrateToLatest,
  openKysely,
  type StageEvents,
  VirtualClock,
} from '../kernel/index.ts'
import { type ContractVersion, Registry, type RegistryOptions, type RegistryStore } from './index.ts'

async function openStore(): Promise<RegistryStore> {
  const database = openKysely<RegistryTables>(':memory:')
  await migrateToLatest(database, 'registry_migrations', registryMigrations)
  return new SqlRegistryStore(database)
}

type Registered = StageEvents['registry.version-registered']

async function open(store?: RegistryStore) {
  const clock = new VirtualClock(1_000)
  const events = new EventBus()
  const told: Registered[] = []
  events.on('registry.version-registered', (event) => void told.push(event))
  return { registry: new Registry({ store: store ?? (await openStore()), clock, events }), clock, told }
}

/** The orders contract in some version, with replacements. */
function orders(version: string, ...edits: readonly (readonly [string, string])[]): Contract {
  const text = edits.reduce(
    (before, [from, to]) => before.replaceAll(from, to),
    ORDERS.replace('version: 1.4.0', `version: ${version}`),
  )
  return readContract(text, 'orders.odcs.yaml')
}

const NOTE: readonly [string, string] = [
  '      - name: labels',
  '      - name: note\n        logicalType: string\n      - name: labels',
]
const WORDS: readonly [string, string] = ['pressed the button', 'confirmed']
const WIDER: readonly [string, string] = ['maxLength: 10', 'maxLength: 12']

test('the first version is registered, looked up by topic, and told', async () => {
  const { registry, told } = await open()
  const contract = orders('1.0.0')
  assert.equal(await registry.latest('orders.placed'), undefined)
  const [change] = await registry.apply([contract])
  assert.deepEqual(change, {
    contractId: 'orders-placed',
    topic: 'orders.placed',
    version: '1.0.0',
    previousVersion: null,
    outcome: 'registered',
    reasons: [],
    message: 'Version 1.0.0 is the first one.',
  })
  const latest = await registry.latest('orders.placed')
  assert.deepEqual(latest?.contract, contract)
  assert.equal(latest?.plan.contractVersion, '1.0.0')
  assert.equal(latest?.registeredAt, 1_000)
  assert.deepEqual(told, [{ contractId: 'orders-placed', version: '1.0.0', topic: 'orders.placed', at: 1_000 }])
})

test('applying again changes nothing, also an older version, and tells the same events again', async () => {
  const { registry, clock, told } = await open()
  await registry.apply([orders('1.0.0')])
  await registry.apply([orders('1.1.0', NOTE)])
  clock.advanceTo(5_000)
  const changes = await registry.apply([orders('1.1.0', NOTE), orders('1.0.0')])
  assert.deepEqual(
    changes.map(({ version, outcome }) => `${version} ${outcome}`),
    ['1.0.0 unchanged', '1.1.0 unchanged'],
  )
  assert.deepEqual(told.slice(2), told.slice(0, 2))
  assert.equal((await registry.versions('orders-placed')).length, 2)
})

test('plan tells what apply would do, and does not do it', async () => {
  const { registry, told } = await open()
  assert.equal((await registry.plan([orders('1.0.0')]))[0]?.outcome, 'registered')
  assert.equal(await registry.latest('orders.placed'), undefined)
  assert.deepEqual(told, [])
})

test('both versions of a compatible change stay available', async () => {
  const { registry } = await open()
  await registry.apply([orders('1.0.0'), orders('1.1.0', NOTE)])
  assert.equal((await registry.latest('orders.placed'))?.contract.version, '1.1.0')
  const first = await registry.version('orders.placed', '1.0.0')
  assert.equal(
    first?.contract.fields.some(({ name }) => name === 'note'),
    false,
  )
  assert.equal(await registry.version('orders.placed', '9.0.0'), undefined)
  assert.deepEqual(
    (await registry.all()).map(({ contract }) => `${contract.topic} ${contract.version}`),
    ['orders.placed 1.1.0'],
  )
  assert.equal(await registry.latest('orders.placed'), await registry.latest('orders.placed'), 'parsed once')
})

const REFUSALS: readonly (readonly [name: string, contract: Contract, message: RegExp])[] = [
  [
    'the same version with other content',
    orders('1.0.0', WORDS),
    /versions never change\. Give the new content a higher version\.$/,
  ],
  ['a lower version', orders('0.9.0'), /^Version 0\.9\.0 is lower than the registered 1\.0\.0\./],
  ['a draft', orders('1.1.0', ['status: active', 'status: draft']), /^Its status is draft: .* Set "status: active"/],
  ['new rules under a patch', orders('1.0.1', NOTE), /Make it version 1\.1\.0\.$/],
  [
    'a new quality rule under a patch',
    orders('1.0.1', ['mustBeGreaterThan: 0', 'mustBeGreaterThan: 9']),
    /Make it version 1\.1\.0\.$/,
  ],
  [
    'an incompatible change under a minor',
    orders('1.1.0', WIDER),
    /^It does not fit version 1\.0\.0\. The maxLength of "address\.zip" changed from 10 to 12: .* Undo the change, or make it version 2\.0\.0\.$/,
  ],
  [
    'another contract for the same topic',
    { ...orders('1.0.0'), id: 'other' },
    /^The topic orders\.placed belongs to the contract orders-placed\./,
  ],
]

for (const [name, contract, message] of REFUSALS)
  test(`${name} is refused, and nothing changes`, async () => {
    const { registry } = await open()
    await registry.apply([orders('1.0.0')])
    const [change] = await registry.apply([contract])
    assert.equal(change?.outcome, 'refused')
    assert.match(change.message, message)
    assert.deepEqual(
      (await registry.all()).map((each) => each.contract.version),
      ['1.0.0'],
    )
  })

test('a refusal carries every reason and a document that shows it', async () => {
  const { registry } = await open()
  await registry.apply([orders('1.0.0')])
  const [change] = await registry.apply([orders('1.1.0', WIDER, ['value: 3\n', 'value: 6\n'])])
  assert.deepEqual(
    change?.reasons.map(({ path, rule }) => `${path} ${rule}`),
    ['address.zip maxLength', 'slaProperties.latency(placedAt) sla-latency'],
  )
  const witness = change.reasons[0]?.witness as { readonly address: { readonly zip: string } }
  assert.equal(witness.address.zip.length, 11)
  assert.match(change.message, /\(and 1 more\)/)
})

test('words may change under a patch, and anything under a major', async () => {
  const { registry } = await open()
  await registry.apply([orders('1.0.0')])
  const changes = await registry.apply([orders('1.0.1', WORDS), orders('2.0.0', WIDER)])
  assert.deepEqual(
    changes.map(({ outcome, previousVersion }) => `${outcome} after ${previousVersion}`),
    ['registered after 1.0.0', 'registered after 1.0.1'],
  )
})

test('a version has to fit all earlier ones of its major, whose records the topic still holds', async () => {
  const { registry } = await open()
  await registry.apply([orders('1.0.0', NOTE), orders('1.1.0')])
  const otherNote: readonly [string, string] = [NOTE[0], NOTE[1].replace('string', 'integer')]
  const [change] = await registry.apply([orders('1.2.0', otherNote)])
  assert.match(change?.message ?? '', /^It does not fit version 1\.0\.0\. The type of "note" changed/)
})

test('what a stage behind the registry could not take is refused, also within one call, and says what its topic holds', async () => {
  const asked: string[] = []
  const misfit: RegistryOptions['misfit'] = ({ version }, { versions, topics }) => {
    asked.push(`${version} beside ${versions.map((each) => each.version).join()} of ${[...new Set(topics)].join()}`)
    return version === '1.2.0' ? 'No room for it.' : null
  }
  const store = await openStore()
  const registry = new Registry({ store, clock: new VirtualClock(0), events: new EventBus(), misfit })
  const changes = await registry.apply([orders('1.0.0'), orders('1.1.0', NOTE)])
  assert.deepEqual(
    changes.map(({ outcome }) => outcome),
    ['registered', 'registered'],
  )
  const [refused] = await registry.apply([orders('1.2.0', NOTE, WIDER)])
  assert.deepEqual([refused?.outcome, refused?.message], ['refused', 'No room for it.'])
  assert.equal(refused?.reasons[0]?.path, 'address.zip')
  assert.deepEqual(asked, [
    '1.0.0 beside  of ',
    '1.1.0 beside 1.0.0 of orders.placed',
    '1.2.0 beside 1.0.0,1.1.0 of orders.placed',
  ])
})

test('all or none: with one refused, none is registered', async () => {
  const { registry } = await open()
  const other = readContract(
    ORDERS.replaceAll('orders.placed', 'orders.paid').replace('id: orders-placed', 'id: paid'),
    'paid',
  )
  const changes = await registry.apply([orders('1.0.0', ['status: active', 'status: draft']), other])
  assert.deepEqual(
    changes.map(({ contractId, outcome }) => `${contractId} ${outcome}`),
    ['orders-placed refused', 'paid refused'],
  )
  assert.match(changes[1]!.message, /another contract of the same call/)
  assert.deepEqual(await registry.all(), [])
})

test('what another process registers is seen', async () => {
  const store = await openStore()
  const [mine, theirs] = [await open(store), await open(store)]
  assert.equal(await mine.registry.latest('orders.placed'), undefined)
  await theirs.registry.apply([orders('1.0.0')])
  assert.equal((await mine.registry.latest('orders.placed'))?.contract.version, '1.0.0')
})

test('a version that the lint would refuse today stays registered', async () => {
  const store = await openStore()
  const avro = 'customProperties: [{property: covenant.schemaRegistry, value: {format: avro}}]'
  const source = `apiVersion: v3.2.0
kind: DataContract
id: old
version: 1.0.0
status: active
${avro}
schema: [{name: old, properties: [{name: zip-code, logicalType: string}]}]
`
  assert.deepEqual(
    parseContracts(source, 'old').problems.map(({ code }) => code),
    ['CONTRACT_AVRO_UNSUPPORTED'],
  )
  const row = { contractId: 'old', version: '1.0.0', topic: 'old', source, hash: 'x', registeredAt: 0 }
  await store.add([{ ...row, activeFrom: [0] }])
  const { registry } = await open(store)
  assert.deepEqual((await registry.latest('old'))?.contract.schemaRegistry?.format, 'avro')
})

test('concurrent calls of one process are decided one after the other', async () => {
  const { registry } = await open()
  const [first, second] = await Promise.all([
    registry.apply([orders('1.0.0')]),
    registry.apply([orders('1.0.0', WORDS)]),
  ])
  assert.deepEqual([first[0]?.outcome, second[0]?.outcome], ['registered', 'refused'])
})

test('losing a race with another process is an error that says so', async () => {
  const store = await openStore()
  const rival: ContractVersion = {
    contractId: 'orders-placed',
    version: '1.0.0',
    topic: 'orders.placed',
    source: '',
    hash: 'x',
    registeredAt: 1,
    activeFrom: [],
  }
  const racing: RegistryStore = {
    add: async (versions) => {
      await store.add([rival])
      await store.add(versions)
    },
    get: (...where) => store.get(...where),
    versions: (id) => store.versions(id),
    latest: () => store.latest(),
    count: () => store.count(),
  }
  const { registry } = await open(racing)
  await assert.rejects(registry.apply([orders('1.0.0')]), (thrown: unknown) => {
    assert.ok(thrown instanceof CovenantError)
    assert.deepEqual([thrown.code, thrown.retryable], ['REGISTRY_CONFLICT', true])
    return true
  })
})

test('a version keeps the end offsets of the moment of its registration', async () => {
  let end = 0
  const options = { store: await openStore(), clock: new VirtualClock(1_000), events: new EventBus() }
  const registry = new Registry({ ...options, endOffsets: async (topic) => [end, topic.length] })
  await registry.apply([orders('1.0.0')])
  end = 17
  await registry.apply([orders('1.1.0', WORDS)])
  end = 99
  await registry.apply([orders('1.0.0'), orders('1.1.0', WORDS)])
  const again = new Registry(options)
  assert.deepEqual(
    (await again.versionsOf('orders.placed')).map(({ contract, activeFrom }) => [contract.version, activeFrom]),
    [
      ['1.0.0', [0, 13]],
      ['1.1.0', [17, 13]],
    ],
  )
  assert.deepEqual(await again.versionsOf('nobody'), [])
})

test('the contracts of one document are registered and read again each by itself', async () => {
  const store = await openStore()
  const { registry } = await open(store)
  const { contracts } = parseContracts(SHOP, 'shop.odcs.yaml')
  const changes = await registry.apply(contracts)
  assert.deepEqual(
    changes.map(({ contractId, topic, outcome }) => [contractId, topic, outcome]),
    [
      ['shop/customers', 'shop.customers', 'registered'],
      ['shop/ord', 'orders', 'registered'],
    ],
  )
  const again = await open(store)
  assert.deepEqual((await again.registry.latest('orders'))?.contract, contracts[1])
  assert.deepEqual((await again.registry.latest('shop.customers'))?.contract, contracts[0])
  const repeated = await again.registry.apply(parseContracts(SHOP, 'shop.odcs.yaml').contracts)
  assert.deepEqual(
    repeated.map(({ outcome }) => outcome),
    ['unchanged', 'unchanged'],
  )
})
