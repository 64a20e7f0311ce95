import type { Expression } from '../../contract/index.ts'

type Of<Op extends Expression['op']> = Extract<Expression, { readonly op: Op }>
type Arithmetic = Of<'add' | 'subtract' | 'multiply' | 'divide' | 'remainder'>

/**
 * A record rule in the CEL that the serialisers of Confluent's clients execute, with the meaning that it has everywhere:
 * a record is refused where the rule is false, and not where a value is missing, at which clients would stop.
 *
 * Numbers are compared as doubles, because clients differ in what they take a JSON number for; they hold every integer
 * that a contract allows.
 *
 * @param record How clients name what the rule calls `this`: `message`, or `message.after` of a change event.
 */
export function clientCel(expression: Expression, record = 'message'): string {
  const has = hasValue(expression, record)
  const text = cel(expression, record)
  const whole = has === 'true' ? text : `${has} ? ${text} : true`
  // Clients take what stands before the first semicolon for a guard, be it in a text.
  return whole.includes(';') ? `true; ${whole}` : whole
}

/** CEL of an expression's value, of use where it has one. Brackets around everything that is not one token. */
function cel(node: Expression, record: string): string {
  const inner = (child: Expression) => cel(child, record)
  switch (node.op) {
    case 'constant':
      return constant(node)
    case 'record':
      return record
    case 'item':
      return numeric(node.type) ? `double(${variable(node.name)})` : variable(node.name)
    case 'member':
      return numeric(node.type) ? `double(${access(node, record)})` : access(node, record)
    case 'present':
      return hasValue(node.value, record)
    case 'not':
      return `!${inner(node.value)}`
    case 'and':
      return `(${inner(node.left)} && ${inner(node.right)})`
    case 'or':
      return `(${inner(node.left)} || ${inner(node.right)})`
    case 'if':
      return `(${inner(node.condition)} ? ${inner(node.whenTrue)} : ${inner(node.whenFalse)})`
    case 'equal':
      return `(${inner(node.left)} == ${inner(node.right)})`
    case 'less':
      return `(${inner(node.left)} < ${inner(node.right)})`
    case 'lessOrEqual':
      return `(${inner(node.left)} <= ${inner(node.right)})`
    case 'in':
      return `(${inner(node.value)} in [${node.options.map(constant).join(', ')}])`
    case 'add':
      return `(${inner(node.left)} + ${inner(node.right)})`
    case 'subtract':
      return `(${inner(node.left)} - ${inner(node.right)})`
    case 'multiply':
      return `(${inner(node.left)} * ${inner(node.right)})`
    case 'divide':
      return quotient(node, inner)
    case 'remainder':
      return `(${inner(node.left)} - ${inner(node.right)} * double(int(${inner(node.left)} / ${inner(node.right)})))`
    case 'negate':
      return node.type === 'duration' ? `(duration("0s") - ${inner(node.value)})` : `(-${inner(node.value)})`
    case 'size':
      return `double(size(${inner(node.value)}))`
    case 'startsWith':
    case 'endsWith':
    case 'contains':
      return `${inner(node.value)}.${node.op}(${inner(node.part)})`
    case 'matches':
      return `${inner(node.value)}.matches(${JSON.stringify(node.pattern)})`
    case 'instant':
      return `timestamp(${inner(node.value)})`
    case 'toNumber':
      return inner(node.value)
    case 'toInteger':
      return `double(int(${inner(node.value)}))`
    case 'all':
    case 'exists':
      return `${inner(node.list)}.${node.op}(${variable(node.variable)}, ${inner(node.condition)})`
  }
}

function quotient({ type, left, right }: Arithmetic, inner: (node: Expression) => string): string {
  const text = `(${inner(left)} / ${inner(right)})`
  return type === 'integer' ? `double(int${text})` : text
}

/** CEL that is true where an expression has a value, and never an error. */
function hasValue(node: Expression, record: string): string {
  const has = (child: Expression) => hasValue(child, record)
  switch (node.op) {
    case 'constant':
    case 'present':
      return 'true'
    case 'record':
      return record === 'message' ? 'true' : `(has(${record}) && ${notNull(record)})`
    case 'item':
      return notNull(variable(node.name))
    case 'member':
      return memberHasValue(node, record)
    case 'and':
    case 'or':
      return connectiveHasValue(node, record)
    case 'if': {
      const choice = `(${cel(node.condition, record)} ? ${has(node.whenTrue)} : ${has(node.whenFalse)})`
      return both(has(node.condition), choice)
    }
    case 'divide':
      // Of integers, the quotient is no greater than what is divided.
      return both(divisible(node, record), node.type === 'integer' ? 'true' : inRange(node, record))
    case 'remainder':
      return divisible(node, record)
    case 'toInteger': {
      const value = cel(node.value, record)
      return both(has(node.value), `(${value} > -${BEYOND_SAFE} && ${value} < ${BEYOND_SAFE})`)
    }
    case 'instant':
      return both(has(node.value), `${cel(node.value, record)}.matches(${JSON.stringify(INSTANT)})`)
    case 'all':
    case 'exists':
      return macroHasValue(node, record)
    case 'startsWith':
    case 'endsWith':
    case 'contains':
      return both(has(node.value), has(node.part))
    case 'equal':
    case 'less':
    case 'lessOrEqual':
      return both(has(node.left), has(node.right))
    case 'add':
    case 'subtract':
    case 'multiply':
      return both(both(has(node.left), has(node.right)), inRange(node, record))
    default:
      return has(node.value)
  }
}

function divisible({ left, right }: Arithmetic, record: string): string {
  return both(both(hasValue(left, record), hasValue(right, record)), `${cel(right, record)} != 0.0`)
}

/** The least number whose fraction dropped is no safe integer. */
const BEYOND_SAFE = '9007199254740992.0'

/** Beyond the safe integers, and the finite numbers, there is no value. */
function inRange(node: Arithmetic, record: string): string {
  if (node.type !== 'integer' && node.type !== 'number') return 'true'
  const [most, value] = [node.type === 'integer' ? '9007199254740991.0' : '1.7976931348623157e308', cel(node, record)]
  return `(${value} >= -${most} && ${value} <= ${most})`
}

/** What `timestamp()` of every client reads. */
const INSTANT = '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$'

function memberHasValue(node: Of<'member'>, record: string): string {
  const of = cel(node.of, record)
  const there = isName(node.name) ? `has(${of}.${node.name})` : `(${JSON.stringify(node.name)} in ${of})`
  return both(hasValue(node.of, record), `(${there} && ${notNull(access(node, record))})`)
}

/** By type, because the Python client's engine does not compare numbers with null. */
function notNull(text: string): string {
  return `type(${text}) != type(null)`
}

/** One false operand of `and`, one true one of `or`, gives a value whatever the other is. */
function connectiveHasValue(node: Of<'and' | 'or'>, record: string): string {
  const [left, right] = [hasValue(node.left, record), hasValue(node.right, record)]
  if (left === 'true' && right === 'true') return 'true'
  const decides = (child: Expression) => (node.op === 'and' ? `!${cel(child, record)}` : cel(child, record))
  return `(${both(left, right)} || ${both(left, decides(node.left))} || ${both(right, decides(node.right))})`
}

function macroHasValue(node: Of<'all' | 'exists'>, record: string): string {
  const [list, name] = [cel(node.list, record), variable(node.variable)]
  const has = hasValue(node.condition, record)
  const condition = cel(node.condition, record)
  const decides = both(has, node.op === 'all' ? `!${condition}` : condition)
  const every = has === 'true' ? 'true' : `(${list}.all(${name}, ${has}) || ${list}.exists(${name}, ${decides}))`
  return both(hasValue(node.list, record), every)
}

/** The right side only where the left one is true: the Python client's engine stops at some errors even beside `&&`. */
function both(left: string, right: string): string {
  if (left === 'true') return right
  return right === 'true' ? left : `(${left} ? ${right} : false)`
}

function access({ of, name }: Of<'member'>, record: string): string {
  return isName(name) ? `${cel(of, record)}.${name}` : `${cel(of, record)}[${JSON.stringify(name)}]`
}

/** Words that CEL keeps for itself cannot follow a dot in every client. */
const RESERVED = [
  'true',
  'false',
  'null',
  'in',
  'as',
  'break',
  'const',
  'continue',
  'else',
  'for',
  'function',
  'if',
].concat(['import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'])

function isName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !RESERVED.includes(name)
}

/** No variable hides the record, nor the one of `x in this.list`, which has a name that CEL does not allow. */
function variable(name: string): string {
  return name.startsWith('@') ? name.slice(1) : `${name}_`
}

function numeric(type: string): boolean {
  return type === 'integer' || type === 'number'
}

function constant({ type, value }: Of<'constant'>): string {
  if (type === 'instant') return `timestamp(${JSON.stringify(isoOf(BigInt(value)))})`
  if (type === 'duration') return `duration("${secondsOf(BigInt(value))}s")`
  if (!numeric(type)) return JSON.stringify(value)
  const text = /[.e]/.test(String(value)) ? String(value) : `${value}.0`
  return text.startsWith('-') ? `(${text})` : text
}

const NANOSECONDS = 1_000_000_000n

function isoOf(nanoseconds: bigint): string {
  const second = nanoseconds / NANOSECONDS - (nanoseconds % NANOSECONDS < 0n ? 1n : 0n)
  const fraction = String(nanoseconds - second * NANOSECONDS)
    .padStart(9, '0')
    .replace(/0+$/, '')
  const whole = new Date(Number(second) * 1_000).toISOString().slice(0, 19)
  return fraction === '' ? `${whole}Z` : `${whole}.${fraction}Z`
}

function secondsOf(nanoseconds: bigint): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds
  const fraction = String(size % NANOSECONDS)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${nanoseconds < 0n ? '-' : ''}${size / NANOSECONDS}${fraction === '' ? '' : `.${fraction}`}`
}
