import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { GitRepository } from '../../../test/git-project.ts'
import { ENDPOINT, READINGS, tinyProject } from '../../../test/tiny-project.ts'
import { type Contract, readContract } from '../../contract/index.ts'
import { CovenantError, EventBus, VirtualClock } from '../../kernel/index.ts'
import { lakeMisfit } from '../../lake/index.ts'
import { Registry, type RegistryStore } from '../../registry/index.ts'
import type { ContractFile } from './define.ts'
import { pair } from './files.ts'
import { reviewPair } from './review.ts'
import { checkContracts } from './run.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

const FILE = 'contracts/readings.odcs.yaml'
const PREDICTIONS = READINGS.replaceAll('station.readings', 'frost.predictions')
  .replace('id: station.readings', 'id: frost.predictions')
  .replace('username: ada', 'username: grace')

function repository(files: Readonly<Record<string, string>> = {}): GitRepository {
  const folder = tinyProject(files)
  folders.push(folder)
  const made = new GitRepository(folder)
  made.commit()
  made.git('checkout', '--quiet', '-b', 'change')
  return made
}

async function check(projectDir: string, base?: string) {
  const options = {
    projectDir,
    clock: new VirtualClock(Date.parse('2026-01-01')),
    stores: null,
    againstRegistry: false,
  }
  return (await checkContracts(base === undefined ? options : { ...options, base })).report
}

async function reviewAfter(change: (text: string) => string, before = READINGS) {
  const { root, write } = bound(repository({ [FILE]: before }))
  write({ [FILE]: change(before) })
  const report = await check(root)
  return { report, review: report.contracts[0]! }
}

function bound(made: GitRepository) {
  return { root: made.root, write: made.write.bind(made), commit: made.commit.bind(made), git: made.git.bind(made) }
}

const version = (to: string) => (text: string) => text.replace('version: 1.0.0', `version: ${to}`)
const wider = (text: string) => text.replace('maximum: 60', 'maximum: 70')
const described = (text: string) => text.replace('name: Station readings', 'name: Readings of stations')
const note = (text: string) => `${text}      - name: note\n        logicalType: string\n`

const narrower = (text: string) => text.replace('minimum: -90', 'minimum: -80')
const retyped = (text: string) => text.replace(/number\n\s+logicalTypeOptions: \{ minimum.*\n/, 'string\n')
const recased = (text: string) => text.replace('name: celsius', 'name: Celsius')
const deprecated = (text: string) => text.replace('status: active', 'status: deprecated')
const sooner = (text: string) =>
  `${text}slaProperties:\n  - property: latency\n    value: 3\n    unit: h\n    element: readings.at\n`

describe('contract check', () => {
  it('finds nothing where nothing but layout and comments changed', async () => {
    const { report, review } = await reviewAfter((text) => `# a comment\n${text}`)
    assert.deepEqual([report.mergeable, review.change, review.verdict], [true, 'unchanged', 'ok'])
    assert.deepEqual(report.approvals, [])
  })

  const CASES: readonly (readonly [string, (text: string) => string, string, boolean, string | null])[] = [
    ['words under a patch', (text) => version('1.0.1')(described(text)), 'ok', true, null],
    ['words under the same version', described, 'needs-bump', false, '1.0.1'],
    ['a new optional field under a minor', (text) => version('1.1.0')(note(text)), 'ok', true, null],
    ['a new optional field under a patch', (text) => version('1.0.1')(note(text)), 'needs-bump', false, '1.1.0'],
    ['a lower version', (text) => version('0.9.0')(note(text)), 'needs-bump', false, '1.1.0'],
    ['a wider range under a minor', (text) => version('1.1.0')(wider(text)), 'breaking', false, '2.0.0'],
    [
      'another type under a major, which the lake cannot take',
      (text) => version('2.0.0')(retyped(text)),
      'breaking',
      false,
      null,
    ],
    ['a field that differs by case', (text) => version('2.0.0')(recased(text)), 'breaking', false, null],
    ['a wider range under a major', (text) => version('2.0.0')(wider(text)), 'breaking', true, null],
    [
      'going back to a draft',
      (text) => version('1.0.1')(text.replace('status: active', 'status: draft')),
      'breaking',
      false,
      null,
    ],
    [
      'another id',
      (text) => version('1.0.1')(text.replace('id: station.readings', 'id: other')),
      'breaking',
      false,
      null,
    ],
    ['an unknown key', (text) => text.replace('required: true', 'requierd: true'), 'invalid', false, null],
  ]
  for (const [name, change, verdict, mergeable, required] of CASES)
    it(`${name}: ${verdict}`, async () => {
      const { report, review } = await reviewAfter(change)
      assert.deepEqual(
        [review.verdict, review.mergeable, review.requiredVersion, report.mergeable],
        [verdict, mergeable, required, mergeable],
        review.message,
      )
    })

  it('lets drafts change freely', async () => {
    const { report } = await reviewAfter(wider, READINGS.replace('status: active', 'status: draft'))
    assert.equal(report.mergeable, true)
  })

  it('tells what breaks, for whom, with a document that shows it and the place', async () => {
    const { review } = await reviewAfter((text) => version('1.1.0')(wider(text)))
    const [found] = review.changes
    assert.deepEqual([found?.effect, found?.breaks], ['major', ['readers']])
    const { celsius } = found!.witness as { celsius: number }
    assert.ok(celsius > 60 && celsius <= 70)
    const line =
      wider(READINGS)
        .split('\n')
        .findIndex((text) => text.includes('maximum: 70')) + 1
    assert.equal(found!.line, line)
    assert.ok(found!.column > 1)
  })

  it('follows a file that was moved, and refuses the removal of an active contract', async () => {
    const { root, write } = bound(repository())
    write({ [FILE]: null, 'contracts/weather/stations.odcs.yaml': READINGS })
    const [moved] = (await check(root)).contracts
    assert.deepEqual([moved?.change, moved?.movedFrom, moved?.mergeable], ['unchanged', FILE, true])
    write({ 'contracts/weather/stations.odcs.yaml': null })
    const report = await check(root)
    assert.deepEqual(
      report.contracts.map(({ change, verdict, mergeable }) => [change, verdict, mergeable]),
      [['removed', 'breaking', false]],
    )
    assert.deepEqual(
      report.approvals.map(({ username }) => username),
      ['ada'],
    )
  })

  it('lets a contract go that was announced as deprecated, and asks its owners and those downstream', async () => {
    const { root, write } = bound(repository({ [FILE]: READINGS.replace('status: active', 'status: deprecated') }))
    write({ [FILE]: null })
    const report = await check(root)
    assert.deepEqual(
      report.contracts.map(({ change, verdict, mergeable }) => [change, verdict, mergeable]),
      [['removed', 'breaking', true]],
    )
    assert.deepEqual(
      report.approvals.map(({ username }) => username),
      ['ada'],
    )
  })

  it('decides as the registry does, for any change and version', async () => {
    const edits = fc.subarray([wider, described, note, narrower, deprecated, sooner, retyped, recased])
    const number = fc.constantFrom('0.9.0', '1.0.0', '1.0.1', '1.1.0', '2.0.0')
    await fc.assert(
      fc.asyncProperty(edits, number, async (chosen, to) => {
        const text = chosen.reduce((before, edit) => edit(before), version(to)(READINGS))
        const [earlier, later] = [contractFileOf(READINGS), contractFileOf(text)]
        const review = reviewPair({ before: earlier, after: later })
        const store = registryStore([earlier.contract!])
        const registry = new Registry({ store, clock: new VirtualClock(0), events: new EventBus(), misfit: lakeMisfit })
        const [change] = await registry.plan([later.contract!])
        assert.equal(review.mergeable, change?.outcome !== 'refused', `${review.message} / ${change?.message}`)
      }),
    )
  })

  it('lets a retired contract go, and a new one in', async () => {
    const { root, write } = bound(repository({ [FILE]: READINGS.replace('status: active', 'status: retired') }))
    write({ [FILE]: null, 'contracts/frost.odcs.yaml': PREDICTIONS })
    const report = await check(root)
    assert.deepEqual(
      report.contracts.map(({ contractId, change, mergeable }) => [contractId, change, mergeable]),
      [
        ['frost.predictions', 'added', true],
        ['station.readings', 'removed', true],
      ],
    )
    assert.equal(report.mergeable, true)
  })

  it('goes on where the base holds an invalid contract, and says so', async () => {
    const { report, review } = await reviewAfter(
      (text) => text.replace('requierd', 'required'),
      READINGS.replace('required', 'requierd'),
    )
    assert.deepEqual([review.change, review.verdict, report.mergeable], ['changed', 'ok', true])
    assert.match(report.notes.join(), /readings\.odcs\.yaml is not valid in the base/)
  })

  it('refuses one id in two files', async () => {
    const { root, write } = bound(repository())
    write({ 'contracts/twin.odcs.yaml': READINGS.replace('physicalName: station.readings', 'physicalName: twin') })
    const report = await check(root)
    assert.equal(report.mergeable, false)
    assert.match(report.problems.map(({ message }) => message).join(), /The id station\.readings stands in/)
  })

  it('asks the owners downstream only where a change breaks something', async () => {
    const { root, write } = bound(
      repository({ 'serving/frost.ts': ENDPOINT, 'contracts/frost.odcs.yaml': PREDICTIONS }),
    )
    write({ [FILE]: version('1.1.0')(note(READINGS)) })
    assert.deepEqual(
      (await check(root)).approvals.map(({ username, because }) => [username, because]),
      [['ada', 'changed']],
    )
    write({ [FILE]: version('2.0.0')(wider(READINGS)) })
    const { approvals, mergeable } = await check(root)
    assert.equal(mergeable, true)
    assert.deepEqual(
      approvals.map(({ username, because, contracts, files }) => [username, because, contracts, files]),
      [
        ['ada', 'changed', ['station.readings'], [FILE]],
        ['grace', 'downstream', ['frost.predictions'], [FILE]],
      ],
    )
  })

  it('asks successors of those who left, both sides of a hand-over, and names contracts that nobody owns', async () => {
    const handed = READINGS.replace(
      'username: ada\n      role: owner',
      "username: bob\n      role: Data Steward\n    - username: carol\n      role: owner\n      dateOut: '2025-01-01'\n      replacedByUsername: dora",
    )
    const { report } = await reviewAfter(() => version('1.0.1')(handed))
    assert.deepEqual(
      report.approvals.map(({ username }) => username),
      ['ada', 'bob', 'dora'],
    )
    const nobody = READINGS.replace(/team:[\s\S]*?schema:/, 'schema:')
    const unowned = await reviewAfter((text) => version('1.0.1')(described(text)), nobody)
    assert.deepEqual([unowned.report.approvals, unowned.report.unowned], [[], ['station.readings']])
  })

  it('says what it cannot know where the definitions do not load', async () => {
    const { root, write } = bound(repository())
    write({
      'features/broken.ts': 'import nothing from "./nowhere.ts"\nexport const x = nothing\n',
      [FILE]: version('1.1.0')(note(READINGS)),
    })
    const report = await check(root)
    assert.equal(report.mergeable, true)
    assert.match(report.notes.join(), /does not load/)
  })
})

describe('the base', () => {
  it('is the merge base with main: what main did meanwhile is not part of the change', async () => {
    const { root, commit, git } = bound(repository())
    git('checkout', '--quiet', 'main')
    commit({ [FILE]: version('1.1.0')(note(READINGS)) })
    git('checkout', '--quiet', 'change')
    const report = await check(root)
    assert.match(report.base.name, /merge base with main/)
    assert.equal(report.contracts[0]?.change, 'unchanged')
    assert.equal((await check(root, 'main')).contracts[0]?.change, 'changed')
    assert.equal((await check(root, 'main...')).contracts[0]?.change, 'unchanged')
  })

  it('is found in a hook of git, which names the repository by a path of its own', async () => {
    const { root } = repository()
    process.env.GIT_DIR = '.git'
    process.env.GIT_INDEX_FILE = '.git/nowhere'
    try {
      mkdirSync(join(root, 'sub', 'contracts'), { recursive: true })
      writeFileSync(join(root, 'sub', 'covenant.config.ts'), '')
      assert.deepEqual((await check(join(root, 'sub'))).contracts, [])
    } finally {
      delete process.env.GIT_DIR
      delete process.env.GIT_INDEX_FILE
    }
  })

  it('is HEAD where there is no main', async () => {
    const { root, git } = bound(repository())
    git('branch', '--quiet', '-D', 'main')
    assert.equal((await check(root)).base.name, 'HEAD')
  })

  it('is read for a project in a subfolder, also one that a contract was moved into', async () => {
    const root = mkdtempSync(join(tmpdir(), 'covenant-check-'))
    folders.push(root)
    const project = tinyProject()
    folders.push(project)
    const made = new GitRepository(root)
    const config = "import { defineProject } from 'covenant'\nexport const project = defineProject({ name: 'p' })\n"
    for (const name of ['one', 'two']) {
      made.write({ [`${name}/covenant.config.ts`]: config })
      mkdirSync(join(root, name, 'node_modules'), { recursive: true })
      symlinkSync(join(project, 'node_modules', 'covenant'), join(root, name, 'node_modules', 'covenant'))
    }
    made.commit({ 'one/contracts/é a.odcs.yaml': READINGS })
    made.write({ 'one/contracts/é a.odcs.yaml': null, 'two/contracts/b.odcs.yaml': version('1.1.0')(note(READINGS)) })
    const [moved] = (await check(join(root, 'two'))).contracts
    assert.deepEqual(
      [moved?.change, moved?.file, moved?.movedFrom],
      ['changed', 'two/contracts/b.odcs.yaml', 'one/contracts/é a.odcs.yaml'],
    )
    const [gone] = (await check(join(root, 'one'))).contracts
    assert.deepEqual([gone?.change, gone?.file], ['removed', 'one/contracts/é a.odcs.yaml'])
  })

  const coded = (code: string) => (thrown: unknown) => {
    assert.ok(thrown instanceof CovenantError)
    assert.equal(thrown.code, code)
    assert.ok(thrown.remedy)
    return true
  }

  it('is refused in words where it cannot be', async () => {
    const folder = tinyProject()
    folders.push(folder)
    await assert.rejects(check(folder), coded('GIT_NO_REPOSITORY'))
    const { root } = repository()
    await assert.rejects(check(root, 'nowhere'), coded('GIT_REFERENCE_UNKNOWN'))
    await assert.rejects(check(root, '--output=/tmp/x'), coded('GIT_REFERENCE_UNKNOWN'))
    const empty = tinyProject()
    folders.push(empty)
    new GitRepository(empty)
    await assert.rejects(check(empty), coded('GIT_REFERENCE_UNKNOWN'))
  })

  it('is not guessed in a shallow clone', async () => {
    const made = repository()
    made.commit({ 'one.txt': '1' })
    made.git('checkout', '--quiet', 'main')
    made.commit({ 'two.txt': '2' })
    const clone = mkdtempSync(join(tmpdir(), 'covenant-shallow-'))
    folders.push(clone)
    made.git('clone', '--quiet', '--depth=1', '--no-single-branch', `file://${made.root}`, clone)
    made.git('-C', clone, 'checkout', '--quiet', 'change')
    await assert.rejects(check(clone, 'origin/main...'), coded('GIT_HISTORY_SHALLOW'))
    await assert.rejects(check(clone, 'v1'), (thrown: CovenantError) => /shallow/.test(thrown.remedy ?? ''))
  })
})

describe('pairing', () => {
  it('gives every file of both sides exactly one place', () => {
    const file = fc.record({ path: fc.constantFrom('a', 'b', 'c', 'd'), id: fc.constantFrom('1', '2', '3', null) })
    const files = fc.uniqueArray(file, { selector: ({ path }) => path }).map((list) => list.map(contractFile))
    fc.assert(
      fc.property(files, files, (before, after) => {
        const pairs = pair(before, after)
        assert.deepEqual(new Set(pairs.flatMap((each) => each.before ?? [])), new Set(before))
        assert.deepEqual(
          pairs.flatMap((each) => each.after ?? []),
          after,
        )
        assert.equal(pairs.filter((each) => each.before !== null).length, before.length)
        const lonely = {
          before: pairs.filter((each) => each.after === null),
          after: pairs.filter((each) => each.before === null),
        }
        // Nobody stays alone beside somebody with the same id or path.
        for (const gone of lonely.before)
          for (const fresh of lonely.after) {
            assert.notEqual(gone.before!.path, fresh.after!.path)
            assert.ok(gone.before!.id === null || gone.before!.id !== fresh.after!.id)
          }
      }),
    )
  })
})

function contractFileOf(text: string): ContractFile {
  const contract = readContract(text, FILE)
  return { path: FILE, text, contract, problems: [], id: contract.id }
}

/** A registry that holds these versions and takes no others. */
function registryStore(contracts: readonly Contract[]): RegistryStore {
  const rows = contracts.map(({ id, version: number, topic, source, hash }) => {
    return { contractId: id, version: number, topic, source, hash, registeredAt: 0, activeFrom: [] }
  })
  return {
    add: async () => undefined,
    get: async (id, number) => rows.find((row) => row.contractId === id && row.version === number),
    versions: async (id) => rows.filter((row) => row.contractId === id),
    latest: async () => rows,
    count: async () => rows.length,
  }
}

function contractFile({ path, id }: { path: string; id: string | null }): ContractFile {
  return { path, id, text: '', contract: null, problems: [] }
}
