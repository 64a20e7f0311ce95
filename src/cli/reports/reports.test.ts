import assert from 'node:assert/strict'
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import schema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' }
import { Ajv } from 'ajv'
import { GitRepository } from '../../../test/git-project.ts'
import { tinyProject } from '../../../test/tiny-project.ts'
import { VirtualClock } from '../../kernel/index.ts'
import { checkContracts } from '../../runtime/check/run.ts'
import { codeownersReport } from './codeowners.ts'
import { markdownReport } from './markdown.ts'
import { type FullReport, fullReport } from './report.ts'
import { sarifReport } from './sarif.ts'
import { checkText } from './text.ts'

const EXAMPLE = join(import.meta.dirname, '../../../examples/flights')

/** The two changes of the flights example, one of which fits, and a file with a typing error. */
describe('the report of a change', () => {
  let repository: GitRepository
  let report: FullReport

  before(async () => {
    const folder = tinyProject()
    rmSync(join(folder, 'contracts'), { recursive: true })
    for (const part of ['contracts', 'features', 'models', 'monitors', 'pipelines', 'serving', 'steps'])
      cpSync(join(EXAMPLE, part), join(folder, part), { recursive: true })
    repository = new GitRepository(folder)
    repository.commit()
    cpSync(join(EXAMPLE, 'changes/2013-07-01'), join(folder, 'contracts'), { recursive: true })
    cpSync(join(EXAMPLE, 'changes/2013-08-15'), join(folder, 'contracts'), { recursive: true })
    const planes = readFileSync(join(folder, 'contracts/planes.odcs.yaml'), 'utf8')
    repository.write({ 'contracts/planes.odcs.yaml': planes.replace('logicalType: integer', 'logicalTyp: integer') })
    const check = await checkContracts({
      projectDir: folder,
      clock: new VirtualClock(0),
      stores: null,
      againstRegistry: false,
    })
    report = fullReport(check)
  })

  after(() => rmSync(repository.root, { recursive: true }))

  it('decides as the registry would: one fits, one needs a major version, one is no contract', () => {
    assert.deepEqual(
      report.contracts
        .filter(({ change }) => change !== 'unchanged')
        .map(({ contractId, verdict, requiredVersion }) => [contractId, verdict, requiredVersion]),
      [
        ['flights.arrived', 'ok', null],
        ['planes', 'invalid', null],
        ['weather.observed', 'breaking', '2.0.0'],
      ],
    )
    assert.equal(report.mergeable, false)
  })

  it('is SARIF 2.1.0 by its schema, whose results point to what changed', () => {
    // Ajv reads newer drafts than 4; of what differs the schema uses only the name of its id.
    const { id: _, $schema: __, ...rules } = schema
    const valid = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(rules)
    const log = JSON.parse(JSON.stringify(sarifReport(report))) as ReturnType<typeof sarifReport>
    assert.ok(valid(log), JSON.stringify(valid.errors))
    const { results, tool } = log.runs[0]!
    assert.ok(results.length > 4)
    for (const result of results) {
      assert.equal(tool.driver.rules[result.ruleIndex]?.id, result.ruleId)
      const { artifactLocation, region } = result.locations[0]!.physicalLocation
      const lines = readFileSync(join(repository.root, decodeURIComponent(artifactLocation.uri)), 'utf8').split('\n')
      assert.ok(region.startLine <= lines.length && region.startColumn <= lines[region.startLine - 1]!.length + 1)
    }
    const lineOf = (match: (result: (typeof results)[number]) => boolean) => {
      const { artifactLocation, region } = results.find(match)!.locations[0]!.physicalLocation
      return readFileSync(join(repository.root, artifactLocation.uri), 'utf8').split('\n')[region.startLine - 1]
    }
    assert.match(lineOf(({ ruleId }) => ruleId === 'CONTRACT_UNKNOWN_KEY')!, /logicalTyp: integer/)
    assert.match(lineOf(({ ruleId }) => ruleId === 'contract-breaking-writers')!, /required: true/)
    assert.match(lineOf(({ message }) => /air_time/.test(message.text))!, /name: air_time/)
    assert.equal(
      new Set(results.map(({ partialFingerprints }) => partialFingerprints['covenant/v1'])).size,
      results.length,
    )
  })

  it('is a comment with headline, table, witness, checklist and impact', () => {
    const text = markdownReport(report)
    assert.match(text, /^<!-- covenant contract check -->\n### ❌ 3 contracts changed since the merge base with main/)
    assert.match(text, /\| `weather\.observed` \| changed \| 1\.0\.0 → 1\.1\.0 \| 💥 breaking \|/)
    assert.match(text, /<details><summary>[\s\S]*"pressure": null[\s\S]*<\/details>/)
    assert.match(text, /- \[ \] weather@airports\.example \(Weather desk\), owner of `weather\.observed`/)
    assert.match(text, /- \[ \] delays@airports\.example .*downstream of a breaking change/)
    assert.match(text, /\| endpoints \| `delay` \|/)
    assert.match(text, /`CONTRACT_UNKNOWN_KEY`/)
  })

  it('neither makes markup of what contracts say nor grows beyond what a comment may have', () => {
    const [first] = report.contracts.filter(({ change }) => change === 'changed')
    const hostile = { ...first!, message: '<img src=x> | @everyone *bold*\n# head' }
    const text = markdownReport({ ...report, contracts: [hostile] })
    assert.doesNotMatch(text, /(?<!\\)<img|^# head|[^\\]\*bold|\s@everyone/m)
    const many = Array.from({ length: 2_000 }, (_, index) => ({
      ...first!,
      contractId: `contract-${index}-${'x'.repeat(90)}`,
    }))
    const long = markdownReport({ ...report, contracts: many })
    assert.ok(long.length < 65_536)
    assert.match(long, /and more: `covenant contract check`/)
  })

  it('names who approves which file as CODEOWNERS does', () => {
    assert.deepEqual(codeownersReport(report).split('\n'), [
      '/contracts/flights.arrived.odcs.yaml operations@airports.example',
      '/contracts/planes.odcs.yaml fleet@airports.example',
      '/contracts/weather.observed.odcs.yaml weather@airports.example delays@airports.example',
    ])
  })

  it('has colours only where they are asked for', () => {
    const red = '\u001b[31m'
    assert.ok(!checkText(report, false).includes('\u001b'))
    assert.ok(checkText(report, true).startsWith(red))
    assert.match(checkText(report, false), /major \(breaks writers\): The field "pressure" became required/)
  })
})
