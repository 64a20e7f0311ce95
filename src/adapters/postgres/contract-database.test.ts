import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { changed, contractOf, documentArbitrary, fieldsArbitrary } from '../../../test/contract/arbitraries.ts'
import { ruleArbitrary } from '../../../test/contract/rule-arbitraries.ts'
import { connectPostgres, type PostgresClient } from '../../../test/ports/postgres-client.ts'
import { type PostgresServer, postgresSkip, startPostgres } from '../../../test/ports/postgres-server.ts'
import {
  type Contract,
  compilePostgresTable,
  type Field,
  migrationFile,
  type PostgresTable,
  splitMigration,
} from '../../contract/index.ts'
import { CovenantError, type Json, type JsonObject, quoteName, sha256 } from '../../kernel/index.ts'
import type { ContractDatabase, DatabaseMigration } from '../../registry/ports.ts'
import { openContractDatabase } from './contract-database.ts'

/** Without PostgreSQL on the machine a developer's run leaves this out; continuous integration installs it. */
const skip = postgresSkip

describe('a database of contracts', { skip }, () => {
  let server: PostgresServer
  let client: PostgresClient
  let database: ContractDatabase
  before(async () => {
    server = await startPostgres()
    client = await connectPostgres(server.url)
    database = await openContractDatabase({ url: server.url, schema: 'public' })
  })
  after(async () => {
    await database?.close()
    await client?.end()
    server?.stop()
  })

  test('a table that was migrated is the table that the newer version makes, and reverting gives the older one', async () => {
    await fc.assert(
      fc.asyncProperty(versionPairs, fc.boolean(), async ([older, newer, documents], dropColumns) => {
        await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
        const [from, to] = [older, newer].map((contract) => compilePostgresTable(contract, { schema: 'public' }))
        await database.migrate([script(null, from!, '1.0.0')], [from!], 'first')
        assert.deepEqual(await database.drift([from!]), [])
        for (const document of documents) await insert(older.fields, document)
        const rows = await countRows()
        if (await migrated(script(from!, to!, '2.0.0', dropColumns), to!)) {
          const left = dropColumns ? [] : from!.columns.filter(({ name }) => !to!.columns.some((c) => c.name === name))
          const drift = await database.drift([to!])
          assert.deepEqual(
            drift.map(({ part, isFault }) => [part, isFault]),
            left.map(({ name }) => [name, false]).sort(),
          )
          assert.equal(await countRows(), rows)
          await client.query('DELETE FROM c')
          await database.revert('second')
        }
        assert.deepEqual(await database.drift([from!]), [])
        assert.deepEqual(
          (await database.applied()).map(({ version }) => version),
          ['1.0.0'],
        )
        await client.query('DELETE FROM c')
        await database.revert('first')
        const { rows: found } = await client.query(
          "SELECT to_regclass('c') AS c, (SELECT count(*)::int FROM pg_proc WHERE pronamespace = 'public'::regnamespace) AS functions",
        )
        assert.deepEqual(found, [{ c: null, functions: 0 }])
      }),
      { numRuns: 120 },
    )
  })

  test('two processes that push the same versions at once run each once', async () => {
    await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
    const table = compilePostgresTable(contractOf([]), { schema: 'public' })
    const others = await Promise.all(
      Array.from({ length: 4 }, () => openContractDatabase({ url: server.url, schema: 'public' })),
    )
    const done = await Promise.all(
      others.map((each, i) => each.migrate([script(null, table, '1.0.0')], [table], `${i}`)),
    )
    assert.equal(done.flat().length, 1)
    await Promise.all(others.map((each) => each.close()))
  })

  test('a database that does not answer is told with its address, without a password', async () => {
    await assert.rejects(
      openContractDatabase({ url: 'postgresql://ada:secret@127.0.0.1:1/shop', schema: 'public' }),
      (thrown) =>
        thrown instanceof CovenantError &&
        thrown.code === 'PUSH_DATABASE_UNREACHABLE' &&
        thrown.where === 'postgresql://127.0.0.1:1/shop public' &&
        !thrown.toLine().includes('secret'),
    )
  })

  /** False where rows that are there break the newer version, which then changed nothing. */
  async function migrated(migration: DatabaseMigration, table: PostgresTable): Promise<boolean> {
    try {
      await database.migrate([migration], [table], 'second')
      return true
    } catch (thrown) {
      assert.ok(thrown instanceof CovenantError && thrown.code === 'PUSH_DATABASE_REFUSED', String(thrown))
      const { code } = thrown.cause as { code: string }
      assert.ok(ROWS_BREAK.includes(code) || code.startsWith('22'), `${code} ${thrown.message}`)
      assert.ok((await countRows()) > 0, thrown.message)
      return false
    }
  }

  /** Documents that the table does not take are left out: which it takes is tried elsewhere. */
  async function insert(fields: readonly Field[], document: Json): Promise<void> {
    const members = document as JsonObject
    const values = fields.map(({ name, type }) => {
      const value = members[name] ?? null
      return value !== null && ['object', 'array', 'map'].includes(type) ? JSON.stringify(value) : value
    })
    const names = fields.map(({ name }) => quoteName(name)).join(', ')
    const places = fields.map((_, index) => `$${index + 1}`).join(', ')
    await client.query(`INSERT INTO c (${names}) VALUES (${places})`, values).catch(() => {})
  }

  async function countRows(): Promise<number> {
    const { rows } = await client.query('SELECT count(*)::int AS count FROM c')
    return rows[0].count
  }
})

/** Check, not null, unique. */
const ROWS_BREAK = ['23514', '23502', '23505']

function script(
  from: PostgresTable | null,
  to: PostgresTable,
  version: string,
  dropColumns = false,
): DatabaseMigration {
  const previous = from === null ? null : { version: '1.0.0', table: from }
  const { text } = migrationFile({ contractId: 'c', version, previous, table: to, dropColumns })
  return { contractId: 'c', version, hash: sha256(text), ...splitMigration(text)! }
}

const keys = fc.record({ unique: fc.boolean(), isKey: fc.boolean() })

/** Some fields of a contract as unique, and some as its primary key. */
function withKeys(fields: readonly Field[]): fc.Arbitrary<readonly Field[]> {
  return fc.array(keys, { minLength: fields.length, maxLength: fields.length }).map((chosen) => {
    let position = 1
    return fields.map((field, index): Field => {
      const { unique, isKey } = chosen[index]!
      const description = unique ? `Of ${field.name}:\n-- migrate:down\n%'$covenant$` : null
      return { ...field, unique, description, primaryKeyPosition: isKey ? position++ : null }
    })
  })
}

const versionPairs = fieldsArbitrary
  .chain((fields) => fc.tuple(withKeys(fields), changed(fields).chain(changed).chain(withKeys)))
  .chain(([older, newer]) =>
    fc.tuple(contractArbitrary(older), contractArbitrary(newer), fc.array(documentArbitrary(older), { maxLength: 4 })),
  )

function contractArbitrary(fields: readonly Field[]): fc.Arbitrary<Contract> {
  const rules = fields.length === 0 ? fc.constant([]) : fc.array(ruleArbitrary(fields), { maxLength: 2 })
  return rules.map((texts) =>
    contractOf(fields, {
      rules: texts.map((expression, index) => {
        return { id: `rule ${index}`, description: null, stage: 'enforce', field: null, expression }
      }),
    }),
  )
}
