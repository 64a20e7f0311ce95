import { isJsonObject } from '../../../kernel/index.ts'
import type { LogicalType } from '../../define.ts'
import { linearMatcher } from '../../pattern/linear.ts'
import { parsePattern } from '../../pattern/parse.ts'
import { isOfType } from '../accepts.ts'
import type { Expression, ScalarType } from './define.ts'
import { toInstant } from './instant.ts'

/** Of an integer and a number a number, of an instant and a duration nanoseconds; `undefined` for no value. */
type Value = unknown

type Node<Op extends Expression['op']> = Extract<Expression, { readonly op: Op }>

/**
 * The meaning of an expression, written as plainly as possible: `true`, `false`, or `undefined` for no value. Engines
 * that execute rules are tested against it.
 *
 * @param row The record; of a change event its row.
 */
export function evaluateRule(expression: Expression, row: unknown): boolean | undefined {
  return evaluate(expression, { row, items: new Map() }) as boolean | undefined
}

interface Scope {
  readonly row: unknown
  readonly items: ReadonlyMap<string, Value>
}

function evaluate(node: Expression, scope: Scope): Value {
  switch (node.op) {
    case 'constant':
      return node.type === 'instant' || node.type === 'duration' ? BigInt(node.value) : node.value
    case 'record':
      return scope.row
    case 'item':
      return ofType(node.type, scope.items.get(node.name))
    case 'member':
      return memberOf(evaluate(node.of, scope), node)
    case 'present':
      return evaluate(node.value, scope) !== undefined
    case 'and':
      return conjunction(evaluate(node.left, scope), evaluate(node.right, scope))
    case 'or':
      return negation(conjunction(negation(evaluate(node.left, scope)), negation(evaluate(node.right, scope))))
    case 'not':
      return negation(evaluate(node.value, scope))
    case 'if': {
      const condition = evaluate(node.condition, scope)
      return condition === undefined ? undefined : evaluate(condition ? node.whenTrue : node.whenFalse, scope)
    }
    case 'all':
      return everyItem(node, scope, (value) => value)
    case 'exists':
      return negation(everyItem(node, scope, negation))
    default:
      return strict(
        node,
        operandsOf(node).map((operand) => evaluate(operand, scope)),
      )
  }
}

type Strict = Exclude<
  Expression,
  Node<'constant' | 'record' | 'item' | 'member' | 'present' | 'and' | 'or' | 'not' | 'if' | 'all' | 'exists'>
>

/** Operations that have no value where one of their operands has none. */
function strict(node: Strict, operands: readonly Value[]): Value {
  if (operands.includes(undefined)) return undefined
  const [left, right] = operands as [never, never]
  switch (node.op) {
    case 'equal':
      return left === right
    case 'less':
      return compare(node.type, left, right) < 0
    case 'lessOrEqual':
      return compare(node.type, left, right) <= 0
    case 'in':
      return node.options.some((option) => evaluate(option, { row: undefined, items: new Map() }) === left)
    case 'size':
      return sizeOf(left)
    case 'startsWith':
      return codePointsOf(right).every((point, i) => codePointsOf(left)[i] === point)
    case 'endsWith':
      return codePointsOf(right)
        .reverse()
        .every((point, i) => codePointsOf(left).at(-1 - i) === point)
    case 'contains':
      return containsAll(codePointsOf(left), codePointsOf(right))
    case 'matches':
      return linearMatcher(parsePattern(node.pattern))?.(left)
    case 'instant':
      return toInstant(left)
    case 'toNumber':
      return left
    case 'toInteger':
      return inRange('integer', Math.trunc(left))
    case 'negate':
      return -left
    default:
      return calculate(node, left, right)
  }
}

function operandsOf(node: Strict): readonly Expression[] {
  if ('left' in node) return [node.left, node.right]
  return 'part' in node ? [node.value, node.part] : [node.value]
}

function calculate(
  { op, type }: Node<'add' | 'subtract' | 'multiply' | 'divide' | 'remainder'>,
  a: number,
  b: number,
): Value {
  switch (op) {
    case 'add':
      return inRange(type, a + b)
    case 'subtract':
      return inRange(type, a - b)
    case 'multiply':
      return inRange(type, a * b)
    case 'divide':
      if (b === 0) return undefined
      return inRange(type, type === 'integer' ? (a - (a % b)) / b : a / b)
    case 'remainder':
      return b === 0 ? undefined : inRange(type, a % b)
  }
}

function inRange(type: string, value: number): number | undefined {
  if (type === 'integer') return Number.isSafeInteger(value) ? value : undefined
  return type === 'number' && !Number.isFinite(value) ? undefined : value
}

function compare(type: ScalarType, a: never, b: never): number {
  if (type === 'string') return compareCodePoints(codePointsOf(a), codePointsOf(b))
  return a < b ? -1 : a > b ? 1 : 0
}

function compareCodePoints(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((point, i) => point !== b[i])
  if (at < 0) return a.length - b.length
  return at < b.length ? a[at]! - b[at]! : 1
}

function containsAll(text: readonly number[], part: readonly number[]): boolean {
  return text.concat(-1).some((_, start) => part.every((point, i) => text[start + i] === point))
}

/** A half of a surrogate pair counts as one. */
function codePointsOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0)!)
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return codePointsOf(value).length
  return Array.isArray(value) ? value.length : Object.keys(value as object).length
}

function memberOf(parent: Value, { name, type }: Node<'member'>): Value {
  return isJsonObject(parent) && Object.hasOwn(parent, name) ? ofType(type, parent[name]) : undefined
}

function ofType(type: LogicalType, value: unknown): Value {
  return value !== null && value !== undefined && isOfType(type, value) ? value : undefined
}

function conjunction(a: Value, b: Value): boolean | undefined {
  if (a === false || b === false) return false
  return a === undefined || b === undefined ? undefined : true
}

function negation(value: Value): boolean | undefined {
  return value === undefined ? undefined : !value
}

function everyItem(
  { list, variable, condition }: Node<'all' | 'exists'>,
  scope: Scope,
  test: (value: Value) => Value,
): boolean | undefined {
  const items = evaluate(list, scope) as readonly unknown[] | undefined
  if (items === undefined) return undefined
  const results = items.map((item) =>
    test(evaluate(condition, { ...scope, items: new Map(scope.items).set(variable, item) })),
  )
  return results.reduce<boolean | undefined>(conjunction, true)
}
