import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { FieldPlan } from '../../define.ts'
import { compileRule } from './compile.ts'
import { evaluateRule } from './evaluate.ts'

const field = (name: string, type: FieldPlan['type'], other: Partial<FieldPlan> = {}): FieldPlan => ({
  name,
  type,
  required: false,
  rules: {},
  ...other,
})

const FIELDS: readonly FieldPlan[] = [
  field('amount', 'number'),
  field('quantity', 'integer'),
  field('currency', 'string'),
  field('paid', 'boolean'),
  field('placed_at', 'timestamp'),
  field('delivered_at', 'timestamp'),
  field('day', 'date'),
  field('clock', 'time'),
  field('address', 'object', { fields: [field('zip', 'string'), field('since', 'date')] }),
  field('tags', 'array', { items: field('tag', 'string') }),
  field('lines', 'array', { items: field('line', 'object', { fields: [field('price', 'number')] }) }),
  field('labels', 'map', { items: field('label', 'integer') }),
]

function verdict(text: string, record: unknown): boolean | undefined {
  const compiled = compileRule(text, FIELDS, 'amount')
  assert.ok('expression' in compiled, `${text}: ${'fault' in compiled && compiled.fault.message}`)
  return evaluateRule(compiled.expression, record)
}

/** Text, record, and whether it holds; `undefined` for no value. */
const MEANINGS: readonly (readonly [string, unknown, boolean | undefined])[] = [
  ['this.amount > 0', { amount: 0.5 }, true],
  ['message.amount > 0.0', { amount: -1 }, false],
  ['value >= 0', { amount: -1 }, false],
  ['this.amount > 0', {}, undefined],
  ['this.amount > 0', { amount: null }, undefined],
  ['this.amount > 0', { amount: 'x' }, undefined],
  ['this.amount == null', {}, true],
  ['this.amount != null', { amount: 0 }, true],
  ['has(this.amount)', { amount: null }, false],
  ['!has(this.amount) || this.amount > 0', {}, true],
  ['this.amount > 0 && this.quantity > 0', { amount: -1 }, false],
  ['this.amount > 0 && this.quantity > 0', { amount: 1 }, undefined],
  ['this.amount > 0 || this.quantity > 0', { quantity: 1 }, true],
  ['this.paid ? this.amount > 0 : this.amount == 0', { paid: false, amount: 0 }, true],
  ['this.amount + 0.1 == 0.3', { amount: 0.2 }, false],
  ['this.quantity * this.quantity > 0', { quantity: 9_007_199_254_740_991 }, undefined],
  ['this.quantity / 2 == -3', { quantity: -7 }, true],
  ['this.quantity % 2 == -1', { quantity: -7 }, true],
  ['1 / this.quantity == 1', { quantity: 0 }, undefined],
  ['this.amount / 0.0 > 1', { amount: 1 }, undefined],
  ['double(this.quantity) * 1.5 == 3', { quantity: 2 }, true],
  ['int(this.amount) == -1', { amount: -1.9 }, true],
  ['this.currency in ["EUR", "USD"]', { currency: 'eur' }, false],
  ['this.currency in ["EUR", "USD"]', {}, undefined],
  ['size(this.currency) == 1', { currency: '\u{1F600}' }, true],
  ['this.currency < "\u{1F600}"', { currency: '\uFF5E' }, true],
  ['this.currency.startsWith("\u{1F600}")', { currency: '\u{1F600}x' }, true],
  ['this.currency.contains("b")', { currency: 'abc' }, true],
  ['this.currency.matches("^[A-Z]{3}$")', { currency: 'EUR\n' }, false],
  ['this.currency.matches("^a.c$")', { currency: 'a\u2028c' }, true],
  [
    'timestamp(this.delivered_at) - timestamp(this.placed_at) <= duration("1h")',
    { placed_at: '2013-01-01T00:00:00Z', delivered_at: '2013-01-01T02:00:00+01:00' },
    true,
  ],
  [
    'timestamp(this.placed_at) > timestamp("2013-01-01T00:00:00.000000001Z")',
    { placed_at: '2013-01-01T00:00:00.0000000019Z' },
    false,
  ],
  ['this.day >= "2013-01-01"', { day: '2012-12-31' }, false],
  ['this.address.zip == "1"', { address: { zip: '1' } }, true],
  ['this.address.zip == "1"', { address: 3 }, undefined],
  ['"x" in this.tags', { tags: ['x', null] }, true],
  ['"x" in this.tags', { tags: ['y', null] }, undefined],
  ['this.tags.all(t, size(t) > 0)', { tags: [] }, true],
  ['this.lines.exists(l, l.price > 10)', { lines: [{ price: 1 }, {}, { price: 11 }] }, true],
  ['this.labels["a"] == 1', { labels: { a: 1 } }, true],
  ['size(this.labels) == 2', { labels: { a: 1, b: 'x' } }, true],
]

describe('what rules mean', () => {
  for (const [text, record, expected] of MEANINGS)
    test(`${text} of ${JSON.stringify(record)}`, () => assert.equal(verdict(text, record), expected))
})

/** Text, place of the fault, and what its message says. */
const FAULTS: readonly (readonly [string, number, RegExp])[] = [
  ['this.amount', 4, /true or false, this is a number/],
  ['this.amount > "1"', 12, /a number \(double\) cannot be compared with a string/],
  ['this.amout > 1', 4, /no member "amout" here\. Did you mean "amount"\?/],
  ['amount > 1', 0, /Did you mean "this\.amount"\?/],
  ['this.amount * 2 > 1', 12, /write 2\.0/],
  ['this.placed_at < this.delivered_at', 15, /timestamp\(this\.a\)/],
  ['this.clock == "10:15:00"', 11, /Times of day/],
  ['this.day > "yesterday"', 9, /like "2013-12-31"/],
  ['this.currency + "x" == "y"', 14, /cannot be joined/],
  ['this.currency.matches("(?=a)")', 13, /"\(\?=a\)" begins a look-around/],
  ['this.currency.matches("(a")', 13, /cannot be used/],
  ['this.currency.lowerAscii() == "a"', 13, /lowerAscii\(\) is not supported/],
  ['timestamp(this.placed_at) < now', 28, /"now" is not supported/],
  ['this.tags.map(t, t) == []', 9, /map\(\) is not supported/],
  ['this.amount >', 12, /no valid CEL/],
  ['99999999999999999 > this.quantity', 0, /2\^53/],
  ['this.paid < true', 10, /no order/],
  ['this.address == this.address', 13, /as a whole/],
  ['1u < 2u', 0, /Unsigned/],
]

describe('what rules do not have is told with its place', () => {
  for (const [text, offset, message] of FAULTS)
    test(text, () => {
      const compiled = compileRule(text, FIELDS, null)
      assert.ok('fault' in compiled)
      assert.match(compiled.fault.message, message)
      assert.equal(compiled.fault.offset, offset)
    })
})

const PIECES = [
  'this',
  '.',
  'amount',
  'tags',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '?',
  ':',
  '&&',
  '||',
  '!',
  '-',
  '+',
  '*',
  '==',
  '<',
  'in',
  ' ',
  '"',
  "'",
  '\\',
  '1',
  '2.5',
  '1e9',
  'u',
  'null',
  'has(',
  '.all(x,',
  '.exists(x,',
  'timestamp(',
  '.matches("',
  'r"',
  '"""',
  '\n',
  '//',
  '\u{1F600}',
  '\ud800',
  'b"',
  '@',
  '`',
]

test('any text gives a tree or a fault, at once', () => {
  const text = fc.oneof(
    fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.tuple(fc.constantFrom(...PIECES), fc.integer({ min: 1, max: 4_000 })).map(([piece, n]) => piece.repeat(n)),
    fc.tuple(fc.constantFrom(...MEANINGS), fc.nat(), fc.constantFrom(...PIECES)).map(([[whole], at, piece]) => {
      const cut = at % whole.length
      return whole.slice(0, cut) + piece + whole.slice(cut)
    }),
  )
  fc.assert(
    fc.property(text, (source) => {
      const compiled = compileRule(source, FIELDS, null)
      if ('fault' in compiled) assert.ok(compiled.fault.offset >= 0 && compiled.fault.offset <= source.length)
      else evaluateRule(compiled.expression, { amount: 1, tags: ['a'] })
    }),
    { numRuns: 2_000 },
  )
})
