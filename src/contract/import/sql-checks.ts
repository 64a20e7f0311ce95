import type { Expr } from 'pgsql-ast-parser'
import type { JsonObject } from '../../kernel/index.ts'

/** What a CHECK says about one column. */
export interface ColumnConstraint {
  readonly column: string
  readonly options: JsonObject
  /** The values that it lists; `null` where it lists none. */
  readonly values: readonly (string | number)[] | null
}

const BOUNDS: Readonly<Record<string, string>> = {
  '>=': 'minimum',
  '>': 'exclusiveMinimum',
  '<=': 'maximum',
  '<': 'exclusiveMaximum',
}
const MIRRORED: Readonly<Record<string, string>> = { '>=': '<=', '>': '<', '<=': '>=', '<': '>' }
const LENGTHS: readonly string[] = ['length', 'char_length', 'character_length']

/** The constraint of one column that a CHECK amounts to, or `null` where it says something else. */
export function constraintOf(expression: Expr): ColumnConstraint | null {
  if (expression.type === 'ternary' && expression.op === 'BETWEEN') return between(expression)
  if (expression.type !== 'binary') return null
  const { op, left, right } = expression
  if (op === 'AND') return both(constraintOf(left), constraintOf(right))
  if (op === 'IN') return listed(left, right)
  if (Object.hasOwn(BOUNDS, op)) return bound(left, op, right) ?? bound(right, MIRRORED[op]!, left)
  return null
}

function bound(left: Expr, op: string, right: Expr): ColumnConstraint | null {
  const value = numberOf(right)
  if (value === null) return null
  if (left.type === 'ref') return { column: left.name, options: { [BOUNDS[op]!]: value }, values: null }
  const argument = left.type === 'call' && LENGTHS.includes(left.function.name) ? left.args[0] : undefined
  if (argument?.type !== 'ref' || !Number.isInteger(value)) return null
  const [key, limit] = op.startsWith('>')
    ? ['minLength', op === '>' ? value + 1 : value]
    : ['maxLength', op === '<' ? value - 1 : value]
  return limit < 0 ? null : { column: argument.name, options: { [key]: limit }, values: null }
}

function between({ value, lo, hi }: Extract<Expr, { type: 'ternary' }>): ColumnConstraint | null {
  return both(bound(value, '>=', lo), bound(value, '<=', hi))
}

function listed(left: Expr, right: Expr): ColumnConstraint | null {
  if (left.type !== 'ref' || right.type !== 'list') return null
  const values = right.expressions.map((each) => (each.type === 'string' ? each.value : numberOf(each)))
  if (values.some((value) => value === null)) return null
  return { column: left.name, options: {}, values: values as (string | number)[] }
}

/** Both constraints, where they are of one column and say different things. */
function both(a: ColumnConstraint | null, b: ColumnConstraint | null): ColumnConstraint | null {
  if (a === null || b === null || a.column !== b.column || (a.values !== null && b.values !== null)) return null
  if (Object.keys(a.options).some((key) => Object.hasOwn(b.options, key))) return null
  return { column: a.column, options: { ...a.options, ...b.options }, values: a.values ?? b.values }
}

function numberOf(expression: Expr): number | null {
  if (expression.type === 'integer' || expression.type === 'numeric') return expression.value
  if (expression.type === 'unary' && expression.op === '-') {
    const value = numberOf(expression.operand)
    return value === null ? null : -value
  }
  return null
}
