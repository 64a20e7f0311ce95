import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { changed, contractOf, fieldOf, fieldsArbitrary } from '../../../test/contract/arbitraries.ts'
import { ORDERS } from '../../../test/contract/orders.ts'
import { canonicalJson } from '../../kernel/index.ts'
import type { Contract, Expectation, Field, QualityRule, RecordRule, SlaProperty } from '../define.ts'
import { acceptsRecord } from '../plan/accepts-record.ts'
import { compileValidationPlan } from '../plan/validation-plan.ts'
import { readContract } from '../read/index.ts'
import { contractChanges, requiredBump } from './changes.ts'
import { compatibility } from './index.ts'
import { checkCompatibility } from './modes.ts'

const FIELDS = [fieldOf('id', 'integer'), fieldOf('low', 'number'), fieldOf('high', 'number', { required: false })]
const older = contractOf(FIELDS, { hash: 'a' })

function later(other: Partial<Contract>): Contract {
  return { ...older, version: '1.1.0', hash: 'b', ...other }
}

function lines(before: Partial<Contract>, after: Partial<Contract>): readonly string[] {
  return contractChanges({ ...older, ...before }, later(after)).map(
    ({ effect, path, rule, change, breaks }) =>
      `${effect} ${path} ${rule} ${change}${breaks.map((each) => ` ${each}`).join('')}`,
  )
}

function ruleOf(expression: string, stage: RecordRule['stage'] = 'enforce'): RecordRule {
  return { id: 'r', description: null, stage, field: null, expression }
}

suite('record rules', () => {
  const ordered = ruleOf('this.low <= this.high')
  const cases: readonly (readonly [string, readonly RecordRule[], readonly RecordRule[], readonly string[]])[] = [
    ['a new enforced rule breaks writers', [], [ordered], ['major rules.r record-rule added writers']],
    ['a new rule in shadow breaks nobody', [], [{ ...ordered, stage: 'shadow' }], ['minor rules.r record-rule added']],
    [
      'a rule raised to enforce breaks writers',
      [{ ...ordered, stage: 'warn' }],
      [ordered],
      ['major rules.r record-rule changed writers'],
    ],
    ['an enforced rule removed breaks readers', [ordered], [], ['major rules.r record-rule removed readers']],
    [
      'a tightened rule breaks writers',
      [ruleOf('this.low < 9.0')],
      [ruleOf('this.low < 5.0')],
      ['major rules.r record-rule changed readers writers'],
    ],
    [
      'other words of a rule are words',
      [ordered],
      [{ ...ordered, description: 'Low first.' }],
      ['patch rules.r description added'],
    ],
  ]
  for (const [name, before, after, expected] of cases)
    test(name, () => {
      assert.deepEqual(lines({ rules: before }, { rules: after }), expected)
    })

  test('each has a record that one version accepts and the other refuses', () => {
    const expressions = [
      'this.low <= this.high',
      'this.id > 100',
      'this.id % 7 == 3',
      'this.low + this.high < 1000.0',
      'has(this.high)',
    ]
    for (const expression of expressions) {
      const strict = later({ rules: [ruleOf(expression)] })
      const [found] = compatibility(older, strict)
      assert.notEqual(found?.witness ?? null, null, expression)
      assert.equal(acceptsRecord(compileValidationPlan(older), found!.witness), true, expression)
      assert.equal(acceptsRecord(compileValidationPlan(strict), found!.witness), false, expression)
    }
  })
})

suite('quality rules', () => {
  const rule = (expect: Expectation, other: Partial<QualityRule> = {}): QualityRule => ({
    id: 'q',
    description: null,
    dimension: null,
    severity: 'error',
    field: null,
    check: { type: 'library', metric: 'nullValues', arguments: {}, unit: 'percent' },
    expect,
    ...other,
  })
  const [five, nine] = [rule({ op: 'le', value: 5 }), rule({ op: 'le', value: 9 })]
  const loosened = ['major quality.q quality changed readers']
  const cases: readonly (readonly [string, readonly QualityRule[], readonly QualityRule[], readonly string[]])[] = [
    ['loosened', [five], [nine], loosened],
    ['tightened', [nine], [five], ['minor quality.q quality changed']],
    ['removed', [five], [], ['major quality.q quality removed readers']],
    ['added', [], [five], ['minor quality.q quality added']],
    ['only a warning', [five], [{ ...five, severity: 'warning' }], loosened],
    [
      'the same in other words',
      [rule({ op: 'between', low: 0, high: 5 })],
      [rule({ op: 'eq', value: 0 })],
      ['minor quality.q quality changed'],
    ],
    ['a hole filled', [rule({ op: 'ne', value: 3 })], [rule({ op: 'ge', value: 0 })], loosened],
    [
      'outside a hole',
      [rule({ op: 'ne', value: 3 })],
      [rule({ op: 'gt', value: 3 })],
      ['minor quality.q quality changed'],
    ],
  ]
  for (const [name, before, after, expected] of cases)
    test(name, () => {
      assert.deepEqual(lines({ quality: before }, { quality: after }), expected)
    })

  test('both expectations are said in words', () => {
    const [found] = compatibility({ ...older, quality: [five] }, later({ quality: [nine] }))
    assert.match(found!.message, /promised nullValues ≤ 5 percent and now promises nullValues ≤ 9 percent/)
  })
})

suite('service levels', () => {
  const level = (property: string, value: SlaProperty['value'], unit: string | null): SlaProperty => ({
    property,
    value,
    unit,
    valueMs: null,
    field: null,
    schedule: null,
  })
  const cases: readonly (readonly [string, SlaProperty['value'], SlaProperty['value'], string | null])[] = [
    ['availability', 99.9, 99, 'percent'],
    ['throughput', 100, 50, 'records/s'],
    ['errorRate', 1, 2, 'percent'],
    ['generalAvailability', '2030-01-01', '2030-02-01', null],
    ['endOfSupport', '2030-02-01', '2030-01-01', null],
    ['endOfLife', '2030-02-01', '2030-01-01', null],
    ['retention', 2, 1, 'years'],
    ['frequency', 1, 2, 'd'],
    ['latency', 1, 2, 'h'],
    ['timeToDetect', 5, 10, 'min'],
    ['timeToNotify', 5, 10, 'min'],
    ['timeToRepair', 5, 10, 'min'],
  ]
  for (const [property, more, less, unit] of cases)
    test(`${property}: loosened breaks readers, tightened nobody`, () => {
      const [strict, loose] = [level(property, more, unit), level(property, less, unit)]
      const rule = property === 'latency' ? 'sla-latency' : 'sla'
      assert.deepEqual(lines({ sla: [strict] }, { sla: [loose] }), [
        `major slaProperties.${property} ${rule} changed readers`,
      ])
      assert.deepEqual(lines({ sla: [loose] }, { sla: [strict] }), [`minor slaProperties.${property} ${rule} changed`])
    })

  test('the same in another unit is the same, and a smaller share is less', () => {
    const hour = level('latency', 1, 'h')
    assert.deepEqual(compatibility({ ...older, sla: [hour] }, later({ sla: [level('latency', 60, 'min')] })), [])
    const mostly = { ...hour, objective: { percent: 99, windowMs: 86_400_000 } }
    assert.equal(compatibility({ ...older, sla: [hour] }, later({ sla: [mostly] })).length, 1)
  })
})

suite('semantics', () => {
  const said = (semantics: object, other: object = {}) => ({
    fields: [
      fieldOf('id', 'integer', {
        ...other,
        semantics: {
          businessName: null,
          classification: null,
          semanticType: null,
          tags: [],
          synonyms: [],
          definitions: [],
          deprecated: false,
          ...semantics,
        },
      }),
    ],
  })
  const cases: readonly (readonly [string, Partial<Contract>, Partial<Contract>, readonly string[]])[] = [
    [
      'a loosened classification',
      said({ classification: 'PII' }),
      said({ classification: 'public' }),
      ['major id classification changed readers'],
    ],
    [
      'a tightened classification',
      said({ classification: 'public' }),
      said({ classification: 'PII' }),
      ['minor id classification changed'],
    ],
    [
      'a measure that became a dimension',
      said({ semanticType: 'measure' }),
      said({ semanticType: 'dimension' }),
      ['major id semantics changed readers'],
    ],
    [
      'a business name',
      said({ businessName: 'Id' }),
      said({ businessName: 'Order id' }),
      ['patch id businessName changed'],
    ],
    ['no longer unique', said({}, { unique: true }), said({}), ['major id unique removed readers']],
    [
      'no longer the primary key',
      said({}, { primaryKeyPosition: 1 }),
      said({}),
      ['major id primary-key removed readers'],
    ],
  ]
  for (const [name, before, after, expected] of cases)
    test(name, () => {
      assert.deepEqual(lines(before, after), expected)
    })
})

test('fields that come and go are one change each, and nested ones are named', () => {
  const wide = [
    ...FIELDS,
    fieldOf('note', 'object', { required: false, fields: [fieldOf('text', 'string', { rules: { maxLength: 3 } })] }),
  ]
  assert.deepEqual(lines({}, { fields: wide }), ['minor note field-added added'])
  assert.deepEqual(lines({ fields: wide }, {}), ['minor note field-removed removed'])
  assert.deepEqual(lines({}, { fields: FIELDS.slice(1) }), ['major id field-removed removed readers'])
})

test('two levels of one property are two, told apart by their element', () => {
  const latency = (field: string, hours: number): SlaProperty => ({
    property: 'latency',
    value: hours,
    unit: 'h',
    valueMs: hours * 3_600_000,
    field,
    schedule: null,
  })
  const sla = (a: number, b: number) => ({ sla: [latency('low', a), latency('high', b)] })
  assert.deepEqual(lines(sla(1, 1), sla(2, 1)), ['major slaProperties.latency(low) sla-latency changed readers'])
  assert.deepEqual(lines(sla(2, 1), sla(1, 2)), [
    'major slaProperties.latency(high) sla-latency changed readers',
    'minor slaProperties.latency(low) sla-latency changed',
  ])
})

test('a text that ends in a full stop is quoted in messages', () => {
  const [change] = contractChanges({ ...older, purpose: 'Old words.' }, later({ purpose: 'New words.' }))
  assert.equal(change?.message, 'The purpose changed from "Old words." to "New words.".')
})

test('the bump follows from the change', () => {
  const contract = readContract(ORDERS, 'orders')
  const edited = (from: string, to: string) => readContract(ORDERS.replace(from, to), 'orders')
  assert.equal(requiredBump(contract, contract), 'none')
  assert.equal(requiredBump(contract, edited('limitations: Orders of', 'limitations: Some orders of')), 'patch')
  assert.equal(
    requiredBump(contract, edited('maxLength: 10', 'maxLength: 10\n              pattern: ^[0-9A-Z -]*$')),
    'major',
  )
  assert.equal(requiredBump(contract, edited('value: 99.9', 'value: 99.95')), 'minor')
  assert.equal(requiredBump(contract, edited('value: 99.9', 'value: 99')), 'major')
})

test('no change is missed: what differs in fields is listed, and what breaks is major', () => {
  const pairs = fieldsArbitrary.chain((fields) => fc.tuple(fc.constant(fields), changed(fields)))
  fc.assert(
    fc.property(pairs, ([before, after]) => {
      const [one, other] = [contractOf(before, { hash: 'a' }), contractOf(after, { hash: 'b', version: '1.1.0' })]
      const changes = contractChanges(one, other)
      const breaking = compatibility(one, other)
      assert.equal(
        changes.some(({ effect }) => effect === 'major'),
        breaking.length > 0,
      )
      assert.equal(
        changes.every(({ rule }) => rule === 'words'),
        said(before) === said(after),
      )
      for (const { breaks, effect } of changes) assert.equal(breaks.length > 0, effect === 'major')
    }),
    { numRuns: 300 },
  )
})

/** Fields as text, whatever their order; a rule that is false says nothing. */
function said(fields: readonly Field[]): string {
  const one = (field: Field): unknown => ({
    ...field,
    rules: Object.fromEntries(Object.entries(field.rules).filter(([, value]) => value !== false)),
    fields: field.fields?.map(one).toSorted(byText),
    items: field.items && one(field.items),
  })
  return canonicalJson(fields.map(one).toSorted(byText))
}

function byText(a: unknown, b: unknown): number {
  return canonicalJson(a) < canonicalJson(b) ? -1 : 1
}

suite('modes', () => {
  const [wide, narrow] = [
    contractOf([fieldOf('n', 'number')]),
    contractOf([fieldOf('n', 'integer')], { version: '1.1.0' }),
  ]
  const cases: readonly (readonly [Contract['compatibility'], boolean])[] = [
    ['NONE', true],
    ['BACKWARD', false],
    ['FORWARD', true],
    ['FULL', false],
    ['BACKWARD_TRANSITIVE', false],
    ['FORWARD_TRANSITIVE', true],
  ]
  for (const [mode, fits] of cases)
    test(`${mode} ${fits ? 'allows' : 'refuses'} numbers that became whole numbers`, () => {
      assert.equal(checkCompatibility(narrow, [wide], mode).length === 0, fits)
    })

  test('the transitive modes look at all versions of the major, the others at the newest', () => {
    const candidate = { ...wide, version: '1.2.0' }
    const other = { ...narrow, version: '0.9.0' }
    const versions = (mode: Contract['compatibility']) =>
      checkCompatibility(candidate, [other, { ...narrow, version: '1.0.0' }, wide], mode).map(({ version }) => version)
    assert.deepEqual(versions('FORWARD'), [])
    assert.deepEqual(versions('FORWARD_TRANSITIVE'), ['1.0.0'])
  })

  test('another topic breaks everybody but under NONE', () => {
    const moved = { ...wide, version: '1.1.0', topic: 'elsewhere' }
    assert.equal(checkCompatibility(moved, [wide], 'BACKWARD').length, 1)
    assert.equal(checkCompatibility(moved, [wide], 'NONE').length, 0)
  })
})
