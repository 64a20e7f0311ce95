import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openDataEngine } from '../adapters/embedded/duckdb-data.ts'
import { type Draft, readContract, writeDraft } from '../contract/index.ts'
import { quoteText } from '../kernel/index.ts'
import { dataSource } from './contract-test/files.ts'
import { testContract } from './contract-test/index.ts'
import { importColumns, inferContract } from './infer.ts'

const ROWS = `SELECT 'o-' || i AS order_id, i AS n, i / 4 AS part, (i % 3 = 0) AS yes, DATE '2026-01-01' + i::INTEGER AS day,
  TIMESTAMPTZ '2026-01-01 00:00:00+00' + INTERVAL (i) MINUTE AS placed_at, ['a', 'b'] AS tags, {a: i, b: 'x'} AS inside,
  CASE WHEN i % 2 = 0 THEN 'open' ELSE 'paid' END AS state, CASE WHEN i > 3 THEN 'x' END AS note
  FROM range(200) t(i)`

describe('a draft from columns', () => {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-infer-'))
  const parquet = join(folder, 'orders.parquet')
  const csv = join(folder, 'orders.csv')
  before(async () => {
    const { engine, close } = await openDataEngine({ extensionDirs: [] })
    await engine.execute(`COPY (${ROWS}) TO ${quoteText(parquet)}`)
    await engine.execute(`COPY (SELECT order_id, n, day, state, note FROM (${ROWS})) TO ${quoteText(csv)}`)
    await close()
  })
  after(() => rmSync(folder, { recursive: true }))

  const contractOf = (draft: Draft) => readContract(writeDraft(draft), 'draft.odcs.yaml')
  const options = { name: 'orders', tight: true }

  it('holds for the Parquet file that it was learnt from', async () => {
    const source = dataSource(parquet, undefined, '')
    const contract = contractOf(await inferContract(source, options))
    assert.deepEqual(
      contract.fields.map(({ name, type, required, rules }) => [name, type, required, rules.enum ?? null]),
      [
        ['order_id', 'string', true, null],
        ['n', 'integer', true, null],
        ['part', 'number', true, null],
        ['yes', 'boolean', true, null],
        ['day', 'date', true, null],
        ['placed_at', 'timestamp', true, null],
        ['tags', 'array', true, null],
        ['inside', 'object', true, null],
        ['state', 'string', true, ['open', 'paid']],
        ['note', 'string', false, ['x']],
      ],
    )
    assert.deepEqual(
      contract.fields[7]?.fields?.map(({ name, type }) => [name, type]),
      [
        ['a', 'integer'],
        ['b', 'string'],
      ],
    )
    assert.deepEqual([contract.key, contract.eventTime], [['order_id'], 'placed_at'])
    const report = await testContract(contract, source, { show: 3 })
    assert.equal(report.status, 'pass', JSON.stringify(report.checks.filter(({ status }) => status !== 'pass')))
  })

  it('finds the types of texts in a CSV file, and holds for it', async () => {
    const source = dataSource(csv, undefined, '')
    const contract = contractOf(await inferContract(source, options))
    assert.deepEqual(
      contract.fields.map(({ name, type, rules }) => [name, type, rules.maximum ?? rules.latest ?? null]),
      [
        ['order_id', 'string', null],
        ['n', 'integer', 199],
        ['day', 'date', '2026-07-19'],
        ['state', 'string', null],
        ['note', 'string', null],
      ],
    )
    assert.equal((await testContract(contract, source, { show: 3 })).status, 'pass')
  })

  it('shows texts that stand for what is missing', async () => {
    const file = join(folder, 'weather.csv')
    writeFileSync(file, `temp\n${'1.5\n'.repeat(120)}NA\n`)
    const { notes } = await inferContract(dataSource(file, undefined, ''), options)
    assert.deepEqual(notes, [
      {
        path: 'temp',
        message: '120 of 121 values are numbers, others are texts such as "NA": if that means "missing", write null.',
      },
    ])
  })

  it('counts JSON lines that are no records', async () => {
    const file = join(folder, 'events.ndjson')
    writeFileSync(file, `${'{"a":1}\n'.repeat(100)}{"a":\n[1]\n`)
    const { notes } = await inferContract(dataSource(file, undefined, ''), options)
    assert.deepEqual(notes, [{ path: '', message: '2 records are no JSON objects: they would be dead letters.' }])
  })

  it('counts lines of CSV that are no rows', async () => {
    const file = join(folder, 'ragged.csv')
    writeFileSync(file, `a,b\n${'1,2\n'.repeat(100)}3\n4,5,6,7\n`)
    const { notes } = await inferContract(dataSource(file, undefined, ''), options)
    const message = '2 lines are no rows and were left out: covenant contract test names them.'
    assert.deepEqual(notes[0], { path: '', message })
  })

  it('imports the columns of a Parquet file without looking at rows', async () => {
    const draft = await importColumns(dataSource(parquet, undefined, ''), { name: 'orders' })
    assert.deepEqual(draft.notes, [])
    const contract = contractOf(draft)
    assert.deepEqual(
      contract.fields.map(({ required }) => required),
      Array(10).fill(false),
    )
    assert.deepEqual(contract.key, [])
  })

  it('says what cannot be read, and where', async () => {
    const empty = join(folder, 'empty.ndjson')
    writeFileSync(empty, '\n')
    const broken = join(folder, 'broken.parquet')
    writeFileSync(broken, 'PAR1')
    for (const file of [empty, broken])
      await assert.rejects(inferContract(dataSource(file, undefined, ''), options), { code: 'TEST_DATA_UNREADABLE' })
  })
})
