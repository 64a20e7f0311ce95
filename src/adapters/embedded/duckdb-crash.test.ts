import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { it } from 'node:test'
import { temporaryState } from '../../../test/ports/duckdb-fixture.ts'

const WRITER = join(import.meta.dirname, '..', '..', '..', 'test', 'ports', 'duckdb-crash-writer.ts')
const KILLS = 12
/** Kills fall this long after the writer began to write at most: a commit takes some tens of milliseconds. */
const WRITING_MS = 250

it('lake and warehouse open whole after a kill at any moment', { timeout: 120_000 }, async (t) => {
  const state = temporaryState()
  t.after(() => state.remove())
  const seed = Number(process.env.COVENANT_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))
  t.diagnostic(`COVENANT_TEST_SEED=${seed}`)
  const random = generator(seed)
  let position = 0
  for (let kill = 0; kill < KILLS; kill++) {
    const found = await writeUntilKilled(state.path, random() * WRITING_MS)
    assert.ok(found.position >= position, 'nothing that was committed is lost')
    position = found.position
  }
  assert.ok(position > 0, 'the writer got to commit')
})

/** What the writer found before it wrote on. It fails where it found a broken state. */
async function writeUntilKilled(state: string, writingMs: number): Promise<{ position: number }> {
  const flags = ['--conditions=covenant-source', '--disable-warning=ExperimentalWarning']
  const writer = spawn(process.execPath, [...flags, WRITER, state], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(writer, 'exit')
  const errors: Buffer[] = []
  writer.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  const line = await Promise.race([once(writer.stdout, 'data').then(String), exited.then(() => null)])
  assert.ok(line !== null, `the writer refused the state: ${Buffer.concat(errors).toString()}`)
  setTimeout(() => writer.kill('SIGKILL'), writingMs)
  const [, signal] = (await exited) as [number | null, string | null]
  assert.equal(signal, 'SIGKILL', Buffer.concat(errors).toString())
  return JSON.parse(line) as { position: number }
}

/** Mulberry32: small, seeded, good enough to spread moments. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
