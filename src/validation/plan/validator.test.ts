import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { planOf } from '../../../test/random-plans.ts'
import type { FieldPlan } from '../../contract/index.ts'
import { reasonOf } from './expectation.ts'
import { compileValidator } from './validator.ts'

const field = (name: string, more: Partial<FieldPlan> = {}): FieldPlan => ({
  name,
  type: 'string',
  required: true,
  rules: {},
  ...more,
})

function violations(fields: readonly FieldPlan[], text: string) {
  const verdict = compileValidator(planOf(fields)).validate(Buffer.from(text))
  return verdict.valid ? [] : verdict.violations
}

describe('a verdict', () => {
  test('tells where, which rule, what was expected and what was found', () => {
    const legs = field('legs', { type: 'array', items: field('leg', { type: 'object', fields: [field('origin')] }) })
    assert.deepEqual(violations([legs], '{"legs":[{"origin":"EWR"},{"origin":7}]}'), [
      {
        ruleId: 'legs[].origin.type',
        path: 'legs[1].origin',
        code: 'type',
        expected: 'a string',
        got: '7',
        severity: 'error',
      },
    ])
  })

  test('shows a long string by its length and other long values cut', () => {
    const long = 'x'.repeat(81)
    const [text, list] = violations(
      [field('a', { rules: { maxLength: 3 } }), field('b')],
      JSON.stringify({ a: long, b: [long] }),
    )
    assert.equal(text?.got, 'string of 81 characters')
    assert.equal(list?.got.length, 80)
  })

  test('ends after 100 violations', () => {
    const many = field('list', { type: 'array', items: field('item') })
    assert.equal(violations([many], `{"list":[${Array(5_000).fill('1').join(',')}]}`).length, 100)
  })

  test('comes for values nested too deep to be walked or printed', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    assert.equal(violations([field('a')], `{"a":${deep}}`)[0]?.got, 'deeply nested array')
    const unique = field('a', { type: 'array', rules: { uniqueItems: true } })
    assert.deepEqual(
      violations([unique], `{"a":[${deep},${deep}]}`).map(({ code }) => code),
      ['uniqueItems'],
    )
  })

  test('is the same for a view into a larger buffer and for plain bytes', () => {
    const validator = compileValidator(planOf([field('a')]))
    const buffer = Buffer.from('xx{"a":"é"}yy')
    assert.equal(validator.validate(buffer.subarray(2, -2)).valid, true)
    assert.equal(validator.validate(new Uint8Array(buffer.subarray(2, -2))).valid, true)
  })

  test('does not depend on what names and patterns a plan holds', () => {
    for (const name of [
      'a"]);process.exit(9);//',
      "'",
      '`$\u{7b}x}`',
      '\u2028',
      '\\',
      '__proto__',
      'constructor',
      ' ',
      'break',
    ]) {
      const fields = [field(name, { rules: { pattern: '^["\'`/\\\\]$', enum: ['"', "'"] } })]
      const text = (value: string) => `{${JSON.stringify(name)}:${JSON.stringify(value)}}`
      for (let i = 0; i < 40; i++) {
        assert.deepEqual(violations(fields, text("'")), [])
        assert.equal(violations(fields, text('`'))[0]?.ruleId, `${name}.enum`)
      }
    }
  })
})

test('a reason names the broken rules once each, in order', () => {
  const fields = [
    field('tailnum'),
    field('distance', { type: 'integer', rules: { minimum: 50 } }),
    field('name', { rules: { minLength: 2 } }),
  ]
  const reason = reasonOf(violations(fields, '{"distance":17,"name":"x"}'))
  assert.equal(reason, 'distance must be at least 50; name must have at least 2 characters; tailnum is required')
  assert.equal(reasonOf(violations([], '{')), 'the record must be JSON')
})
