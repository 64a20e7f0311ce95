import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { tinyProject } from '../tiny-project.ts'

const BIN = fileURLToPath(new URL('../../bin/covenant.mjs', import.meta.url))

describe('drafts on the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-drafts-'))
  const project = tinyProject({})
  after(() => {
    rmSync(folder, { recursive: true })
    rmSync(project, { recursive: true })
  })
  const covenant = (...args: readonly string[]) => {
    const run = spawnSync(process.execPath, [BIN, '-p', project, ...args], { encoding: 'utf8', timeout: 60_000 })
    return { code: run.status, stdout: run.stdout, stderr: run.stderr }
  }
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }

  it('imports a schema into a folder, tells what it leaves out, and replaces nothing', () => {
    const schema = file(
      'order.avsc',
      '{"type":"record","name":"Order","fields":[{"name":"x","type":["int","string"]}]}',
    )
    const output = join(folder, 'contracts')
    const first = covenant('contract', 'import', schema, '-o', output)
    assert.equal(first.code, 0, first.stderr)
    assert.match(
      first.stderr,
      /Wrote .*Order\.odcs\.yaml\nOrder: x: It is a union of 2 types; the draft has the first one\./,
    )
    assert.equal(covenant('contract', 'lint', join(output, 'Order.odcs.yaml')).code, 0)
    const before = readFileSync(join(output, 'Order.odcs.yaml'), 'utf8')
    const again = covenant('contract', 'import', schema, '-o', output)
    assert.equal(again.code, 1)
    assert.match(again.stderr, /^covenant: The file cannot be written: .*Order\.odcs\.yaml/)
    assert.equal(readFileSync(join(output, 'Order.odcs.yaml'), 'utf8'), before)
  })

  it('infers from a raw topic, which a contract then governs', () => {
    assert.equal(covenant('apply').code, 0)
    const events = file('events.ndjson', '{"station":"JFK","at":"2026-03-01T11:00:00Z","celsius":4.5}\n'.repeat(3))
    assert.equal(covenant('produce', 'station.readings', events).code, 0)
    const { code, stdout } = covenant('contract', 'infer', 'station.readings', '--json')
    assert.equal(code, 0)
    const [draft] = JSON.parse(stdout)
    assert.match(draft.yaml, /physicalName: station\.readings/)
    assert.match(draft.yaml, /# always present, always 4\.5, 1 different values/)
    assert.match(draft.notes[0].message, /Only 3 records were seen/)
  })

  it('says what is wrong in one sentence', () => {
    const unknown = covenant('contract', 'import', file('what.xyz', 'x'))
    assert.equal(unknown.code, 2)
    assert.match(unknown.stderr, /The format does not follow from the file\..*--from/)
    const broken = covenant('contract', 'import', file('b.proto', 'message {'), '-o', join(folder, 'none'))
    assert.equal(broken.code, 1)
    assert.match(broken.stderr, /no Protocol Buffers definition/)
    assert.ok(!existsSync(join(folder, 'none')))
  })
})
