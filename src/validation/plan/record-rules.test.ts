import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { contractOf, fieldOf } from '../../../test/contract/arbitraries.ts'
import { compileValidationPlan, type RecordRule } from '../../contract/index.ts'
import { compileValidator } from './validator.ts'

const FIELDS = [
  fieldOf('a', 'number', { required: false }),
  fieldOf('s', 'string', { required: false }),
  fieldOf('at', 'timestamp', { required: false }),
  fieldOf('o', 'object', { required: false, fields: [fieldOf('n', 'integer', { required: false })] }),
  fieldOf('l', 'array', { required: false, items: fieldOf('i', 'string', { required: false }) }),
]

function rule(id: string, expression: string, other: Partial<RecordRule> = {}): RecordRule {
  return { id, description: null, stage: 'enforce', field: null, expression, ...other }
}

function validatorOf(rules: readonly RecordRule[]) {
  return compileValidator(compileValidationPlan(contractOf(FIELDS, { rules })))
}

describe('record rules', () => {
  test('a violation has the id of the rule, the path of its field, and shows what the rule reads', () => {
    const validator = validatorOf([
      rule('positive', 'this.a > 0', { field: 'a', description: 'a is positive' }),
      rule('short', 'size(this.s) < 3', { stage: 'warn' }),
    ])
    assert.deepEqual(validator.validate(Buffer.from('{"a":-1,"s":"long"}')), {
      valid: false,
      violations: [
        {
          ruleId: 'positive',
          path: 'a',
          code: 'rule',
          expected: 'a is positive',
          got: '{"a":-1}',
          severity: 'error',
          stage: 'enforce',
        },
      ],
      warnings: [
        {
          ruleId: 'short',
          path: '',
          code: 'rule',
          expected: 'size(this.s) < 3',
          got: '{"s":"long"}',
          severity: 'warning',
          stage: 'warn',
        },
      ],
    })
  })

  test('a record that breaks only what is not enforced is valid, and says so', () => {
    const verdict = validatorOf([rule('shadowed', 'this.a > 0', { stage: 'shadow' })]).validate(Buffer.from('{"a":0}'))
    assert.equal(verdict.valid, true)
    assert.deepEqual(
      verdict.warnings.map(({ ruleId, stage }) => [ruleId, stage]),
      [['shadowed', 'shadow']],
    )
  })

  test('whatever the record, they give a verdict', () => {
    const validator = validatorOf([
      rule('r0', 'this.a / 3.0 > 1 || this.o.n % 2 == 0 || this.s.contains("x")'),
      rule('r1', 'this.l.all(i, i.startsWith(this.s)) && this.s < "m"'),
      rule(
        'r2',
        'timestamp(this.at) - timestamp("2013-01-01T00:00:00Z") < duration("1h") ? int(this.a) > 1 : has(this.o.n)',
      ),
    ])
    const members = fc.record({
      a: fc.jsonValue(),
      s: fc.jsonValue(),
      at: fc.jsonValue(),
      o: fc.jsonValue(),
      l: fc.jsonValue(),
    })
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          members.map((record) => JSON.stringify(record)),
        ),
        (text) => {
          assert.equal(typeof validator.validate(Buffer.from(text)).valid, 'boolean')
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test('no pattern keeps the validator busy', () => {
    const validator = validatorOf([rule('slow', 'this.s.matches("^(a+)+$") || this.s.matches("(a|aa)+b$")')])
    for (const length of [30, 1_000, 50_000])
      assert.equal(validator.validate(Buffer.from(JSON.stringify({ s: `${'a'.repeat(length)}!` }))).valid, false)
  })
})
