import type { OwnJudgement } from '../../contract/index.ts'
import { quoteText } from '../../kernel/index.ts'
import type { SqlEngine } from '../../lake/index.ts'
import { compileValidator } from '../../validation/index.ts'

const INSERT_ROWS = 500
/** What of a JSON text that cannot be read is told: the value is not of its type. */
const TYPE = 'type'

/**
 * Lets the validator judge the distinct values that SQL cannot, and fills the table that the checks look into. Costs
 * what the distinct values cost.
 */
export async function judge(engine: SqlEngine, relation: string, judgement: OwnJudgement): Promise<void> {
  const { table, json } = judgement
  await engine.execute(`CREATE OR REPLACE TEMP TABLE ${table} (rule VARCHAR, value VARCHAR)`)
  const values = await engine.query(
    `SELECT DISTINCT (${json})::VARCHAR AS value FROM ${relation} WHERE (${json}) IS NOT NULL`,
  )
  const refusals = refuser(judgement)
  const refused = values.flatMap(({ value }) =>
    refusals(value as string).map((rule) => [rule, value as string] as const),
  )
  for (let at = 0; at < refused.length; at += INSERT_ROWS) {
    const rows = refused.slice(at, at + INSERT_ROWS).map(([rule, value]) => `(${text(rule)}, ${text(value)})`)
    await engine.execute(`INSERT INTO ${table} VALUES ${rows.join(', ')}`)
  }
}

/** The ids of the rules that a value, as JSON text, breaks. */
function refuser({ plan }: OwnJudgement): (json: string) => readonly string[] {
  const validator = compileValidator({
    ...{ planVersion: 2, contractId: 'contract test', contractVersion: '', topic: '', cdc: null, key: [], rules: [] },
    ...{ eventTime: null, fields: [plan], hash: '' },
  })
  const name = JSON.stringify(plan.name)
  return (json) => {
    if (!isJson(json)) return [`${plan.name}.${TYPE}`]
    const verdict = validator.validate(Buffer.from(`{${name}:${json}}`))
    return verdict.valid ? [] : [...new Set(verdict.violations.map(({ ruleId }) => ruleId))]
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** A statement ends at the character 0. */
function text(value: string): string {
  return value.includes('\0') ? `(${value.split('\0').map(quoteText).join(' || chr(0) || ')})` : quoteText(value)
}
