import { isMoment } from '../../moment.ts'
import type { Constant, Expression, ScalarType } from './define.ts'
import { boolean, fault, type Typed, typeName } from './typed.ts'

const COMPARISONS: ReadonlyMap<string, 'equal' | 'less' | 'lessOrEqual'> = new Map([
  ['_==_', 'equal'],
  ['_!=_', 'equal'],
  ['_<_', 'less'],
  ['_>_', 'less'],
  ['_<=_', 'lessOrEqual'],
  ['_>=_', 'lessOrEqual'],
])
const ARITHMETIC: ReadonlyMap<string, 'add' | 'subtract' | 'multiply' | 'divide' | 'remainder'> = new Map([
  ['_+_', 'add'],
  ['_-_', 'subtract'],
  ['_*_', 'multiply'],
  ['_/_', 'divide'],
  ['_%_', 'remainder'],
])
type Operation = 'integer' | 'number' | 'instant' | 'duration'
/** What `+` and `-` give, by the types of both sides. */
const SUMS: ReadonlyMap<string, Operation> = new Map([
  ['add integer integer', 'integer'],
  ['subtract integer integer', 'integer'],
  ['add number number', 'number'],
  ['subtract number number', 'number'],
  ['add instant duration', 'instant'],
  ['add duration instant', 'instant'],
  ['subtract instant duration', 'instant'],
  ['subtract instant instant', 'duration'],
  ['add duration duration', 'duration'],
  ['subtract duration duration', 'duration'],
])

/** The operators of CEL that compare, calculate and choose: which types they take, and what they become. */
export class Comparisons {
  /** `null` for a name that is none of these operators. */
  operator(name: string, [left, right]: readonly Typed[], offset: number): Typed | null {
    const comparison = COMPARISONS.get(name)
    if (comparison !== undefined) return compare(name, comparison, left!, right!, offset)
    const arithmetic = ARITHMETIC.get(name)
    if (arithmetic !== undefined) return calculate(arithmetic, left!, right!, offset)
    return name === '-_' ? negate(left!, offset) : null
  }

  choice(condition: Typed, then: Typed, otherwise: Typed, offset: number): Typed {
    if (then.type !== otherwise.type || !SCALARS.has(then.type))
      throw fault(
        `Both sides of ":" must have one type that can be compared, found ${typeName(then.type)} and ${typeName(otherwise.type)}`,
        offset,
      )
    return {
      expression: {
        op: 'if',
        condition: condition.expression,
        whenTrue: then.expression,
        whenFalse: otherwise.expression,
      },
      type: then.type,
    }
  }

  /** `x in [1, 2]` and `x in this.tags`. */
  membership(value: Typed, list: Typed, offset: number): Typed {
    if (list.options !== undefined) return listMembership(value, list.options, offset)
    if (list.type !== 'array' || list.items === undefined)
      throw fault(
        `"in" needs a list or an array whose items the contract declares, found ${typeName(list.type)}`,
        offset,
      )
    const { type } = list.items
    const item: Typed = { expression: { op: 'item', name: '@item', type }, type }
    const condition = compare('_==_', 'equal', value, item, offset).expression
    return boolean({ op: 'exists', list: list.expression, type, variable: '@item', condition })
  }
}

const SCALARS: ReadonlySet<string> = new Set(['boolean', 'integer', 'number', 'string', 'date', 'instant', 'duration'])

function listMembership(value: Typed, options: readonly Typed[], offset: number): Typed {
  const equal = options.map((option) => compare('_==_', 'equal', value, option, offset).expression)
  const constants = equal.map((test) => (test.op === 'equal' && test.right.op === 'constant' ? test.right : null))
  if (equal.length === 0) throw fault('An empty list contains nothing', offset)
  const type = equal[0]!.op === 'equal' ? equal[0].type : 'string'
  if (constants.every((constant) => constant !== null))
    return boolean({ op: 'in', type, value: value.expression, options: constants as readonly Constant[] })
  return boolean(equal.reduce((left, right) => ({ op: 'or', left, right })))
}

function compare(name: string, op: 'equal' | 'less' | 'lessOrEqual', left: Typed, right: Typed, offset: number): Typed {
  if (left.type === 'null' || right.type === 'null') return compareNull(name, left, right, offset)
  const type = commonType(left, right, offset)
  if (op !== 'equal' && type === 'boolean')
    throw fault('true and false have no order: compare them with == or !=', offset)
  const swapped = name === '_>_' || name === '_>=_'
  const [a, b] = swapped ? [right, left] : [left, right]
  const test: Expression = { op, type, left: a.expression, right: b.expression }
  return boolean(name === '_!=_' ? { op: 'not', value: test } : test)
}

function compareNull(name: string, left: Typed, right: Typed, offset: number): Typed {
  const value = left.type === 'null' ? right : left
  if (value.type === 'null') throw fault('null compared with null says nothing about the record', offset)
  if (value.type === 'list') throw fault('A list is never null', offset)
  if (name !== '_==_' && name !== '_!=_') throw fault('null has no order: compare it with == or !=', offset)
  const present: Expression = { op: 'present', value: value.expression }
  return boolean(name === '_!=_' ? present : { op: 'not', value: present })
}

function commonType(left: Typed, right: Typed, offset: number): ScalarType {
  const types = [left.type, right.type]
  if (types.includes('timestamp'))
    throw fault('Timestamps are text in JSON: compare instants, as in timestamp(this.a) < timestamp(this.b)', offset)
  if (types.includes('time'))
    throw fault('Times of day cannot be compared in rules: their texts may differ where the times do not', offset)
  if (types.includes('date')) {
    for (const side of [left, right])
      if (side.type !== 'date' && !isDateLiteral(side))
        throw fault(
          `A date is compared with a date or with a text like "2013-12-31", found ${typeName(side.type)}`,
          offset,
        )
    return 'date'
  }
  if (types.every((type) => type === 'integer' || type === 'number'))
    return types.includes('number') ? 'number' : 'integer'
  if (left.type === right.type && SCALARS.has(left.type)) return left.type as ScalarType
  if (left.type === right.type)
    throw fault(`${typeName(left.type)} cannot be compared as a whole: compare its parts`, offset)
  throw fault(`${typeName(left.type)} cannot be compared with ${typeName(right.type)}`, offset)
}

function isDateLiteral({ expression }: Typed): boolean {
  return expression.op === 'constant' && expression.type === 'string' && isMoment('date', String(expression.value))
}

function calculate(
  op: 'add' | 'subtract' | 'multiply' | 'divide' | 'remainder',
  left: Typed,
  right: Typed,
  offset: number,
): Typed {
  const sides = `${left.type} ${right.type}`
  const same = left.type === right.type && (left.type === 'integer' || (left.type === 'number' && op !== 'remainder'))
  const type =
    SUMS.get(`${op} ${sides}`) ?? (same && op !== 'add' && op !== 'subtract' ? (left.type as Operation) : null)
  if (type !== null) return { expression: { op, type, left: left.expression, right: right.expression }, type }
  if (sides === 'integer number' || sides === 'number integer')
    throw fault('CEL calculates with integers or with numbers, not with both: write 2.0, double(…) or int(…)', offset)
  if (op === 'add' && left.type === 'string')
    throw fault('Texts cannot be joined in rules: use startsWith(), endsWith(), contains() or matches()', offset)
  throw fault(`${typeName(left.type)} and ${typeName(right.type)} cannot be calculated with here`, offset)
}

function negate({ expression, type }: Typed, offset: number): Typed {
  if (type === 'integer' || type === 'number' || type === 'duration')
    return { expression: { op: 'negate', type, value: expression }, type }
  throw fault(`${typeName(type)} has no negative`, offset)
}
