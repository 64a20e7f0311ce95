import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { celEnv, parse, plan } from '@bufbuild/cel'
import { strings } from '@bufbuild/cel/ext'
import { acceptsRecord, brokenRules, type ValidationPlan } from '../../contract/index.ts'
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
  (value) => acceptsRecord({ ...PLAN, rules: [] }, value) && !comparesHalves(value),
)

/** The engine of the JavaScript client orders texts by UTF-16 units; Covenant, and CEL's definition, by code points. */
function comparesHalves(value: unknown): boolean {
  return /[\uE000-\uFFFF]/.test(JSON.stringify(value))
}

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
})
