import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { eventText, moments, planOf, randomFields } from '../../../test/random-plans.ts'
import {
  compareMoments,
  type FieldPlan,
  type FieldRules,
  type LogicalType,
  MOMENT_PATTERNS,
} from '../../contract/index.ts'
import { isJsonObject } from '../../kernel/index.ts'
import { compileValidator } from './validator.ts'

describe('the generated validator agrees with ajv', () => {
  test('on random plans and random documents', () => {
    fc.assert(
      fc.property(
        randomFields.chain((fields) =>
          fc.tuple(fc.constant(fields), fc.array(eventText(fields), { minLength: 5, maxLength: 12 })),
        ),
        ([fields, texts]) =>
          agree(
            fields,
            texts.map((text) => Buffer.from(text)),
          ),
      ),
      { numRuns: 250 },
    )
  })

  test('on documents with damaged bytes', () => {
    const damaged = randomFields.chain((fields) =>
      fc.tuple(
        fc.constant(fields),
        eventText(fields),
        fc.nat(),
        fc.nat(255),
        fc.constantFrom('replace', 'insert', 'cut'),
      ),
    )
    fc.assert(
      fc.property(damaged, ([fields, text, position, byte, how]) => {
        const bytes = Buffer.from(text)
        const at = position % bytes.length
        if (how === 'cut') return agree(fields, [bytes.subarray(0, at)])
        const tail = bytes.subarray(how === 'replace' ? at + 1 : at)
        agree(fields, [Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), tail])])
      }),
      { numRuns: 300 },
    )
  })

  test('on change events in the Debezium envelope', () => {
    const rows = randomFields.chain((fields) =>
      fc.tuple(fc.constant(fields), fc.constantFrom('c', 'u', 'r', 'd', 'x', ''), eventText(fields), eventText(fields)),
    )
    fc.assert(
      fc.property(rows, ([fields, op, before, after]) => {
        const key = fields.length > 0 ? [fields[0]!.name] : []
        const validator = compileValidator(planOf(fields, { cdc: 'debezium', key }))
        const verdict = validator.validate(Buffer.from(`{"before":${before},"after":${after},"op":"${op}"}`))
        const keyFields = fields.filter(({ name }) => key.includes(name))
        const row = op === 'd' ? oracle(keyFields)(JSON.parse(before)) : oracle(fields)(JSON.parse(after))
        assert.equal(verdict.valid, 'cudr'.includes(op) && op !== '' && row)
      }),
      { numRuns: 200 },
    )
  })

  test('moments are read as their definition says', () => {
    fc.assert(
      fc.property(moments, (text) => {
        for (const type of ['timestamp', 'date', 'time'] as const) {
          const plan = planOf([{ name: 'm', type, required: true, rules: {} }])
          const expected = new RegExp(MOMENT_PATTERNS[type], 'u').test(text)
          assert.equal(compileValidator(plan).validate(Buffer.from(JSON.stringify({ m: text }))).valid, expected, text)
        }
      }),
      { numRuns: 3_000 },
    )
  })
})

/** The verdict by fast path, by the full walk and by ajv; repeated, since what was seen may change the fast path. */
function agree(fields: readonly FieldPlan[], documents: readonly Uint8Array[]): void {
  const validator = compileValidator(planOf(fields))
  const conforms = oracle(fields)
  for (let round = 0; round < 3; round++)
    for (const document of documents) {
      const value = parse(document)
      const verdict = validator.validate(document)
      assert.equal(verdict.valid, value !== undefined && conforms(value), Buffer.from(document).toString())
      if (!verdict.valid) assert.ok(verdict.violations.length > 0 && verdict.violations.length <= 100)
    }
}

function parse(document: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(document))
  } catch {
    return undefined
  }
}

function oracle(fields: readonly FieldPlan[]): (value: unknown) => boolean {
  const ajv = new Ajv({ strict: false, ownProperties: true, unicodeRegExp: true, validateSchema: false })
  ajv.addKeyword({
    keyword: 'decimalMultipleOf',
    type: 'number',
    validate: (step: number, value: number) => {
      const thousandths = inThousandths(value)
      return thousandths !== null && thousandths % BigInt(Math.round(step * 1_000)) === 0n
    },
  })
  for (const [keyword, sign] of [
    ['earliest', 1],
    ['latest', -1],
  ] as const)
    ajv.addKeyword({
      keyword,
      type: 'string',
      validate: ([type, bound]: ['date' | 'timestamp' | 'time', string], value: string) =>
        !new RegExp(MOMENT_PATTERNS[type], 'u').test(value) || compareMoments(type, value, bound) * sign >= 0,
    })
  const validate = ajv.compile(objectSchema(fields))
  return (value) => isJsonObject(value) && validate(value) === true
}

function objectSchema(fields: readonly FieldPlan[]): object {
  const properties = Object.fromEntries(fields.map((field) => [field.name, schemaOf(field)]))
  return { type: 'object', required: fields.filter(({ required }) => required).map(({ name }) => name), properties }
}

function schemaOf(field: FieldPlan): object {
  const schema = { ...typeSchema(field), ...ruleSchema(field.rules, field.type) }
  return field.required ? schema : { anyOf: [{ type: 'null' }, schema] }
}

function typeSchema({ type, fields = [], items }: FieldPlan): object {
  switch (type) {
    case 'integer':
      return { type, allOf: [{ minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }] }
    case 'object':
      return objectSchema(fields)
    case 'array':
      return { type, items: items ? schemaOf(items) : {} }
    case 'map':
      return { type: 'object', additionalProperties: items ? schemaOf(items) : {} }
    case 'timestamp':
    case 'date':
    case 'time':
      return { type: 'string', pattern: MOMENT_PATTERNS[type] }
    default:
      return { type }
  }
}

function ruleSchema({ multipleOf, earliest, latest, ...rules }: FieldRules, type: LogicalType): object {
  return {
    ...rules,
    ...(multipleOf === undefined ? {} : { decimalMultipleOf: multipleOf }),
    ...(earliest === undefined ? {} : { earliest: [type, earliest] }),
    ...(latest === undefined ? {} : { latest: [type, latest] }),
  }
}

/** The number as it is written in decimal, times 1,000; `null` where that is not whole. */
function inThousandths(value: number): bigint | null {
  if (!Number.isFinite(value)) return null
  const [mantissa, exponent = '0'] = value.toString().split('e') as [string, string?]
  const [whole, fraction = ''] = mantissa.split('.') as [string, string?]
  const shift = Number(exponent) + 3 - fraction.length
  if (shift >= 0) return BigInt(whole + fraction + '0'.repeat(shift))
  const digits = BigInt(whole + fraction)
  const divisor = 10n ** BigInt(-shift)
  return digits % divisor === 0n ? digits / divisor : null
}
