import type { Ajv } from 'ajv'
import { isMultipleOf } from '../decimal.ts'
import type { RulePlan } from '../define.ts'
import { compareMoments, isMoment, type MomentType } from '../moment.ts'
import { brokenRules } from './accepts-record.ts'

interface MomentBound {
  readonly type: MomentType
  readonly value: string
}

/** Teaches ajv the keywords that `compileJsonSchema` uses beyond the standard, and the exact meaning of `multipleOf`. */
export function addContractKeywords<Instance extends Pick<Ajv, 'addKeyword' | 'removeKeyword'>>(
  ajv: Instance,
): Instance {
  ajv.removeKeyword('multipleOf')
  ajv.addKeyword({
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    validate: (step: number, value: number) => isMultipleOf(value, step),
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
