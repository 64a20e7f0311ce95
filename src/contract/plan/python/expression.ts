import type { LogicalType } from '../../define.ts'
import type { Constant, Expression } from '../expression/define.ts'
import { pythonFloat, pythonText, pythonTuple, pythonValue } from './literal.ts'

/**
 * An expression over `this` as Python, `None` for no value; the functions are those of the runtime.
 *
 * @param patternOf Python of the compiled pattern.
 */
export function pythonOfExpression(
  expression: Expression,
  cdc: 'debezium' | null,
  patternOf: (pattern: string) => string,
): string {
  const write = (node: Expression): string => {
    switch (node.op) {
      case 'constant':
        return constant(node)
      case 'record':
        return 'this'
      case 'item':
        return `${reader(node.type, cdc)}(${variable(node.name)})`
      case 'member':
        return `_member(${write(node.of)}, ${pythonText(node.name)}, ${reader(node.type, cdc)})`
      case 'present':
        return `(${write(node.value)} is not None)`
      case 'and':
      case 'or':
        return `_${node.op}(${write(node.left)}, ${write(node.right)})`
      case 'if':
        return `_if(${write(node.condition)}, ${write(node.whenTrue)}, ${write(node.whenFalse)})`
      case 'in':
        return `_one_of(${write(node.value)}, ${pythonTuple(node.options.map(constant))})`
      case 'matches':
        return `_matches(${write(node.value)}, ${patternOf(node.pattern)})`
      case 'startsWith':
      case 'endsWith':
      case 'contains':
        return `${CALLS[node.op]}(${write(node.value)}, ${write(node.part)})`
      case 'all':
      case 'exists':
        return `_${node.op}(${write(node.list)}, lambda ${variable(node.variable)}: ${write(node.condition)})`
      case 'not':
      case 'size':
      case 'instant':
      case 'toNumber':
      case 'toInteger':
      case 'negate':
        return `${CALLS[node.op]}(${write(node.value)})`
      case 'equal':
      case 'less':
      case 'lessOrEqual':
        return `${CALLS[node.op]}(${write(node.left)}, ${write(node.right)})`
      default: {
        const value = `${CALLS[node.op]}(${write(node.left)}, ${write(node.right)})`
        return node.type === 'integer' || node.type === 'number' ? `_bounded(${value})` : value
      }
    }
  }
  return write(expression)
}

const CALLS = {
  not: '_not',
  size: '_size',
  instant: '_instant',
  toNumber: '_to_number',
  toInteger: '_to_integer',
  negate: '_negate',
  equal: '_equal',
  less: '_less',
  lessOrEqual: '_less_or_equal',
  add: '_add',
  subtract: '_subtract',
  multiply: '_multiply',
  divide: '_divide',
  remainder: '_remainder',
  startsWith: '_starts_with',
  endsWith: '_ends_with',
  contains: '_contains',
} as const

function constant({ type, value }: Constant): string {
  if (type === 'number') return pythonFloat(value as number)
  return type === 'instant' || type === 'duration' ? String(value) : pythonValue(value)
}

function reader(type: LogicalType, cdc: 'debezium' | null): string {
  if (type === 'map') return '_as_object'
  return type === 'string' && cdc === 'debezium' ? '_as_row_string' : `_as_${type}`
}

/** Of CEL; with a prefix, so that it is no word of Python. */
function variable(name: string): string {
  return `item_${name.replace(/\W/g, '_')}`
}
