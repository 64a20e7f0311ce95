import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type PostgresServer, postgresSkip, startPostgres } from '../../../test/ports/postgres-server.ts'
import { orderContract, pushProject } from '../../../test/push-project.ts'

/** Without PostgreSQL on the machine a developer's run leaves this out; continuous integration installs it. */
const skip = postgresSkip
const main = fileURLToPath(new URL('../main.ts', import.meta.url))

test('covenant apply makes nothing in a folder that is no project', () => {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-no-project-'))
  try {
    const run = spawnSync(process.execPath, ['--conditions=covenant-source', main, 'apply'], {
      cwd: folder,
      encoding: 'utf8',
    })
    assert.equal(run.status, 1)
    assert.match(run.stderr, /not a Covenant project/)
    assert.deepEqual(readdirSync(folder), [])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

describe('covenant apply on the command line', { skip }, () => {
  let server: PostgresServer
  let folder: string
  let databases = 0
  before(async () => {
    server = await startPostgres()
  })
  after(() => server?.stop())
  beforeEach(() => {
    server.sql(`CREATE DATABASE shop_${++databases}`)
    folder = pushProject()
  })

  test('a migration is written, planned, pushed; the next version follows', () => {
    try {
      assert.equal(covenant('contract', 'migrate', '--check').status, 1)
      const refused = covenant('apply')
      assert.equal(refused.status, 1)
      assert.match(refused.stderr, /covenant contract migrate/)
      const written = covenant('contract', 'migrate')
      assert.equal(written.status, 0, written.stderr)
      assert.match(written.stdout, /^shop\.orders {2}1\.0\.0 .*1\.0\.0\.sql {2}written$/m)
      assert.equal(covenant('contract', 'migrate', '--check').status, 0)

      const planned = covenant('apply', '--plan')
      assert.equal(planned.status, 0, planned.stderr)
      assert.match(planned.stdout, /CREATE TABLE "public"\."shop_orders"/)
      assert.match(planned.stdout, /producers producers\/ts +producers\/ts\/shop-orders\.ts +to be pushed/)
      const { pushes } = JSON.parse(covenant('apply', '--json').stdout) as { pushes: { target: string }[] }
      assert.deepEqual(
        pushes.map(({ target }) => target),
        ['database production public', 'producers producers/ts', 'producers producers/py'],
      )
      assert.match(covenant('apply').stdout, /database production public +unchanged/)
      const undone = covenant('apply', '--undo')
      assert.equal(undone.status, 1)
      assert.match(undone.stderr, /nothing to take back/)

      writeFileSync(join(folder, 'contracts/readings.odcs.yaml'), orderContract('1.1.0'))
      assert.equal(covenant('contract', 'migrate').status, 0)
      const pushed = covenant('apply')
      assert.match(pushed.stdout, /database production public +shop\.orders 1\.1\.0 +pushed/)
      assert.match(readFileSync(join(folder, 'migrations/shop.orders/1.1.0.sql'), 'utf8'), /1\.0\.0 -> 1\.1\.0/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  function covenant(...args: readonly string[]) {
    return spawnSync(process.execPath, ['--conditions=covenant-source', main, ...args, '--project', folder], {
      encoding: 'utf8',
      env: { ...process.env, PGUSER: 'covenant', SHOP_PORT: String(server.port), SHOP_DATABASE: `shop_${databases}` },
    })
  }
})
