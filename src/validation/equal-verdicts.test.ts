import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { contractOf, documentArbitrary, fieldOf, fieldsArbitrary } from '../../test/contract/arbitraries.ts'
import { ruleArbitrary } from '../../test/contract/rule-arbitraries.ts'
import { judgeRows, unheldTypes } from '../../test/contract/typed-table.ts'
import { PythonValidator } from '../../test/ports/python-validator.ts'
import { eventText, randomFields } from '../../test/random-plans.ts'
import { type DataEngine, openDataEngine } from '../adapters/embedded/duckdb-data.ts'
import {
  acceptsRecord,
  type Contract,
  compileJsonSchema,
  compilePython,
  compileValidationPlan,
  type Field,
  type FieldPlan,
  jsonRow,
  type RuleStage,
  sqlOfRule,
  type ValidationPlan,
} from '../contract/index.ts'
import { addContractKeywords } from '../contract/plan/json-schema-keywords.ts'
import { isJsonObject } from '../kernel/index.ts'
import { compileValidator, type Verdict } from './index.ts'

/**
 * One rule, equal verdicts: for random contracts with random record rules, and records of all kinds, the generated
 * validator, the reference, JSON Schema with ajv, generated Python and DuckDB say the same; DuckDB of the record rules
 * over JSON, and of all rules, those of the schema included, over the rows of a typed table.
 */
let python: PythonValidator
let instance: DuckDBInstance
let duckdb: DuckDBConnection
let tables: DataEngine

before(async () => {
  python = new PythonValidator()
  instance = await DuckDBInstance.create(':memory:')
  duckdb = await instance.connect()
  tables = await openDataEngine({ extensionDirs: [] })
})
after(async () => {
  await python.close()
  await tables.close()
  duckdb.closeSync()
  instance.closeSync()
})

/** As often a valid record is judged: the validator learns the order of members and then scans the bytes. */
const ROUNDS = 20

const stage = fc.constantFrom<RuleStage>('enforce', 'enforce', 'warn', 'shadow')

function rulesOf(fields: readonly Field[]) {
  return fc.array(fc.tuple(ruleArbitrary(fields), stage), { maxLength: 4 })
}

const oddFields = randomFields.map((fields) => fields.map(toField))
/** A contract, and texts of records for it. */
const cases = fc.oneof(fieldsArbitrary, oddFields).chain((fields) =>
  fc.tuple(
    fc.constant(fields),
    rulesOf(fields),
    fc.array(
      fc.oneof(
        documentArbitrary(fields).map((record) => JSON.stringify(record)),
        eventText(fields),
      ),
      {
        minLength: 10,
        maxLength: 14,
      },
    ),
  ),
)

describe('one rule, equal verdicts', () => {
  test('in the generated validator, the reference, ajv, Python and DuckDB', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ([fields, rules, texts]) => {
        const contract = contractOf(fields, {
          rules: rules.map(([expression, stage], i) => ({
            id: `r${i}`,
            description: null,
            stage,
            field: null,
            expression,
          })),
        })
        await agree(contract, texts)
      }),
      { numRuns: 60 },
    )
  })

  test('of change events in the validator and in Python', async () => {
    const changes = fieldsArbitrary.chain((fields) =>
      fc.tuple(
        fc.constant(fields),
        rulesOf(fields),
        fc.array(fc.tuple(fc.constantFrom('c', 'u', 'r', 'd', 'x', ''), eventText(fields), eventText(fields)), {
          minLength: 8,
          maxLength: 8,
        }),
      ),
    )
    await fc.assert(
      fc.asyncProperty(changes, async ([fields, rules, events]) => {
        const contract = contractOf(fields, {
          cdc: 'debezium',
          key: [fields[0]!.name],
          rules: rules.map(([expression, stage], i) => ({
            id: `r${i}`,
            description: null,
            stage,
            field: null,
            expression,
          })),
        })
        const texts = events.map(([op, before, after]) => {
          const row = after.replace(/"(?:AB|é|aaa)"/, '"__debezium_unavailable_value"')
          return `{"before":${before},"after":${row},"op":"${op}"}`
        })
        await agreeWithPython(
          contract,
          compileValidationPlan(contract),
          texts.map((text) => Buffer.from(text)),
        )
      }),
      { numRuns: 25 },
    )
  })

  test('on bytes that are no JSON', async () => {
    const contract = contractOf([fieldOf('a', 'number', { required: false })])
    const values = [
      '',
      ' ',
      '{',
      '{"a":NaN}',
      '{"a":Infinity}',
      '{"a":-Infinity}',
      '{"a":01}',
      '{"a":.5}',
      '{"a":1.}',
      '\uFEFF{}',
      '{}x',
      "{'a':1}",
      '{"a":1,}',
      '[]',
      '3',
      'null',
      '"x"',
      '{"a":"\u0001"}',
      '{"a":"\\x"}',
      '{"a":1e5000}',
      `{"a":${'9'.repeat(5_000)}}`,
      '{"a":-0}',
      '\t{"a" : 1}\r\n',
      '\v{}',
      '{"a":"\u2028"}',
      '{"a":tru}',
    ].map((text) => Buffer.from(text))
    values.push(
      Buffer.from([0xff, 0x7b, 0x7d]),
      Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]),
      Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
    )
    await agreeWithPython(contract, compileValidationPlan(contract), values)
  })

  test('as in the conformance files, all of them; of change events the validator and Python', async () => {
    const folder = new URL('../../conformance/validation/', import.meta.url)
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
      const { plan, records } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as ConformanceFile
      // What is expected is the rule's text, where the contract gave no description.
      const rules = plan.rules.map(({ id, stage, field, expected }) => ({
        id,
        stage,
        field,
        description: null,
        expression: expected,
      }))
      const contract = contractOf(plan.fields.map(toField), { cdc: plan.cdc, key: plan.key, rules })
      const values = records.map(({ text, base64 }) =>
        base64 === undefined ? (typeof text === 'string' ? Buffer.from(text) : null) : Buffer.from(base64, 'base64'),
      )
      await agreeWithPython(contract, compileValidationPlan(contract), values)
      const texts = values.flatMap((value) => (value === null ? [] : (jsonText(value) ?? [])))
      if (plan.cdc === null) await agree(contract, texts)
    }
  })

  test('a pattern that Python cannot be given is told when it is compiled', () => {
    const contract = contractOf([fieldOf('a', 'string', { rules: { pattern: '^(?!x)' } })])
    assert.throws(() => compilePython(contract), { code: 'CONTRACT_NOT_EXPRESSIBLE' })
  })

  test('JSON Schema names the rules that it leaves to others, and a strict validator that does not know them refuses', () => {
    const contract = contractOf([fieldOf('a', 'integer')], {
      rules: [{ id: 'positive', description: null, stage: 'enforce', field: null, expression: 'this.a > 0' }],
    })
    const schema = compileJsonSchema(contract)
    assert.match(String(schema.$comment), /cannot express these rules.*positive/)
    assert.throws(() => new Ajv2020().compile(schema), /unknown keyword: "x-covenant-rules"/)
  })
})

interface ConformanceFile {
  readonly plan: ValidationPlan
  readonly records: readonly { readonly text?: string | null; readonly base64?: string }[]
}

async function agree(contract: Contract, texts: readonly string[]): Promise<void> {
  const plan = compileValidationPlan(contract)
  const verdicts = await agreeWithPython(
    contract,
    plan,
    texts.map((text) => Buffer.from(text)),
  )
  const records = texts.map((text) => JSON.parse(text) as unknown)
  const ajv = addContractKeywords(new Ajv2020({ ownProperties: true, unicodeRegExp: true })).compile(
    compileJsonSchema(contract),
  )
  for (const [i, record] of records.entries()) {
    assert.equal(acceptsRecord(plan, record), verdicts[i]!.valid, `reference: ${texts[i]}`)
    assert.equal(ajv(record), verdicts[i]!.valid, `ajv: ${texts[i]}`)
  }
  await agreeWithDuckdb(plan, records, verdicts)
  await agreeWithTable(plan, records, verdicts)
}

/** What a table cannot hold breaks the rule of its type in the validator, and the compilation to columns says so. */
async function agreeWithTable(plan: ValidationPlan, records: readonly unknown[], verdicts: readonly Verdict[]) {
  const idsOf = (verdict: Verdict) => {
    const own = [...(verdict.valid ? [] : verdict.violations), ...verdict.warnings]
    const ids = (ofRules: boolean) =>
      [...new Set(own.filter(({ code }) => (code === 'rule') === ofRules).map(({ ruleId }) => ruleId))].sort()
    return { schema: ids(false), rules: ids(true) }
  }
  for (const { record, schema, rules } of await judgeRows(tables, plan, records))
    assert.deepEqual({ schema, rules }, idsOf(verdicts[record]!), `typed table: ${JSON.stringify(records[record])}`)
  for (const [i, record] of records.entries()) {
    const told = new Set(idsOf(verdicts[i]!).schema)
    for (const id of unheldTypes(plan, record)) assert.ok(told.has(id), `${id} of ${JSON.stringify(record)}`)
  }
}

/** The lists of both, in order, warnings behind; and the validator again and again, since it learns. */
async function agreeWithPython(
  contract: Contract,
  plan: ValidationPlan,
  values: readonly (Uint8Array | null)[],
): Promise<readonly Verdict[]> {
  const validator = compileValidator(plan)
  const verdicts = values.map((value) => validator.validate(value))
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, value] of values.entries())
      if (verdicts[i]!.valid) assert.deepEqual(validator.validate(value), verdicts[i])
  const answers = await python.judge(compilePython(contract), values)
  for (const [i, verdict] of verdicts.entries()) {
    const own = [...(verdict.valid ? [] : verdict.violations), ...verdict.warnings]
    const expected = own.map(({ ruleId, path, severity }) => [ruleId, path, severity])
    assert.deepEqual(answers[i], expected, `Python: ${Buffer.from(values[i] ?? []).toString()}`)
  }
  return verdicts
}

/** The record rules; the rules of the schema are compiled to SQL elsewhere. DuckDB's JSON has no half surrogate pairs. */
async function agreeWithDuckdb(plan: ValidationPlan, records: readonly unknown[], verdicts: readonly Verdict[]) {
  const held = records.flatMap((record, i) => {
    const text = JSON.stringify(record)
    return isJsonObject(record) && text.isWellFormed() && !/\\ud[89a-f]/i.test(text)
      ? [{ text, verdict: verdicts[i]! }]
      : []
  })
  if (held.length === 0 || plan.rules.length === 0) return
  const columns = plan.rules.map((rule) => sqlOfRule(rule, jsonRow('record')))
  const values = held.map((_, i) => `(${i}, CAST($r${i} AS JSON))`).join(', ')
  const reader = await duckdb.runAndReadAll(
    `SELECT ${columns.join(', ')} FROM (VALUES ${values}) AS v(i, record) ORDER BY i`,
    Object.fromEntries(held.map(({ text }, i) => [`r${i}`, text])),
  )
  for (const [i, row] of reader.getRows().entries()) {
    const { verdict, text } = held[i]!
    const own = [...(verdict.valid ? [] : verdict.violations), ...verdict.warnings]
    const broken = new Set(own.filter(({ code }) => code === 'rule').map(({ ruleId }) => ruleId))
    for (const [j, { id }] of plan.rules.entries()) assert.equal(row[j], !broken.has(id), `DuckDB: ${id} of ${text}`)
  }
}

/** The text of a value that is JSON. */
function jsonText(value: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value)
    JSON.parse(text)
    return text
  } catch {
    return undefined
  }
}

function toField(plan: FieldPlan): Field {
  const { name, type, required, rules, fields, items } = plan
  return fieldOf(name, type, {
    required,
    rules,
    ...(fields && { fields: fields.map(toField) }),
    ...(items && { items: toField(items) }),
  })
}
