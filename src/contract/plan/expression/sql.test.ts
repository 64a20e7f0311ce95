import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { contractOf, documentArbitrary, fieldOf, fieldsArbitrary } from '../../../../test/contract/arbitraries.ts'
import { ruleArbitrary } from '../../../../test/contract/rule-arbitraries.ts'
import { type Json, type JsonObject, quoteName } from '../../../kernel/index.ts'
import type { Field } from '../../define.ts'
import { acceptsDocument } from '../accepts.ts'
import { compileRule } from './compile.ts'
import { evaluateRule } from './evaluate.ts'
import { sqlOfExpression } from './sql.ts'
import { columnRow, jsonRow, type SqlRow } from './sql-row.ts'

let instance: DuckDBInstance
let connection: DuckDBConnection

before(async () => {
  instance = await DuckDBInstance.create(':memory:')
  connection = await instance.connect()
})
after(() => {
  connection.closeSync()
  instance.closeSync()
})

const cases = fieldsArbitrary.chain((fields) =>
  fc.tuple(
    fc.constant(fields),
    fc.array(ruleArbitrary(fields), { minLength: 6, maxLength: 6 }),
    fc.array(documentArbitrary(fields), { minLength: 10, maxLength: 10 }),
  ),
)

test('over JSON, DuckDB and the reference give the same value for every record', async () => {
  await fc.assert(
    fc.asyncProperty(cases, ([fields, rules, records]) => agree(fields, rules, records, 'records', jsonRow('record'))),
    { numRuns: 80 },
  )
})

test('over typed columns, they do for every record whose types the columns can hold', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ([fields, rules, records]) => {
      const typed = fields.map((field) => withoutRules(field))
      const held = records.filter((record) => acceptsDocument(typed, record))
      const columns = fields.map(({ name }) => `record.${quoteName(name)}`).join(', ')
      const source = `(SELECT i, ${columns} FROM (SELECT i, CAST(record AS ${columnType(fields)}) AS record FROM records))`
      const filled = held.map((record) => withNulls(typed, record))
      if (held.length > 0) await agree(typed, rules, filled, source, columnRow())
    }),
    { numRuns: 60 },
  )
})

test('a pattern that is too large for DuckDB is told when it is compiled', () => {
  const fields = contractOf([fieldOf('a', 'string')]).fields
  const compiled = compileRule('this.a.matches("^\\p{L}{1,600}$")', fields, null)
  assert.ok('expression' in compiled)
  assert.throws(() => sqlOfExpression(compiled.expression, jsonRow('record')), {
    code: 'CONTRACT_NOT_EXPRESSIBLE',
    message: /too large/,
  })
})

function withoutRules(field: Field): Field {
  const { fields, items } = field
  const inner = { ...(fields && { fields: fields.map(withoutRules) }), ...(items && { items: withoutRules(items) }) }
  return { ...field, ...inner, required: false, rules: {} }
}

/** DuckDB casts an object to a STRUCT only where no member is missing. */
function withNulls(fields: readonly Field[], record: Json): Json {
  const members = record as JsonObject
  return Object.fromEntries(fields.map((field) => [field.name, valueWithNulls(field, members[field.name] ?? null)]))
}

function valueWithNulls({ type, fields = [], items }: Field, value: Json): Json {
  if (value === null) return null
  if (type === 'object') return withNulls(fields, value)
  if (type === 'array') return (value as Json[]).map((item) => valueWithNulls(items!, item))
  if (type !== 'map') return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, valueWithNulls(items!, item as Json)]))
}

async function agree(
  fields: readonly Field[],
  rules: readonly string[],
  records: readonly Json[],
  source: string,
  row: SqlRow,
): Promise<void> {
  const compiled = rules.map((text) => {
    const rule = compileRule(text, contractOf(fields).fields, null)
    assert.ok('expression' in rule, `${text}: ${'fault' in rule && rule.fault.message}`)
    return rule.expression
  })
  const columns = compiled.map((expression, i) => `${sqlOfExpression(expression, row)} AS r${i}`)
  const values = records.map((_, i) => `(${i}, CAST($r${i} AS JSON))`).join(', ')
  const reader = await connection.runAndReadAll(
    `WITH records AS (SELECT * FROM (VALUES ${values}) AS v(i, record)) SELECT ${columns.join(', ')} FROM ${source} ORDER BY i`,
    Object.fromEntries(records.map((record, i) => [`r${i}`, JSON.stringify(record)])),
  )
  for (const [i, found] of reader.getRows().entries())
    for (const [j, value] of found.entries()) {
      const expected = evaluateRule(compiled[j]!, records[i]) ?? null
      assert.equal(value, expected, `${rules[j]} of ${JSON.stringify(records[i])}`)
    }
}

function columnType(fields: readonly Field[]): string {
  return `STRUCT(${fields.map((field) => `${quoteName(field.name)} ${fieldType(field)}`).join(', ')})`
}

const TYPES = {
  string: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMPTZ',
} as const

function fieldType({ type, fields = [], items }: Field): string {
  if (type === 'object') return columnType(fields)
  if (type === 'array') return `${fieldType(items!)}[]`
  return type === 'map' ? `MAP(VARCHAR, ${fieldType(items!)})` : TYPES[type]
}
