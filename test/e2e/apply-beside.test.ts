import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { buildServer, listen } from '../../src/http/server.ts'
import { type Covenant, openCovenant } from '../../src/runtime/index.ts'
import { READINGS, tinyProject } from '../tiny-project.ts'

const BIN = fileURLToPath(new URL('../../bin/covenant.mjs', import.meta.url))
const SUBJECT = 'station.readings-value'

/** A server holds the state folder and answers from memory; `covenant apply` runs in a process of its own meanwhile. */
describe('covenant apply beside a running server', () => {
  let folder: string
  let stateDir: string
  let covenant: Covenant
  let server: FastifyInstance
  let address: string

  before(async () => {
    folder = tinyProject()
    stateDir = join(folder, 'state')
    covenant = await openCovenant({ projectDir: folder, stateDir })
    await covenant.apply({ planOnly: false })
    server = await buildServer({ covenant, version: '1.2.3' })
    address = await listen(server, 0)
  })

  after(async () => {
    await server.close()
    await covenant.close()
    rmSync(folder, { recursive: true })
  })

  const get = async (path: string) => {
    const answer = await fetch(address + path)
    assert.equal(answer.status, 200, path)
    return (await answer.json()) as { readonly version: number; readonly schema: string; readonly id: number }
  }
  const latest = () => get(`/registry/subjects/${SUBJECT}/versions/latest`)

  /** The exit code and what was said; the server goes on answering meanwhile. */
  async function apply(version: string, field: string) {
    const text = READINGS.replace('version: 1.0.0', `version: ${version}`)
    writeFileSync(
      join(folder, 'contracts/readings.odcs.yaml'),
      text.replace('      - name: celsius\n', `${field}      - name: celsius\n`),
    )
    const child = spawn(process.execPath, [BIN, '-p', folder, '-s', stateDir, '--json', 'apply'])
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += String(data)))
    const [code] = (await once(child, 'close')) as [number]
    return { code, said }
  }

  const NOTE = '      - name: note\n        logicalType: string\n'

  it('the server shows the new version with the first answer after it, and never goes back', async () => {
    const first = await latest()
    assert.equal(first.version, 1)
    const applying = apply('1.1.0', NOTE)
    let ended = false
    applying.finally(() => (ended = true))
    const seen: number[] = []
    while (!ended) seen.push((await latest()).version)
    const { code, said } = await applying
    assert.equal(code, 0, said)
    const now = await latest()
    assert.equal(now.version, 2)
    assert.ok(Object.hasOwn(JSON.parse(now.schema).properties, 'note'))
    assert.notEqual(now.id, first.id)
    assert.ok(seen.length > 1)
    assert.deepEqual(seen, seen.toSorted(), 'versions only grow')
    assert.equal((await get('/api/contracts/station.readings')).version, '1.1.0')
    assert.equal(JSON.parse(said).contracts[0].outcome, 'registered')
  })

  it('records are held against it: the hop of the server has it too', async () => {
    const body = '{"station":"JFK","at":"2026-03-01T12:00:00Z","celsius":5,"note":7}'
    const sent = await fetch(`${address}/topics/station.readings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    assert.equal(sent.status, 202)
    await covenant.loop.tick()
    const [group] = (await (await fetch(`${address}/api/dead-letters`)).json()) as { readonly fingerprint: string }[]
    assert.match(JSON.stringify(group), /note/)
  })

  it('what is incompatible is refused there, and the server keeps what it has', async () => {
    const { code, said } = await apply('1.2.0', NOTE.replace('string', 'string\n        required: true'))
    assert.equal(code, 1, said)
    assert.equal(JSON.parse(said).contracts[0].outcome, 'refused')
    assert.equal((await latest()).version, 2)
  })
})
