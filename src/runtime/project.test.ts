import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ENDPOINT, READINGS, tinyProject } from '../../test/tiny-project.ts'
import { CovenantError } from '../kernel/index.ts'
import { lintContracts, loadProject } from './project.ts'

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

function project(files: Readonly<Record<string, string>> = {}): string {
  const folder = tinyProject(files)
  folders.push(folder)
  return folder
}

async function errorOf(folder: string): Promise<CovenantError> {
  try {
    await loadProject(folder)
  } catch (thrown) {
    assert.ok(thrown instanceof CovenantError, String(thrown))
    assert.ok(thrown.remedy)
    return thrown
  }
  throw new assert.AssertionError({ message: 'the project was loaded' })
}

describe('loadProject', () => {
  it('reads contracts and definitions, and leaves out tests and other exports', async () => {
    const { config, contracts, endpoints, pipelines } = await loadProject(
      project({
        'serving/frost.ts': `${ENDPOINT}\nexport const other = 17\nexport default null`,
        'serving/again.ts': `export { frost } from './frost.ts'`,
        'serving/frost.test.ts': `throw new Error('not a definition')`,
      }),
    )
    assert.equal(config.name, 'tiny')
    assert.deepEqual(
      contracts.map(({ topic }) => topic),
      ['station.readings'],
    )
    assert.deepEqual(
      endpoints.map(({ name }) => name),
      ['frost'],
    )
    assert.deepEqual(pipelines, [])
  })

  it('needs a covenant.config.ts', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'covenant-empty-'))
    folders.push(folder)
    const { code, where } = await errorOf(folder)
    assert.deepEqual([code, where], ['PROJECT_NOT_FOUND', folder])
    assert.equal((await errorOf(join(folder, 'missing'))).code, 'PROJECT_NOT_FOUND')
  })

  it('needs a project in the covenant.config.ts', async () => {
    const { code, message } = await errorOf(project({ 'covenant.config.ts': 'export const name = "x"' }))
    assert.equal(code, 'PROJECT_FILE_INVALID')
    assert.match(message, /exports no project/)
  })

  it('names file and line of a syntax error', async () => {
    const { code, where } = await errorOf(project({ 'features/broken.ts': '\n\nexport const x = (' }))
    assert.equal(code, 'PROJECT_FILE_INVALID')
    assert.match(where ?? '', /features\/broken\.ts:3$/)
  })

  it('names file and line of a file that throws', async () => {
    const { code, message, where } = await errorOf(project({ 'pipelines/throws.ts': '\nthrow new Error("boom")' }))
    assert.equal(code, 'PROJECT_FILE_INVALID')
    assert.match(message, /boom/)
    assert.match(where ?? '', /pipelines\/throws\.ts:2$/)
  })

  it('names both files of two definitions with one name', async () => {
    const { code, message, where } = await errorOf(
      project({ 'serving/frost.ts': ENDPOINT, 'serving/twin.ts': ENDPOINT }),
    )
    assert.equal(code, 'PROJECT_NAME_TWICE')
    assert.match(message, /called frost/)
    assert.match(where ?? '', /frost\.ts and .*twin\.ts/)
  })

  it('tells the first problems of a broken contract with line and column, and counts the others', async () => {
    const { code, message } = await errorOf(
      project({ 'contracts/readings.odcs.yaml': READINGS.replaceAll('required:', 'requird:') }),
    )
    assert.equal(code, 'CONTRACT_INVALID')
    assert.match(message, /readings\.odcs\.yaml:\d+:\d+ .*requird/)
    assert.ok(message.split('\n').length <= 6)
  })

  it('refuses two contracts of one topic', async () => {
    const folder = project({ 'contracts/twin.odcs.yaml': READINGS })
    const { code, message } = await errorOf(folder)
    assert.equal(code, 'CONTRACT_INVALID')
    assert.match(message, /twin\.odcs\.yaml.*station\.readings.*readings\.odcs\.yaml/)
    const problems = lintContracts(join(folder, 'contracts')).flatMap((file) => file.problems)
    assert.deepEqual(
      problems.map((problem) => problem.code),
      ['CONTRACT_NAME_REPEATED'],
    )
  })
})
