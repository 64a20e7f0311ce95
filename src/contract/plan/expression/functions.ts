import type { CelNode } from './cel.ts'
import { durationLiteral, instantLiteral } from './instant.ts'
import { rulePattern } from './rule-pattern.ts'
import { boolean, fault, type StaticType, type Typed, typeName } from './typed.ts'

type Call = Extract<CelNode, { kind: 'call' }>

/** Names to suggest for one that is not known. */
export const FUNCTIONS = [
  'size',
  'startsWith',
  'endsWith',
  'contains',
  'matches',
  'timestamp',
  'duration',
  'double',
  'int',
  'has',
  'all',
  'exists',
]

/**
 * A call of a function; of a method the first of `args` is what it was called on. `null` where there is no such
 * function.
 */
export function compileFunction(name: string, args: readonly Typed[], isMethod: boolean, node: Call): Typed | null {
  const { offset } = node
  switch (name) {
    case 'size':
      need(name, args, 1, offset)
      return sizeOf(args[0]!, offset)
    case 'startsWith':
    case 'endsWith':
    case 'contains':
      need(name, args, 2, offset)
      for (const arg of args) needString(name, arg, offset)
      if (!isMethod) throw fault(`${name}() is called on a text: this.a.${name}("x")`, offset)
      return boolean({ op: name, value: args[0]!.expression, part: args[1]!.expression })
    case 'matches':
      need(name, args, 2, offset)
      return matches(args[0]!, args[1]!, offset)
    case 'timestamp':
    case 'duration':
    case 'double':
    case 'int':
      if (isMethod) return null
      need(name, args, 1, offset)
      return conversion(name, args[0]!, offset)
    default:
      return null
  }
}

function need(name: string, args: readonly Typed[], count: number, offset: number): void {
  if (args.length !== count) throw fault(`${name}() is used with the wrong number of arguments`, offset)
}

function needString(name: string, { type }: Typed, offset: number): void {
  if (type !== 'string') throw fault(`${name}() looks at strings, found ${typeName(type)}`, offset)
}

function sizeOf({ expression, type }: Typed, offset: number): Typed {
  if (type !== 'string' && type !== 'array' && type !== 'map')
    throw fault(
      `size() counts the characters of a string, the items of an array, the members of a map; found ${typeName(type)}`,
      offset,
    )
  return { expression: { op: 'size', type, value: expression }, type: 'integer' }
}

function matches(value: Typed, pattern: Typed, offset: number): Typed {
  needString('matches', value, offset)
  const { expression } = pattern
  if (expression.op !== 'constant' || expression.type !== 'string')
    throw fault('The pattern of matches() must be literal text', offset)
  const read = rulePattern(String(expression.value))
  if ('fault' in read) throw fault(`The pattern cannot be used: ${read.fault}`, offset)
  return boolean({ op: 'matches', value: value.expression, pattern: read.pattern })
}

function conversion(name: 'timestamp' | 'duration' | 'double' | 'int', value: Typed, offset: number): Typed {
  const { expression, type } = value
  const literal = expression.op === 'constant' && expression.type === 'string' ? String(expression.value) : null
  if (name === 'timestamp' && type === 'timestamp')
    return { expression: { op: 'instant', value: expression }, type: 'instant' }
  if (name === 'timestamp' && literal !== null) {
    const instant = instantLiteral(literal)
    if (instant === null) throw fault('A timestamp is written with seconds and zone: "2013-01-01T00:00:00Z"', offset)
    return nanoseconds('instant', instant)
  }
  if (name === 'duration' && literal !== null) {
    const duration = durationLiteral(literal)
    if (duration === null) throw fault('A duration is written like "90m", "1h30m" or "1.5s"', offset)
    return nanoseconds('duration', duration)
  }
  if (name === 'double' && (type === 'integer' || type === 'number'))
    return type === 'number' ? value : { expression: { op: 'toNumber', value: expression }, type: 'number' }
  if (name === 'int' && (type === 'integer' || type === 'number'))
    return type === 'integer' ? value : { expression: { op: 'toInteger', value: expression }, type: 'integer' }
  throw fault(`${name}() takes ${TAKES[name]}, found ${typeName(type)}`, offset)
}

const TAKES = {
  timestamp: 'a field of logicalType timestamp or literal text',
  duration: 'literal text',
  double: 'an integer',
  int: 'a number',
}

function nanoseconds(type: StaticType & ('instant' | 'duration'), value: bigint): Typed {
  return { expression: { op: 'constant', type, value: String(value) }, type }
}
