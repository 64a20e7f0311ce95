import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { CovenantError } from '../kernel/index.ts'
import { lockState } from './state-lock.ts'

const folder = mkdtempSync(join(tmpdir(), 'covenant-lock-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const code = (expected: string) => (thrown: unknown) => thrown instanceof CovenantError && thrown.code === expected

test('a state folder is taken once, and free again after its release', () => {
  const stateDir = join(folder, 'once')
  const lock = lockState(stateDir)
  assert.throws(() => lockState(stateDir), code('STATE_IN_USE'))
  lock.release()
  lockState(stateDir).release()
})

test('a killed process leaves no lock behind', async (context) => {
  const stateDir = join(folder, 'killed')
  const script = `import { lockState } from ${JSON.stringify(new URL('./state-lock.ts', import.meta.url).href)}
    globalThis.lock = lockState(${JSON.stringify(stateDir)}); process.stdout.write('taken'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--conditions=covenant-source', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  context.after(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  assert.throws(() => lockState(stateDir), code('STATE_IN_USE'))
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
  lockState(stateDir).release()
})

test('a folder that cannot be written gives one clear error', {
  skip: process.getuid?.() === 0 && 'root may write anywhere',
}, () => {
  chmodSync(folder, 0o500)
  try {
    assert.throws(() => lockState(join(folder, 'locked', 'deep')), code('STATE_NOT_WRITABLE'))
  } finally {
    chmodSync(folder, 0o700)
  }
})

test('a file in the place of the folder gives one clear error', () => {
  assert.throws(() => lockState('/dev/null/state'), code('STATE_NOT_WRITABLE'))
})

test('a file system that refuses new folders gives one clear error', {
  skip: process.platform !== 'linux' && 'needs /proc',
}, () => {
  assert.throws(() => lockState('/proc/covenant/state'), code('STATE_NOT_WRITABLE'))
})
