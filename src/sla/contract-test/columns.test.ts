import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { type RandomTable, randomTable } from '../../../test/contract/random-tables.ts'
import { planOf } from '../../../test/random-plans.ts'
import { type DataEngine, openDataEngine } from '../../adapters/embedded/duckdb-data.ts'
import { compileColumnChecks } from '../../contract/index.ts'
import { acceptsDocument } from '../../contract/plan/accepts.ts'
import { quoteName, quoteText } from '../../kernel/index.ts'
import { compilePatterns } from '../../validation/plan/patterns.ts'
import { collectViolations } from '../../validation/plan/violations.ts'
import { describeColumns } from './columns.ts'
import { judge } from './judge.ts'

describe('the checks of columns', () => {
  let data: DataEngine
  const folder = mkdtempSync(join(tmpdir(), 'covenant-columns-'))
  before(async () => {
    data = await openDataEngine({ extensionDirs: [] })
  })
  after(async () => {
    await data.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('find in each row what the validator finds in the record, in tables and Parquet', async () => {
    let files = 0
    await fc.assert(
      fc.asyncProperty(randomTable, fc.boolean(), async (table, asParquet) => {
        await fill(data, table)
        const file = join(folder, `${files++}.parquet`)
        if (asParquet) await data.engine.execute(`COPY random_table TO ${quoteText(file)} (FORMAT parquet)`)
        const found = await rulesBroken(data, table, asParquet ? `read_parquet(${quoteText(file)})` : 'random_table')
        assert.deepEqual(
          found,
          table.rows.map((_, index) => rulesExpected(table, index)),
        )
      }),
      { numRuns: 150 },
    )
  })
})

/** The record that a row stands for, as JSON reads it. */
function recordOf({ fields, rows }: RandomTable, index: number): Record<string, unknown> {
  return Object.fromEntries(
    rows[index]!.flatMap(({ json }, at) => (json === undefined ? [] : [[fields[at]!.name, json]])),
  )
}

/** The ids of the rules that a row breaks, by the validator; the reference agrees on whether there are any. */
function rulesExpected(table: RandomTable, index: number): readonly string[] {
  const plan = planOf(table.fields)
  const record = recordOf(table, index)
  const rules = [...new Set(collectViolations(plan, compilePatterns(plan), record).map(({ ruleId }) => ruleId))].sort()
  assert.equal(rules.length === 0, acceptsDocument(table.fields, record))
  return rules
}

async function fill({ engine }: DataEngine, { fields, types, rows }: RandomTable): Promise<void> {
  const columns = fields.map(({ name }, index) => `${quoteName(name)} ${types[index]}`)
  await engine.execute(`CREATE OR REPLACE TABLE random_table (${columns.join(', ')})`)
  const values = rows.map((cells) => `(${cells.map(({ sql }) => sql).join(', ')})`)
  await engine.execute(`INSERT INTO random_table VALUES ${values.join(', ')}`)
}

/** The ids of the rules that each row breaks, by the compiled checks. */
async function rulesBroken({ engine }: DataEngine, { fields }: RandomTable, relation: string) {
  const columns = await describeColumns(engine, `SELECT * FROM ${relation}`)
  const own = fields.map((field) => ({ field, column: columns.find(({ name }) => name === field.name) }))
  const { checks, faults, judgements } = compileColumnChecks(own, { isText: false })
  assert.deepEqual(faults, [])
  for (const judgement of judgements) await judge(engine, relation, judgement)
  const flags = checks.map(({ violated }, index) => `${violated} AS v${index}`)
  const rows = await engine.query(`SELECT ${flags.join(', ')} FROM ${relation}`)
  return rows.map((row) =>
    checks
      .filter((_, index) => row[`v${index}`] === true)
      .map(({ ruleId }) => ruleId)
      .sort(),
  )
}
