import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { contractOf, documentArbitrary, fieldsArbitrary } from '../../../../test/contract/arbitraries.ts'
import { ruleArbitrary } from '../../../../test/contract/rule-arbitraries.ts'
import { connectPostgres, type PostgresClient } from '../../../../test/ports/postgres-client.ts'
import { type PostgresServer, postgresSkip, startPostgres } from '../../../../test/ports/postgres-server.ts'
import { isJsonObject, type Json, quoteName } from '../../../kernel/index.ts'
import type { Contract, Field, RecordRule } from '../../define.ts'
import { linearMatcher } from '../../pattern/linear.ts'
import { parsePattern } from '../../pattern/parse.ts'
import { acceptsRecord } from '../accepts-record.ts'
import { compileValidationPlan } from '../validation-plan.ts'
import { compilePostgresTable } from './index.ts'
import { planMigration } from './migration.ts'
import { postgresPattern } from './pattern.ts'

/** Without PostgreSQL on the machine a developer's run leaves this out; continuous integration installs it. */
const skip = postgresSkip

describe('tables of PostgreSQL', { skip }, () => {
  let server: PostgresServer
  let client: PostgresClient
  before(async () => {
    server = await startPostgres()
    client = await connectPostgres(server.url)
  })
  after(async () => {
    await client?.end()
    server?.stop()
  })

  test('take exactly the records that the contract accepts', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ([contract, documents]) => {
        const table = compilePostgresTable(contract, { schema: 'public' })
        const plan = compileValidationPlan(contract)
        // The schema rules of these contracts can all be expressed; rules that cannot are left out of the comparison.
        const lost = new Set(table.notEnforced.map(({ ruleId }) => ruleId))
        const enforced = { fields: plan.fields, rules: plan.rules.filter(({ id }) => !lost.has(id)) }
        await client.query(`DROP TABLE IF EXISTS c; ${scriptOf(contract)}`)
        for (const document of documents.filter((each) => isRepresentable(contract.fields, each)))
          assert.equal(
            await inserts(contract.fields, document),
            acceptsRecord(enforced, document),
            JSON.stringify(document),
          )
      }),
      { numRuns: 150 },
    )
  })

  // The oracle is the matcher of linear time: V8's own finds `\B` in the middle of a surrogate pair, where ECMA-262 has
  // no place.
  test('match patterns as ECMA-262 does', async () => {
    await fc.assert(
      fc.asyncProperty(patterns, fc.array(texts, { minLength: 1, maxLength: 8 }), async (source, samples) => {
        const pattern = isPattern(source) ? postgresPattern(source) : null
        fc.pre(typeof pattern === 'string')
        const { rows } = await client.query(
          'SELECT t ~ $1 AS matches FROM unnest($2::text[]) WITH ORDINALITY AS u (t, i) ORDER BY i',
          [pattern, samples],
        )
        assert.deepEqual(
          rows.map(({ matches }) => matches),
          samples.map(linearMatcher(parsePattern(source))!),
          `${source} as ${pattern}`,
        )
      }),
      { numRuns: 600 },
    )
  })

  async function inserts(fields: readonly Field[], document: Json): Promise<boolean> {
    const members = isJsonObject(document) ? document : {}
    const names = fields.map(({ name }) => quoteName(name)).join(', ')
    const values = fields.map((_, index) => `$${index + 1}`).join(', ')
    const parameters = fields.map(({ name, type }) => {
      const value = members[name] ?? null
      return value !== null && NESTED.includes(type) ? JSON.stringify(value) : value
    })
    try {
      await client.query(`INSERT INTO c (${names}) VALUES (${values})`, parameters)
      return true
    } catch (thrown) {
      const { code } = thrown as { code: string }
      assert.ok(code === CHECK_VIOLATION || code === NOT_NULL_VIOLATION, String(thrown))
      return false
    }
  }
})

const CHECK_VIOLATION = '23514'
const NOT_NULL_VIOLATION = '23502'
const NESTED = ['object', 'array', 'map']

const cases = fieldsArbitrary.chain((fields) =>
  fc
    .tuple(
      fc.array(ruleArbitrary(fields), { maxLength: 2 }),
      fc.array(documentArbitrary(fields), { minLength: 12, maxLength: 12 }),
    )
    .map(([rules, documents]): [Contract, Json[]] => [contractOf(fields, { rules: rules.map(ruleOf) }), documents]),
)

function ruleOf(expression: string, index: number): RecordRule {
  return { id: `rule ${index}`, description: null, stage: 'enforce', field: null, expression }
}

function scriptOf(contract: Contract): string {
  const table = compilePostgresTable(contract, { schema: 'public' })
  return planMigration(null, table, { dropColumns: false })
    .map(({ sql }) => `${sql};`)
    .join('\n')
}

/** Whether the columns can hold the record: the types fit, and moments are written as PostgreSQL gives them back. */
function isRepresentable(fields: readonly Field[], document: Json): boolean {
  return isJsonObject(document) && fields.every(({ name, type }) => fits(type, document[name] ?? null))
}

function fits(type: Field['type'], value: Json): boolean {
  if (value === null) return true
  switch (type) {
    case 'integer':
      return Number.isInteger(value) && Math.abs(value as number) < 2 ** 62
    case 'number':
      return typeof value === 'number'
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && isReal(value)
    case 'time':
      return typeof value === 'string' && /^\d\d:\d\d:\d\d(\.\d{0,5}[1-9])?$/.test(value)
    case 'timestamp':
      return typeof value === 'string' && /^\d{4}-.*T[01]\d:\d\d:\d\d(\.\d{0,5}[1-9])?Z$/.test(value) && isReal(value)
    case 'string':
    case 'boolean':
      return typeof value === type
    default:
      return true
  }
}

/** The days of the arbitrary documents that are none are refused by PostgreSQL's parser, not by a check. */
function isReal(text: string): boolean {
  const day = text.slice(0, 10)
  const at = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day)
}

const atoms = ['a', 'b', '.', '[ab]', '[^a]', '\\d', '\\w', '\\s', '\\S', '[0-9-]', '\\.', '\\u{61}', '\\x62', 'é']
const wide = ['\\p{L}', '😀', '\\uD83D\\uDE00', '[\\]a]', '[^\\]]', '\\D', '[\\w-]', '[]', '[^]']
const assertions = fc.constantFrom('^', '$', '\\b', '\\B')
const quantifiers = fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,}', '{0,2}', '*?', '{2,3}?', '{0}', '{300}')
const { pattern: patterns } = fc.letrec<{ pattern: string; piece: string }>((tie) => ({
  pattern: fc
    .array(
      fc.array(tie('piece'), { maxLength: 4 }).map((pieces) => pieces.join('')),
      { minLength: 1, maxLength: 3 },
    )
    .map((options) => options.join('|')),
  piece: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(fc.constantFrom(...atoms, ...wide), quantifiers).map((parts) => parts.join('')),
    assertions,
    fc
      .tuple(fc.constantFrom('(', '(?:', '(?<n>'), tie('pattern'), quantifiers)
      .map(([open, inner, sign]) => `${open}${inner})${sign}`),
  ),
}))
const texts = fc.string({
  unit: fc.constantFrom('a', 'b', '1', '-', '.', ' ', 'é', '😀', '\n', ']', '_', '\u2028'),
  maxLength: 8,
})

/** False for text with two groups of the same name, for example. */
function isPattern(source: string): boolean {
  try {
    return new RegExp(source, 'u').source !== ''
  } catch {
    return false
  }
}
