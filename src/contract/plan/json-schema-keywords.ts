import type { Ajv } from 'ajv'
import { isMultipleOf } from '../decimal.ts'
import type { RulePlan } from '../define.ts'
import { compareMoments, isMoment, type MomentType } from '../moment.ts'
import { compilePattern } from '../pattern/bounded-pattern.ts'
import { areDistinct } from './accepts.ts'
import { brokenRules } from './accepts-record.ts'

interface MomentBound {
  readonly type: MomentType
  readonly value: string
}

/**
 * Teaches ajv the keywords that `compileJsonSchema` uses beyond the standard, the exact meaning of `multipleOf` and `uniqueItems`, and to
 * match patterns in bounded time, as the validator does: `^(a+)+$` would keep it busy for ever.
 */
export function addContractKeywords<Instance extends Pick<Ajv, 'addKeyword' | 'removeKeyword' | 'opts'>>(
  ajv: Instance,
): Instance {
  ajv.opts.code.regExp = Object.assign(boundedExpression, { code: 'boundedExpression' })
  ajv.removeKeyword('multipleOf')
  ajv.addKeyword({
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    validate: (step: number, value: number) => isMultipleOf(value, step),
  })
  // ajv's own throws at items with a member called valueOf.
  ajv.removeKeyword('uniqueItems')
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: (wanted: boolean, items: readonly unknown[]) => !wanted || areDistinct(items),
  })
  ajv.addKeyword({
    keyword: 'x-earliest',
    type: 'string',
    validate: ({ type, value }: MomentBound, text: string) =>
      isMoment(type, text) && compareMoments(type, value, text) <= 0,
  })
  ajv.addKeyword({
    keyword: 'x-latest',
    type: 'string',
    validate: ({ type, value }: MomentBound, text: string) =>
      isMoment(type, text) && compareMoments(type, text, value) <= 0,
  })
  ajv.addKeyword({
    keyword: 'x-covenant-rules',
    type: 'object',
    schemaType: 'array',
    validate: (rules: readonly RulePlan[], record: unknown) =>
      brokenRules(rules, record).every(({ stage }) => stage !== 'enforce'),
  })
  return ajv
}

/** ajv tells patterns apart by their text. */
function boundedExpression(pattern: string): { test(text: string): boolean; toString(): string } {
  const { test } = compilePattern(pattern, 'pattern')
  return { test, toString: () => pattern }
}
