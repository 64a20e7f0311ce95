import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { contractOf, fieldOf, ruleOf } from '../../../test/ports/contract-fixture.ts'
import { type PostgresServer, postgresSkip, startPostgres } from '../../../test/ports/postgres-server.ts'
import { openDataEngine } from '../../adapters/embedded/duckdb-data.ts'
import { EmbeddedTopicLog } from '../../adapters/embedded/topic-log.ts'
import type { Contract } from '../../contract/index.ts'
import { CovenantError, quoteText } from '../../kernel/index.ts'
import { junitXml, odcsResults, type TestReport } from '../../sla/index.ts'
import { recordKey } from '../../topic/index.ts'
import { dataSource } from './files.ts'
import { testContract } from './index.ts'
import { serverSource } from './servers.ts'
import type { TestSource } from './source.ts'
import { topicSource } from './topics.ts'

const fields = [
  fieldOf('id', 'integer', { required: true, primaryKeyPosition: 1 }),
  fieldOf('name', 'string', { required: true, rules: { minLength: 2, pattern: '^\\p{Lu}' } }),
  fieldOf('price', 'number', { rules: { minimum: 0, multipleOf: 0.01 } }),
  fieldOf('at', 'timestamp', { rules: { earliest: '2013-01-01T00:00:00Z' } }),
  fieldOf('open', 'boolean'),
]
const contract = contractOf('shops', fields, {
  quality: [
    ruleOf(
      'priced',
      { type: 'library', metric: 'nullValues', arguments: { properties: ['price'] }, unit: 'rows' },
      { op: 'le', value: 0 },
    ),
    ruleOf('cheap', { type: 'sql', query: 'SELECT count(*) FROM {object} WHERE price > 100' }, { op: 'eq', value: 0 }),
    ruleOf('wrong', { type: 'sql', query: 'SELECT sum(nothing) FROM {object}' }, { op: 'eq', value: 0 }),
  ],
  rules: [
    {
      id: 'open-is-priced',
      description: null,
      stage: 'enforce',
      field: null,
      expression: '!this.open || this.price > 0.0',
    },
  ],
})
const rows = [
  { id: 1, name: 'Ämil', price: 1.25, at: '2013-01-01T00:00:00Z', open: true },
  { id: 2, name: 'x', price: 0.005, at: '2012-12-31T23:59:59.5Z', open: false },
  { id: 2, name: 'Twin', price: 250, at: '2014-06-01T00:00:00Z', open: null },
  { id: 4, name: null, price: null, at: null, open: true },
  { id: 5, name: 'Öl', price: 0, at: null, open: true },
]
/** Rows that each check counts, the same wherever the data lies. */
const EXPECTED = {
  'name.required': 1,
  'name.minLength': 1,
  'name.pattern': 1,
  'price.multipleOf': 1,
  'at.earliest': 1,
  'open-is-priced': 1,
  priced: 1,
  cheap: 1,
  'unique(id)': 1,
}

describe('a contract test', () => {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-test-'))
  const file = (name: string, content: string | Buffer) => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  }
  const ndjson = rows.map((row) => JSON.stringify(row)).join('\n')
  const csv = ['id,name,price,at,open', ...rows.map((row) => Object.values(row).join(','))].join('\n')
  const parquet = join(folder, 'shops.parquet')
  const database = join(folder, 'shops.duckdb')

  before(async () => {
    file('shops.ndjson', ndjson)
    const { engine, close } = await openDataEngine({
      extensionDirs: [],
      statements: [`ATTACH ${quoteText(database)} AS shops`],
    })
    const columns = "{id: 'BIGINT', name: 'VARCHAR', price: 'DOUBLE', \"at\": 'TIMESTAMP', open: 'BOOLEAN'}"
    await engine.execute(
      `CREATE TABLE shops.shops AS FROM read_ndjson(${quoteText(join(folder, 'shops.ndjson'))}, columns = ${columns})`,
    )
    await engine.execute(`COPY shops.shops TO ${quoteText(parquet)} (FORMAT parquet)`)
    await close()
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const test = (data: string, show = 2) => testContract(contract, dataSource(data, undefined, 'shops'), { show })

  it('finds the same in CSV, JSON, Parquet and DuckDB, with the keys of the rows', async () => {
    const sources = [
      file('shops.csv', csv),
      file('semicolons.csv', csv.replaceAll(',', ';')),
      join(folder, 'shops.ndjson'),
      file('shops.ndjson.gz', gzipSync(ndjson)),
      file('shops.json', JSON.stringify(rows, null, 2)),
      parquet,
      database,
    ]
    for (const source of sources) assertFound(await test(source), source)
  })

  it('finds the same in a topic', async () => {
    const state = join(folder, 'state')
    mkdirSync(state)
    const log = new EmbeddedTopicLog(join(state, 'topics.db'), 'process')
    await log.createTopics(['shops.raw'])
    const records = rows.map((row) => ({
      key: recordKey(row, ['id']),
      value: Buffer.from(JSON.stringify(row)),
      headers: {},
      timestamp: 0,
    }))
    await log.append('shops.raw', records)
    await log.close()
    assertFound(await testContract(contract, topicSource(state, 'shops', 'raw'), { show: 2 }), 'the topic')
    await refused(topicSource(state, 'shops', 'validated'), /has no topic shops.validated/)
  })

  it('reads many files by a pattern as one', async () => {
    const half = rows.map((row) => JSON.stringify(row))
    file('part-1.jsonl', half.slice(0, 2).join('\n'))
    file('part-2.jsonl', `${half.slice(2).join('\n')}\n\n`)
    assertFound(await test(join(folder, 'part-*.jsonl')), 'two files')
  })

  it('takes the servers of the contract', async () => {
    const entry = { server: 'here', type: 'local', path: parquet, format: 'parquet' }
    const served = contractWith(contract, [
      entry,
      { server: 'db', type: 'duckdb', database },
      { server: 'far', type: 'oracle' },
    ])
    assertFound(
      await testContract(served, serverSource(served, 'here', 'shops', folder), { show: 2 }),
      'a local server',
    )
    assertFound(
      await testContract(served, serverSource(served, 'db', 'main.shops', folder), { show: 2 }),
      'a DuckDB server',
    )
    assert.throws(() => serverSource(served, 'her', 'shops', folder), /no server her/)
    assert.throws(() => serverSource(served, 'far', 'shops', folder), /type oracle/)
  })

  it('writes every failing row with its rules', async () => {
    for (const [source, name] of [
      [parquet, 'a.csv'],
      [join(folder, 'shops.ndjson'), 'b.csv'],
    ] as const) {
      const failedRows = join(folder, name)
      await testContract(contract, dataSource(source, undefined, 'shops'), { show: 0, failedRows })
      const written = readFileSync(failedRows, 'utf8').trim().split('\n')
      assert.equal(written.length, 4)
      assert.match(written[1]!, /name.minLength; name.pattern; price.multipleOf; at.earliest/)
      assert.match(written[2]!, /name.required/)
      assert.match(written[3]!, /open-is-priced/)
    }
  })

  it('is told as JUnit and as results', async () => {
    const report = await test(parquet)
    const xml = await junitXml(report)
    assert.match(xml, /<testsuites tests="\d+" failures="9" errors="1"/)
    assert.match(xml, /1\/5 rows, expected at least 2 characters/)
    const results = odcsResults(report, '2013-01-01T00:00:00Z')
    assert.equal(results.results.find(({ id }) => id === 'unique(id)')?.status, 'fail')
    assert.equal(results.failedRowCount, 3)
  })

  describe('of hostile data gives one clear error or verdict:', () => {
    const failing = async (data: string, id: string) => {
      const report = await test(data)
      assert.equal(report.status, 'fail')
      const check = report.checks.find((found) => found.id === id)
      assert.equal(check?.status, 'fail', JSON.stringify(report.checks))
      return check!
    }

    it('nothing there', async () => {
      assert.throws(() => dataSource(join(folder, 'no.csv'), undefined, 'shops'), /no such file/)
      assert.throws(() => dataSource(join(folder, '*.nope.csv'), undefined, 'shops'), /No file matches/)
      assert.throws(() => dataSource(folder, 'csv', 'shops'), /no file/)
      assert.throws(() => dataSource(file('empty.csv', ''), undefined, 'shops'), /empty/)
      assert.throws(() => dataSource(file('shops.xyz', 'x'), undefined, 'shops'), /format/)
      await refused(dataSource(database, undefined, 'shopz'), /shopz/)
    })

    it('a truncated Parquet file', async () => {
      const path = file('cut.parquet', readFileSync(parquet))
      truncateSync(path, 500)
      await refused(dataSource(path, undefined, 'shops'), /cannot be read/)
      await refused(dataSource(file('text.parquet', 'no parquet at all'), undefined, 'shops'), /cannot be read/)
    })

    it('CSV of another encoding, with lines that are no rows, or none', async () => {
      const latin = Buffer.concat([
        Buffer.from(`${csv.split('\n').slice(0, 2).join('\n')}\n7,`),
        Buffer.from([0xc4, 0x6d]),
        Buffer.from(',1,,\n'),
      ])
      assert.equal((await failing(file('latin.csv', latin), 'parse')).failed, 1)
      assert.equal((await failing(file('ragged.csv', `${csv}\n9,Too,1,,true,many,fields\n`), 'parse')).failed, 1)
      const none = await test(file('head.csv', 'id,name,price,at,open\n'))
      assert.equal(none.rows, 0)
    })

    it('columns that are missing, too many, or of a type that cannot hold the field', async () => {
      assert.match((await failing(file('few.csv', 'id,price\n1,2\n'), 'name.required')).reason ?? '', /no column name/)
      const more = await test(file('more.csv', 'id,name,price,at,open,extra\n1,Abc,1,,true,x\n'))
      assert.deepEqual(
        more.checks.filter(({ status }) => status !== 'pass').map(({ id }) => id),
        ['wrong'],
      )
      const path = join(folder, 'typed.parquet')
      const { engine, close } = await openDataEngine({ extensionDirs: [] })
      await engine.execute(
        `COPY (SELECT 'x' AS id, 'Ab' AS name, 1.5 AS price, DATE '2013-01-01' AS "at", true AS open) TO ${quoteText(path)} (FORMAT parquet)`,
      )
      await close()
      assert.match((await failing(path, 'id.type')).reason ?? '', /id is VARCHAR, which cannot hold an integer/)
      assert.match((await failing(path, 'at.type')).reason ?? '', /at is DATE/)
    })

    it('JSON that is none, huge lines, arrays that do not end', async () => {
      const lines = `${ndjson}\n{"id": 7\n[]\n${JSON.stringify({ ...rows[0], id: 8, name: `N${'x'.repeat(5_000_000)}` })}\n`
      const path = file('odd.ndjson', Buffer.concat([Buffer.from(lines), Buffer.from([0x22, 0xff, 0x22, 0x0a])]))
      assert.equal((await failing(path, 'parse')).failed, 1)
      assert.equal((await failing(path, 'encoding')).failed, 1)
      assert.equal((await failing(path, 'type')).failed, 1)
      await refused(dataSource(file('cut.json', '[{"id":1},'), undefined, 'shops'), /begins as a JSON array/)
    })
  })
})

describe('a contract test of PostgreSQL', { skip: postgresSkip }, () => {
  let server: PostgresServer
  before(async () => {
    server = await startPostgres()
    server.sql('CREATE SCHEMA trade')
    server.sql('CREATE TABLE trade.shops (id bigint, name text, price numeric(12,3), at timestamptz, open boolean)')
    const literal = (value: unknown) =>
      value === null ? 'NULL' : typeof value === 'string' ? quoteText(value) : String(value)
    for (const row of rows) server.sql(`INSERT INTO trade.shops VALUES (${Object.values(row).map(literal).join(', ')})`)
  })
  after(() => server?.stop())

  it('finds what it finds elsewhere, by address and by server', async () => {
    assertFound(
      await testContract(contract, dataSource(server.url, undefined, 'trade.shops'), { show: 2 }),
      'an address',
    )
    const entry = {
      server: 'db',
      type: 'postgres',
      host: '127.0.0.1',
      port: server.port,
      database: 'postgres',
      schema: 'trade',
    }
    const served = contractWith(contract, [entry])
    process.env.PGUSER = 'covenant'
    assertFound(await testContract(served, serverSource(served, 'db', 'shops', ''), { show: 2 }), 'a server')
  })

  it('tells of a table that is not there, and of a server that is not there', async () => {
    await refused(dataSource(server.url, undefined, 'trade.nothing'), /nothing/)
    await refused(dataSource('postgres://covenant@127.0.0.1:1/postgres', undefined, 'shops'), /cannot be read/)
  })
})

function assertFound(report: TestReport, source: string): void {
  const failed = report.checks.filter(({ status }) => status === 'fail')
  assert.deepEqual(Object.fromEntries(failed.map(({ id, failed: count }) => [id, count])), EXPECTED, source)
  assert.deepEqual([report.rows, report.failingRows], [5, 3], source)
  assert.deepEqual(
    report.checks.filter(({ status }) => status === 'error').map(({ id }) => id),
    ['wrong'],
    source,
  )
  const keys = (id: string) => report.checks.find((check) => check.id === id)?.examples.map(({ key }) => key?.id)
  assert.deepEqual(
    [keys('name.required'), keys('name.minLength'), keys('priced'), keys('cheap'), keys('unique(id)')],
    [[4], [2], [4], [2], [2, 2]],
    source,
  )
}

async function refused(source: TestSource, message: RegExp): Promise<void> {
  await assert.rejects(testContract(contract, source, { show: 1 }), (thrown) => {
    assert.ok(thrown instanceof CovenantError, String(thrown))
    assert.equal(thrown.code, 'TEST_DATA_UNREADABLE')
    assert.match(thrown.message, message)
    return true
  })
}

function contractWith(of: Contract, entries: readonly Record<string, string | number>[]): Contract {
  const servers = entries.map((entry) => ({
    name: String(entry.server),
    type: String(entry.type),
    environment: null,
    entry,
  }))
  return { ...of, servers }
}
