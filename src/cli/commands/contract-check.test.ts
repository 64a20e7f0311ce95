import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { GitRepository } from '../../../test/git-project.ts'
import { READINGS, tinyProject } from '../../../test/tiny-project.ts'

const MAIN = join(import.meta.dirname, '../main.ts')
const FILE = 'contracts/readings.odcs.yaml'
const NARROWER = READINGS.replace('version: 1.0.0', 'version: 1.1.0').replace('maximum: 60', 'maximum: 50')

/** As a user runs it: another process, its output no terminal. */
function covenant(cwd: string, ...args: readonly string[]) {
  const found = spawnSync(process.execPath, ['--conditions=covenant-source', MAIN, ...args], { cwd, encoding: 'utf8' })
  return { code: found.status, out: found.stdout, error: found.stderr }
}

describe('contract check, diff and impact on the command line', () => {
  let repository: GitRepository
  before(() => {
    repository = new GitRepository(tinyProject())
    repository.commit()
    assert.equal(covenant(repository.root, 'apply').code, 0)
    const events = [20, 55, 58].map((celsius) =>
      JSON.stringify({ station: 'EWR', at: '2026-01-01T00:00:00Z', celsius }),
    )
    repository.write({ 'events.ndjson': `${events.join('\n')}\n` })
    assert.equal(covenant(repository.root, 'produce', 'station.readings', 'events.ndjson').code, 0)
  })
  after(() => rmSync(repository.root, { recursive: true }))

  const run = (...args: readonly string[]) => covenant(repository.root, 'contract', ...args)

  it('says nothing changed with exit code 0, a breaking change with 1, a wrong command with 2', () => {
    assert.deepEqual([run('check').code, run('check', '--base', 'HEAD').code], [0, 0])
    repository.write({ [FILE]: NARROWER })
    const refused = run('check')
    assert.equal(refused.code, 1)
    assert.match(refused.out, /breaks writers[\s\S]*maximum/)
    assert.doesNotMatch(refused.out, new RegExp(String.fromCharCode(27)))
    assert.equal(run('check', '--format', 'xml').code, 2)
    const since = run('check', '--time-machine', '--since', 'yesterday')
    assert.equal(since.code, 2)
    assert.match(since.error, /--since takes a date or an age/)
    const unknown = run('check', '--base', 'nowhere', '--json')
    assert.equal(unknown.code, 1)
    assert.equal((JSON.parse(unknown.out) as { error: { code: string } }).error.code, 'GIT_REFERENCE_UNKNOWN')
  })

  it('writes the report to a file, for people and for programs', () => {
    repository.write({ [FILE]: NARROWER })
    const written = run('check', '--format', 'sarif', '--output', 'out.sarif')
    assert.deepEqual([written.code, written.out], [1, ''])
    const log = JSON.parse(readFileSync(join(repository.root, 'out.sarif'), 'utf8')) as { version: string }
    assert.equal(log.version, '2.1.0')
    assert.equal(run('check', '-o', 'covenant.config.ts/out.txt').code, 1, 'a file is no folder')
    const { approvals } = JSON.parse(run('check', '--json').out) as { approvals: { username: string }[] }
    assert.deepEqual(
      approvals.map(({ username }) => username),
      ['ada'],
    )
  })

  it('asks the registry, and runs over what is retained', () => {
    repository.write({ [FILE]: NARROWER })
    const against = JSON.parse(run('check', '--against', 'registry', '--json').out) as {
      contracts: { registry: { outcome: string } }[]
    }
    assert.equal(against.contracts[0]?.registry.outcome, 'refused')
    const travelled = run('check', '--time-machine', '--format', 'markdown')
    assert.match(travelled.out, /Time machine: station\.readings 1\.1\.0 instead of 1\.0\.0/)
    assert.match(travelled.out, /newly refused: 2\n {2}- celsius\.maximum: 2/)
    assert.equal(travelled.error, '')
  })

  it('needs a state where it is to look into one', () => {
    const result = covenant(repository.root, '--state', 'nowhere', 'contract', 'check', '--time-machine')
    assert.equal(result.code, 1)
    assert.match(result.error, /There is no Covenant state/)
  })

  it('shows two versions side by side, with exit codes as diff has them', () => {
    repository.write({ [FILE]: NARROWER })
    const differing = run('diff', 'station.readings@latest', 'station.readings')
    assert.equal(differing.code, 1)
    assert.match(differing.out, /1\.0\.0 → station\.readings 1\.1\.0: a major version/)
    assert.equal(run('diff', FILE, 'station.readings').code, 0)
    const unknown = run('diff', 'station.readings@9.9.9', FILE)
    assert.match(unknown.error, /no contract station\.readings@9\.9\.9\. Did you mean "station\.readings@1\.0\.0/)
  })

  it('tells what stands downstream of a field, and of nothing that is not there', () => {
    const found = JSON.parse(run('impact', 'station.readings#celsius', '--json').out) as {
      fields: string[]
      recorded: { contractVersions: string[] }
    }
    assert.deepEqual([found.fields, found.recorded.contractVersions], [['celsius'], ['1.0.0']])
    const unknown = run('impact', 'station.readings#celcius')
    assert.equal(unknown.code, 1)
    assert.match(unknown.error, /Did you mean "celsius"/)
  })
})
