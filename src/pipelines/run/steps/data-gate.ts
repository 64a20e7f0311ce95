import { type Json, parseDuration, quoteName, toIso } from '../../../kernel/index.ts'
import type { SqlEngine } from '../../../lake/index.ts'
import type { DataCheck } from '../../checks.ts'
import { AS_OF } from '../../plan.ts'
import type { PublishedTable } from '../../ports.ts'
import { substitute } from '../../sql-parameters.ts'
import type { DataGateStep } from '../../step.ts'
import type { Executor, Task } from '../task.ts'
import { type CheckOutcome, judge } from '../verdict.ts'

/** Runs every check, also after one has failed: the reason of a stopped run lists them all. */
export const dataGateExecutor: Executor<DataGateStep> = {
  version: 1,
  cacheable: true,
  reads: async (task) => (await publicationOutcomes(task)).map((outcome) => ({ ...outcome })),
  async execute(task) {
    const outcomes = await publicationOutcomes(task)
    for (const check of task.step.checks)
      if (check.check !== 'publications-current') outcomes.push(...(await fileOutcomes(task, check)))
    return judge('The data gate', outcomes)
  },
}

type FileCheck = Exclude<DataCheck, { check: 'publications-current' }>
type PublicationCheck = Extract<DataCheck, { check: 'publications-current' }>

async function fileOutcomes(task: Task<DataGateStep>, check: FileCheck): Promise<readonly CheckOutcome[]> {
  const outcomes: CheckOutcome[] = []
  for (const [name, { artifact, value }] of Object.entries(task.inputs))
    if (artifact && (check.input === null || check.input === name))
      outcomes.push(await fileOutcome(task.ports.engine, name, fileRelation(value), check))
  return outcomes
}

async function fileOutcome(
  engine: SqlEngine,
  input: string,
  relation: string,
  check: FileCheck,
): Promise<CheckOutcome> {
  switch (check.check) {
    case 'min-rows': {
      const rows = await measure(engine, `SELECT count(*) AS measured FROM ${relation}`)
      const expected = `at least ${check.rows} rows`
      return { name: `rows of ${input}`, observed: rows, expected, passed: rows !== null && rows >= check.rows }
    }
    case 'max-null-share': {
      const column = quoteName(check.column)
      const share = await measure(engine, `SELECT avg((${column} IS NULL)::INTEGER) AS measured FROM ${relation}`)
      const expected = `at most ${check.share} of the rows without a value`
      return { name: `${input}.${check.column}`, observed: share, expected, passed: (share ?? 0) <= check.share }
    }
    case 'label-share': {
      const column = quoteName(check.column)
      const share = await measure(engine, `SELECT avg((${column} <> 0)::INTEGER) AS measured FROM ${relation}`)
      const passed = share !== null && share >= check.low && share <= check.high
      const expected = `a share of positives from ${check.low} to ${check.high}`
      return { name: `${input}.${check.column}`, observed: share, expected, passed }
    }
    case 'no-leakage': {
      const leaks = `${quoteName(check.known)} >= ${quoteName(check.before)}`
      const rows = await measure(engine, `SELECT count(*) AS measured FROM ${relation} WHERE ${leaks}`)
      const expected = `no row with ${check.known} at or after ${check.before}`
      return { name: `leakage in ${input}`, observed: rows, expected, passed: rows === 0 }
    }
  }
}

async function measure(engine: SqlEngine, sql: string): Promise<number | null> {
  const [row] = await engine.query(sql)
  const measured = row?.measured ?? null
  return measured === null ? null : Number(measured)
}

async function publicationOutcomes(task: Task<DataGateStep>): Promise<CheckOutcome[]> {
  const checks = task.step.checks.filter((check): check is PublicationCheck => check.check === 'publications-current')
  if (checks.length === 0) return []
  const tables = await task.ports.trainingSets.dataVersion()
  return checks.flatMap((check) =>
    check.topics.map((topic) => publicationOutcome(topic, check, tables, Date.parse(String(task.params[AS_OF])))),
  )
}

function publicationOutcome(
  topic: string,
  { maxAge }: PublicationCheck,
  tables: readonly PublishedTable[],
  asOf: number,
): CheckOutcome {
  const found = tables.find((table) => table.topic === topic && table.snapshotId > 0)
  const name = `publication of ${topic}`
  const expected = maxAge === null ? 'published and not held' : `published within ${maxAge} and not held`
  if (!found) return { name, observed: 'nothing is published', expected, passed: false }
  if (found.heldSince !== null)
    return { name, observed: `held since ${toIso(found.heldSince)}`, expected, passed: false }
  const passed = maxAge === null || asOf - found.publishedAt <= parseDuration(maxAge)!
  return { name, observed: `published at ${toIso(found.publishedAt)}`, expected, passed }
}

function fileRelation(file: Json): string {
  return substitute('read_parquet($file)', { file })
}
