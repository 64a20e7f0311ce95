import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { celEnv, parse, plan } from '@bufbuild/cel'
import { strings } from '@bufbuild/cel/ext'
import fc from 'fast-check'
import { clientRuleCases, ordersAlikeInJavaScript } from '../../../test/contract/client-rules.ts'
import { acceptsRecord, brokenRules, compileRule, type ValidationPlan } from '../../contract/index.ts'
import type { Json } from '../../kernel/index.ts'
import { clientCel } from './client-cel.ts'

const { plan: PLAN, records: RECORDS } = JSON.parse(
  readFileSync(new URL('../../../conformance/validation/rules.json', import.meta.url), 'utf8'),
) as { readonly plan: ValidationPlan; readonly records: readonly { readonly text: string }[] }

const ENV = celEnv({ funcs: strings })

/** Judges as Confluent's JavaScript client does: the same engine, the guard before a semicolon, `false` refuses. */
function clientRefuses(expr: string, message: unknown): boolean {
  const at = expr.indexOf(';')
  const [guard, rule] = at < 0 ? ['true', expr] : [expr.slice(0, at), expr.slice(at + 1)]
  const judge = (text: string) => plan(ENV, parse(text))({ message } as never)
  if (judge(guard) === false) return false
  const verdict = judge(rule)
  assert.equal(typeof verdict, 'boolean', `${rule} gives ${String(verdict)} for ${JSON.stringify(message)}`)
  return verdict === false
}

/** Serialisers check the schema too, so that rules see values of their types only. */
const VALUES: readonly unknown[] = RECORDS.map(({ text }) => JSON.parse(text) as unknown).filter(
  (value) =>
    acceptsRecord({ ...PLAN, rules: [] }, value) && ordersAlikeInJavaScript({ text: '', message: value as Json }),
)

suite('the CEL that clients execute', () => {
  for (const rule of PLAN.rules)
    test(`${rule.id}: refuses what the rule refuses, and has a verdict on every record`, () => {
      const expr = clientCel(rule.expression)
      for (const value of VALUES)
        assert.equal(
          clientRefuses(expr, value),
          brokenRules([rule], value).length > 0,
          `${expr} of ${JSON.stringify(value)}`,
        )
    })

  test('refuses what the rule refuses, whatever the rule and the record', () => {
    fc.assert(
      fc.property(clientRuleCases, (cases) => {
        for (const each of cases.filter(ordersAlikeInJavaScript))
          assert.equal(clientRefuses(each.expr, each.message), each.refused, JSON.stringify(each))
      }),
      { numRuns: 600 },
    )
  })

  test('differs from it where the guide says so: texts beyond U+E000, by UTF-16 units', () => {
    const expr = '"\u{1F600}" < "\uFF5E"'
    const node = compileRule(expr, [], null)
    assert.ok('expression' in node)
    const broken = brokenRules([{ ...PLAN.rules[0]!, stage: 'enforce', expression: node.expression }], {})
    assert.deepEqual([clientRefuses(clientCel(node.expression), {}), broken.length > 0], [false, true])
  })
})
