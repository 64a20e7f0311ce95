/** Random rules as Confluent's clients get them, with records that keep the schema and the reference's verdict. */
import fc from 'fast-check'
import { acceptsRecord, brokenRules, compileValidationPlan } from '../../src/contract/index.ts'
import type { Json } from '../../src/kernel/index.ts'
import { clientCel } from '../../src/registry/subjects/client-cel.ts'
import { contractOf, documentArbitrary, fieldsArbitrary } from './arbitraries.ts'
import { ruleArbitrary } from './rule-arbitraries.ts'

export interface ClientRuleCase {
  /** The rule as the contract has it. */
  readonly text: string
  /** The rule as clients get it. */
  readonly expr: string
  readonly message: Json
  readonly refused: boolean
}

/** One rule with some records. Serialisers check the schema too, so that rules see values of their types only. */
export const clientRuleCases: fc.Arbitrary<readonly ClientRuleCase[]> = fieldsArbitrary
  .chain((fields) =>
    fc.tuple(
      fc.constant(fields),
      ruleArbitrary(fields, 2),
      fc.array(documentArbitrary(fields), { minLength: 4, maxLength: 8 }),
    ),
  )
  .map(([fields, text, documents]) => {
    const rule = { id: 'r', description: null, stage: 'enforce', field: null, expression: text } as const
    const plan = compileValidationPlan(contractOf(fields, { rules: [rule] }))
    const expr = clientCel(plan.rules[0]!.expression)
    return documents
      .map((document) => JSON.parse(JSON.stringify(document)) as Json)
      .filter((message) => acceptsRecord({ ...plan, rules: [] }, message))
      .map((message) => ({ text, expr, message, refused: brokenRules(plan.rules, message).length > 0 }))
  })

/**
 * The JavaScript client's engine orders texts by UTF-16 units; Covenant, and CEL's definition, by code points. They
 * differ between U+E000 to U+FFFF and the characters beyond.
 */
export function ordersAlikeInJavaScript({ text, message }: Pick<ClientRuleCase, 'text' | 'message'>): boolean {
  return !/[\uE000-\uFFFF]/.test(text + JSON.stringify(message))
}

/**
 * The Python client's engine has microseconds, Covenant nanoseconds; and it stops at a record with an integer that has
 * no 64 bits, anywhere in it.
 */
export function isWithinPython({ text, message }: Pick<ClientRuleCase, 'text' | 'message'>): boolean {
  const json = JSON.stringify(message)
  return !/\dns|\.\d{7}/.test(text + json) && !/\d{19}/.test(json)
}
