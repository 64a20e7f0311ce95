import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { sha256 } from '../../kernel/index.ts'
import { VirtualEnvironment } from './environment.ts'

describe('virtual environment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-python-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const lockFile = join(folder, 'requirements.txt')
  writeFileSync(lockFile, 'numpy==2.0.0\n')

  it('tells where the interpreter should be and how to get it', async () => {
    const environment = new VirtualEnvironment({ interpreter: join(folder, 'bin/python'), lockFile, modules: folder })
    await assert.rejects(environment.interpreter(), {
      code: 'PIPELINE_PYTHON_MISSING',
      message: `There is no Python interpreter at ${join(folder, 'bin/python')}.`,
      remedy: 'Set it up with: npm run setup.',
    })
  })

  it('is identified by its lock file', async () => {
    const environment = new VirtualEnvironment({ interpreter: process.execPath, lockFile, modules: folder })
    assert.equal(await environment.hash(), sha256('numpy==2.0.0\n'))
    assert.equal(await environment.interpreter(), process.execPath)
    assert.equal(environment.variables().PYTHONPATH, folder)
  })

  it('tells that the lock file is not there', async () => {
    const environment = new VirtualEnvironment({
      interpreter: process.execPath,
      lockFile: 'nowhere.txt',
      modules: folder,
    })
    await assert.rejects(environment.hash(), { code: 'PIPELINE_PYTHON_MISSING' })
  })
})
