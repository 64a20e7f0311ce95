import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SHOP } from '../../test/contract/shop.ts'
import { CovenantError } from '../kernel/index.ts'
import { readContract } from './read/index.ts'
import { isReference, resolveServer, resolveServers } from './variables.ts'

const contract = readContract(SHOP, 'shop.odcs.yaml', 'shop/ord')

test('a server is used with the values of its variables, or their defaults', () => {
  const [server] = resolveServers(contract, { DB_HOST: 'db.example.com', DB_SCHEMA: '' })
  assert.equal(server?.name, 'production')
  assert.deepEqual(server.entry, {
    server: 'production',
    type: 'postgres',
    host: 'db.example.com',
    port: '5432',
    database: 'shop',
    schema: 'public',
  })
  assert.equal(resolveServer(contract, 'production', { DB_HOST: 'x', DB_PORT: '1' })?.entry.port, '1')
  assert.equal(resolveServer(contract, 'test', {}), undefined)
})

test('the contract keeps the references, and its hash does not depend on the environment', () => {
  resolveServers(contract, { DB_HOST: 'secret' })
  assert.equal(contract.servers[0]?.entry.host, '${DB_HOST}')
  assert.ok(!JSON.stringify(contract).includes('secret'))
})

test('a variable without value is named with line and column', () => {
  for (const variables of [{}, { DB_HOST: '' }, Object.create({ DB_HOST: 'inherited' })])
    assert.throws(
      () => resolveServers(contract, variables),
      (thrown: unknown) => {
        assert.ok(thrown instanceof CovenantError)
        assert.equal(thrown.code, 'CONTRACT_VARIABLE_UNDEFINED')
        assert.equal(
          thrown.message,
          'The variable DB_HOST is not set:\n  12:5 servers[0].host needs the variable DB_HOST',
        )
        return true
      },
    )
})

test('what is a reference', () => {
  for (const text of ['${A}', '${_a1}', '${A:-}', '${A:-b c:$d}']) assert.ok(isReference(text), text)
  for (const text of ['$A', '${}', '${1}', '${A:b}', '${A-b}', '${A', 'x${A}']) assert.ok(!isReference(text), text)
})
