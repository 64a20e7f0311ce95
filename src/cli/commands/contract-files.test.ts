import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ORDERS } from '../../../test/contract/orders.ts'
import { SHOP } from '../../../test/contract/shop.ts'

const folder = mkdtempSync(join(tmpdir(), 'covenant-contract-files-'))
after(() => rmSync(folder, { recursive: true }))
const main = fileURLToPath(new URL('../main.ts', import.meta.url))

function covenant(...args: readonly string[]) {
  const run = spawnSync(process.execPath, ['--conditions=covenant-source', main, 'contract', ...args], {
    cwd: folder,
    encoding: 'utf8',
  })
  return { status: run.status, stdout: run.stdout, stderr: run.stderr }
}

mkdirSync(join(folder, 'contracts'))
writeFileSync(join(folder, 'covenant.config.ts'), "export const project = { kind: 'project', name: 'x' }\n")
const file = join(folder, 'contracts', 'orders.odcs.yaml')

suite('covenant contract format', () => {
  test('prints, tells what would change, and writes; a second time nothing changes', () => {
    writeFileSync(file, ORDERS)
    const printed = covenant('format', file)
    assert.equal(printed.status, 0, printed.stderr)
    const checked = covenant('format', '--check')
    assert.equal(checked.status, 1)
    assert.match(checked.stdout, /^would change {2}contracts\/orders\.odcs\.yaml$/m)
    assert.equal(readFileSync(file, 'utf8'), ORDERS)
    assert.equal(covenant('format', '--write').status, 0)
    assert.equal(readFileSync(file, 'utf8'), printed.stdout)
    assert.equal(covenant('format', '--check').status, 0)
  })

  test('writes none where one is not ODCS', () => {
    writeFileSync(file, ORDERS)
    writeFileSync(join(folder, 'contracts', 'broken.odcs.yaml'), 'kind: DataContract\n')
    const run = covenant('format', '--write', '--json')
    assert.equal(run.status, 1)
    assert.equal(readFileSync(file, 'utf8'), ORDERS)
    const { files } = JSON.parse(run.stdout) as { files: { file: string; problems: unknown[] }[] }
    assert.ok(files.find((each) => each.file.endsWith('broken.odcs.yaml'))!.problems.length > 0)
    rmSync(join(folder, 'contracts', 'broken.odcs.yaml'))
  })
})

test('covenant contract lint of one file knows the others of the project', () => {
  writeFileSync(join(folder, 'contracts', 'shop.odcs.yaml'), SHOP)
  const elsewhere = join(folder, 'visits.odcs.yaml')
  const visits = (to: string) =>
    `apiVersion: v3.2.0\nkind: DataContract\nid: v\nversion: 1.0.0\nstatus: draft\nschema:\n  - name: v\n    properties:\n      - name: c\n        logicalType: integer\n        relationships: [{ to: ${to} }]\n`
  writeFileSync(elsewhere, visits('customers.id'))
  assert.equal(covenant('lint', 'visits.odcs.yaml').status, 0)
  writeFileSync(elsewhere, visits('customers.ident'))
  const run = covenant('lint', 'visits.odcs.yaml')
  assert.equal(run.status, 1)
  assert.match(run.stdout, /visits\.odcs\.yaml:11:27 {2}error {2}"customers" has no field "ident"\./)
})

test('covenant contract schema names and prints the schemas of custom properties', () => {
  assert.match(covenant('schema').stdout, /^covenant\.stream +https:/m)
  assert.equal(JSON.parse(covenant('schema', 'covenant.dlq').stdout).title, 'covenant.dlq')
  const { status, stderr } = covenant('schema', 'covenant.dql')
  assert.equal(status, 2)
  assert.match(stderr, /covenant\.dlq/)
})

test('options that say nothing here are refused, not passed over', () => {
  writeFileSync(join(folder, 'order.json'), '{"type":"object","properties":{"id":{"type":"string"}}}')
  writeFileSync(join(folder, 'shop.sql'), 'CREATE TABLE shop.a (x int); CREATE TABLE shop.b (y int);')
  writeFileSync(join(folder, 'rows.ndjson'), '{"c":1}\n{"c":"x"}\n')
  writeFileSync(
    join(folder, 'c.odcs.yaml'),
    'apiVersion: v3.2.0\nkind: DataContract\nid: c\nversion: 1.0.0\nstatus: draft\nschema:\n  - name: c\n    properties:\n      - name: c\n        logicalType: integer\n',
  )
  const only = covenant('import', 'order.json', '--only', 'Order')
  assert.equal(only.status, 2)
  const since = covenant('check', '--since', '30d')
  assert.equal(since.status, 2)
  assert.match(since.stderr, /--time-machine/)
  const table = covenant('import', 'shop.sql', '--only', 'b', '--topic', 'shop.bees')
  assert.equal(table.status, 0, table.stderr)
  assert.match(table.stdout, /^id: shop\.bees$/m)
  assert.match(covenant('import', 'shop.sql', '--only', 'z').stderr, /no table z; it has shop\.a, shop\.b/)
  const object = covenant('test', 'c.odcs.yaml', '--data', 'rows.ndjson', '--schema', 'x')
  assert.equal(object.status, 1)
  assert.match(object.stderr, /no schema object x/)
  const rows = covenant(
    'test',
    'c.odcs.yaml',
    '--data',
    'rows.ndjson',
    '--schema',
    'c',
    '--failed-rows',
    'out/rows.csv',
  )
  assert.equal(rows.status, 1)
  assert.match(readFileSync(join(folder, 'out', 'rows.csv'), 'utf8'), /c\.type/)
})
