import { type Contract, compileValidationPlan } from '../../contract/index.ts'
import { quoteName, quoteText } from '../../kernel/index.ts'
import type { SqlEngine } from '../../lake/index.ts'
import { auditPlan } from '../plan.ts'
import type { TestCheck } from './define.ts'
import { testQuality } from './quality.ts'
import { ROW_COLUMN } from './rows.ts'

export interface RelationTest {
  readonly engine: SqlEngine
  readonly contract: Contract
  /** A file of JSON lines: `{"row": <place>, "value": <record>}`. */
  readonly file: string
  readonly rows: number
  readonly show: number
}

/** Whether a contract has rules that need all records together. */
export function needsRelation(contract: Contract): boolean {
  return auditPlan(contract).checks.some(({ kind }) => kind !== 'latency')
}

/** Evaluates the quality rules and keys of a contract over records that were written to a file. */
export async function testRelation(test: RelationTest): Promise<readonly TestCheck[]> {
  const { engine, contract, file, rows, show } = test
  const { fields } = compileValidationPlan(contract)
  const columns = fields.map(({ name }) => ({ name, type: 'VARCHAR' }))
  const selected = fields.map(({ name }) => `value->>${quoteText(`$."${name}"`)} AS ${quoteName(name)}`)
  const source = `read_ndjson(${quoteText(file)}, columns = {row: 'BIGINT', value: 'JSON'}, maximum_object_size = 1073741824)`
  const relation = `(SELECT row AS ${ROW_COLUMN}, ${selected.join(', ')} FROM ${source})`
  const all = [{ name: ROW_COLUMN, type: 'BIGINT' }, ...columns]
  const own = fields.map((field, index) => ({ field, column: columns[index]! }))
  return testQuality({ engine, contract, relation, fields: own, columns: all, rows, show })
}
