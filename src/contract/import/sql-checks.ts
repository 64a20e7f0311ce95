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
  if (op === 'IN') return right.type === 'list' ? listed(left, right.expressions) : null
  const any = op === '=' ? anyOf(right) : null
  if (any !== null) return listed(left, any)
  if (Object.hasOwn(BOUNDS, op)) return bound(left, op, right) ?? bound(right, MIRRORED[op]!, left)
  return null
}

function bound(left: Expr, op: string, right: Expr): ColumnConstraint | null {
  const value = numberOf(right)
  if (value === null) return null
  const column = columnOf(left)
  if (column !== null) return { column, options: { [BOUNDS[op]!]: value }, values: null }
  const argument = left.type === 'call' && LENGTHS.includes(left.function.name) ? left.args[0] : undefined
  const measured = argument === undefined ? null : columnOf(argument)
  if (measured === null || !Number.isInteger(value)) return null
  const [key, limit] = op.startsWith('>')
    ? ['minLength', op === '>' ? value + 1 : value]
    : ['maxLength', op === '<' ? value - 1 : value]
  return limit < 0 ? null : { column: measured, options: { [key]: limit }, values: null }
}

function between({ value, lo, hi }: Extract<Expr, { type: 'ternary' }>): ColumnConstraint | null {
  return both(bound(value, '>=', lo), bound(value, '<=', hi))
}

function listed(left: Expr, list: readonly Expr[]): ColumnConstraint | null {
  const column = columnOf(left)
  const values = list.map((each) => textOf(each) ?? numberOf(each))
  if (column === null || values.some((value) => value === null)) return null
  return { column, options: {}, values: values as (string | number)[] }
}

/** The values of `ANY (ARRAY[…])`, which is how PostgreSQL itself writes a list. */
function anyOf(expression: Expr): readonly Expr[] | null {
  if (expression.type !== 'call' || expression.function.name !== 'any') return null
  let [list] = expression.args
  if (list?.type === 'cast' && list.to.kind === 'array') list = list.operand
  return list?.type === 'array' ? list.expressions : null
}

/** Both constraints, where they are of one column and say different things. */
function both(a: ColumnConstraint | null, b: ColumnConstraint | null): ColumnConstraint | null {
  if (a === null || b === null || a.column !== b.column || (a.values !== null && b.values !== null)) return null
  if (Object.keys(a.options).some((key) => Object.hasOwn(b.options, key))) return null
  return { column: a.column, options: { ...a.options, ...b.options }, values: a.values ?? b.values }
}

/** A column, also as the text that a dump makes of it before it compares. */
function columnOf(expression: Expr): string | null {
  if (expression.type === 'ref') return expression.name
  return isCast(expression, TEXTS) ? columnOf(expression.operand) : null
}

function textOf(expression: Expr): string | null {
  if (expression.type === 'string') return expression.value
  return isCast(expression, TEXTS) ? textOf(expression.operand) : null
}

function numberOf(expression: Expr): number | null {
  if (expression.type === 'integer' || expression.type === 'numeric') return expression.value
  if (expression.type === 'unary' && expression.op === '-') {
    const value = numberOf(expression.operand)
    return value === null ? null : -value
  }
  if (!isCast(expression, NUMBERS)) return null
  const { operand } = expression
  const isNumber = operand.type === 'string' && /^-?\d{1,15}(\.\d{1,15})?$/.test(operand.value)
  const value = isNumber ? Number(operand.value) : numberOf(operand)
  return value === null || Number.isInteger(value) || expression.to.name === 'numeric' ? value : null
}

const TEXTS: readonly string[] = ['text', 'character varying', 'varchar']
const NUMBERS: readonly string[] = ['smallint', 'integer', 'bigint', 'numeric', 'double precision']

/** Whether it is a cast that changes no value: to one of these types, without length or precision. */
function isCast(
  expression: Expr,
  types: readonly string[],
): expression is Extract<Expr, { type: 'cast' }> & { to: { name: string } } {
  if (expression.type !== 'cast' || expression.to.kind === 'array') return false
  return types.includes(expression.to.name) && expression.to.config === undefined
}
