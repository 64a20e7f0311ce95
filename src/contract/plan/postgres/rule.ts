import type { LogicalType } from '../../define.ts'
import type { Constant, Expression } from '../expression/define.ts'
import { NotExpressible } from './define.ts'
import { isStorable, SAFE, textLiteral } from './literal.ts'
import { instantOfText, isMomentText } from './moment.ts'
import { postgresPattern } from './pattern.ts'

/** How a rule reads the row: SQL of a column by the field's name. */
export type ColumnOf = (name: string) => string

/** A rule as SQL. */
export interface RuleSql {
  /** True or false, never null. */
  readonly holds: string
  /** It has subqueries, which only a function may have. */
  readonly needsFunction: boolean
  /** The helpers that it calls. */
  readonly helpers: ReadonlySet<NumberHelper>
}

/** Arithmetic of doubles that gives no value, instead of an error, where the result is too large. */
export type NumberHelper = 'add' | 'subtract' | 'multiply' | 'divide'

/**
 * A rule over the columns of a table, with the meaning that `expression/evaluate.ts` gives to it. Integers, instants and
 * durations are `numeric`, numbers `double precision`, dates and other texts `text`; NULL is no value.
 *
 * @param helperOf name of the function that does an arithmetic of doubles, qualified
 * @throws NotExpressible
 */
export function ruleSql(
  expression: Expression,
  columnOf: ColumnOf,
  helperOf: (helper: NumberHelper) => string,
): RuleSql {
  const writer = new RuleWriter(columnOf, helperOf)
  const holds = `(${writer.write(expression)}) IS NOT FALSE`
  return { holds, needsFunction: writer.needsFunction, helpers: writer.helpers }
}

type Node<Op extends Expression['op']> = Extract<Expression, { readonly op: Op }>

/** Longer values are computed once, in a subquery, instead of being written several times. */
const REPEATED_LENGTH_MAX = 80

class RuleWriter {
  readonly #columnOf: ColumnOf
  readonly #helperOf: (helper: NumberHelper) => string
  readonly #items = new Map<string, string>()
  readonly helpers = new Set<NumberHelper>()
  needsFunction = false
  #count = 0

  constructor(columnOf: ColumnOf, helperOf: (helper: NumberHelper) => string) {
    this.#columnOf = columnOf
    this.#helperOf = helperOf
  }

  write(node: Expression): string {
    switch (node.op) {
      case 'constant':
        return constant(node)
      case 'record':
        return 'NULL'
      case 'item':
        return this.#json(`${this.#items.get(node.name)!}.value`, node.type)
      case 'member':
        return this.#member(node)
      case 'present':
        return `(${this.write(node.value)} IS NOT NULL)`
      case 'not':
        return `(NOT ${this.write(node.value)})`
      case 'and':
      case 'or':
        return `(${this.write(node.left)} ${node.op.toUpperCase()} ${this.write(node.right)})`
      case 'if':
        return `CASE ${this.write(node.condition)} WHEN true THEN ${this.write(node.whenTrue)} WHEN false THEN ${this.write(node.whenFalse)} END`
      case 'equal':
      case 'less':
      case 'lessOrEqual':
        return this.#comparison(node)
      case 'in':
        return `(${this.#operand(node.value, node.type)} IN (${node.options.map((option) => this.#operand(option, node.type)).join(', ')}))`
      case 'size':
        return this.#size(node)
      case 'startsWith':
        return `starts_with(${this.write(node.value)}, ${this.write(node.part)})`
      case 'endsWith':
        return this.#bound(this.write(node.part), (part) => {
          const end = `right(${this.write(node.value)}, char_length(${part}))`
          // The right 0 characters are none, and those beyond the text are not there to be equal.
          return `(${end} = ${part})`
        })
      case 'contains':
        return `(strpos(${this.write(node.value)}, ${this.write(node.part)}) > 0)`
      case 'matches':
        return `(${this.write(node.value)} ~ ${textLiteral(expressible(node.pattern))})`
      case 'instant':
        return this.#instant(node)
      case 'toNumber':
        return `(${this.write(node.value)})::double precision`
      case 'toInteger':
        // Through bigint, because PostgreSQL rounds doubles to 15 digits on their way to numeric.
        return this.#bound(
          `trunc(${this.write(node.value)})`,
          (v) => `CASE WHEN ${v} ${SAFE} THEN (${v})::bigint::numeric END`,
        )
      case 'negate':
        return `(- ${this.write(node.value)})`
      case 'all':
      case 'exists':
        return this.#quantifier(node)
      default:
        return this.#arithmetic(node)
    }
  }

  #member({ of, name, type }: Node<'member'>): string {
    if (of.op === 'record') return column(this.#columnOf(name), type)
    if (!isStorable(name)) throw new NotExpressible(`a member cannot be called ${JSON.stringify(name)}`)
    return this.#bound(this.write(of), (parent) => this.#json(`(${parent} -> ${textLiteral(name)})`, type))
  }

  /** A jsonb value as the type of its field; NULL where it is of another. */
  #json(sql: string, type: LogicalType): string {
    return this.#bound(sql, (value) => {
      const text = `(${value} #>> '{}')`
      switch (type) {
        case 'string':
          return `CASE WHEN jsonb_typeof(${value}) = 'string' THEN ${text} END`
        case 'boolean':
          return `CASE WHEN jsonb_typeof(${value}) = 'boolean' THEN (${value})::boolean END`
        case 'integer': {
          const whole = `CASE WHEN trunc(${text}::numeric) = ${text}::numeric AND ${text}::numeric ${SAFE} THEN ${text}::numeric END`
          return `CASE WHEN jsonb_typeof(${value}) = 'number' THEN ${whole} END`
        }
        case 'number':
          return `CASE WHEN jsonb_typeof(${value}) = 'number' THEN ${text}::double precision END`
        case 'object':
        case 'map':
          return `CASE WHEN jsonb_typeof(${value}) = 'object' THEN ${value} END`
        case 'array':
          return `CASE WHEN jsonb_typeof(${value}) = 'array' THEN ${value} END`
        default:
          return `CASE WHEN jsonb_typeof(${value}) = 'string' AND ${isMomentText(type, text)} THEN ${text} END`
      }
    })
  }

  #instant({ value }: Node<'instant'>): string {
    if (value.op === 'member' && value.of.op === 'record')
      return `(extract(epoch FROM ${this.write(value)}) * 1000000000)`
    return this.#bound(this.write(value), instantOfText)
  }

  #comparison({ op, type, left, right }: Node<'equal' | 'less' | 'lessOrEqual'>): string {
    const collation = op !== 'equal' && (type === 'string' || type === 'date') ? ' COLLATE "C"' : ''
    return `(${this.#operand(left, type)}${collation} ${SIGNS[op]} ${this.#operand(right, type)})`
  }

  #operand(node: Expression, type: string): string {
    return type === 'number' ? `(${this.write(node)})::double precision` : this.write(node)
  }

  #size({ type, value }: Node<'size'>): string {
    const sql = this.write(value)
    if (type === 'string') return `char_length(${sql})::numeric`
    if (type === 'array') return `jsonb_array_length(${sql})::numeric`
    this.needsFunction = true
    return this.#bound(
      sql,
      (map) => `CASE WHEN ${map} IS NOT NULL THEN (SELECT count(*) FROM jsonb_object_keys(${map}))::numeric END`,
    )
  }

  #arithmetic({ op, type, left, right }: Node<'add' | 'subtract' | 'multiply' | 'divide' | 'remainder'>): string {
    const [a, b] = [this.#operand(left, type), this.#operand(right, type)]
    if (type === 'number') {
      if (op === 'remainder') throw new NotExpressible('the remainder of numbers with fractions')
      this.helpers.add(op)
      return `${this.#helperOf(op)}(${a}, ${op === 'divide' ? `nullif(${b}, 0)` : b})`
    }
    const value =
      op === 'divide'
        ? `div(${a}, nullif(${b}, 0))`
        : op === 'remainder'
          ? `mod(${a}, nullif(${b}, 0))`
          : `(${a} ${SIGNS[op]} ${b})`
    return type === 'integer' ? this.#bound(value, (v) => `CASE WHEN ${v} ${SAFE} THEN ${v} END`) : value
  }

  #quantifier({ op, list, variable, condition }: Node<'all' | 'exists'>): string {
    this.needsFunction = true
    const outer = this.#items.get(variable)
    const [alias, results] = [this.#alias(), this.#alias()]
    const items = this.write(list)
    this.#items.set(variable, alias)
    const test = this.write(condition)
    if (outer === undefined) this.#items.delete(variable)
    else this.#items.set(variable, outer)
    const decides = op === 'all' ? 'false' : 'true'
    return this.#bound(items, (value) => {
      const each = `SELECT ${test} AS holds FROM jsonb_array_elements(${value}) AS ${alias} (value)`
      const verdict = `CASE WHEN bool_or(${results}.holds IS ${decides}) THEN ${decides} WHEN bool_or(${results}.holds IS NULL) THEN NULL ELSE ${op === 'all'} END`
      return `CASE WHEN ${value} IS NOT NULL THEN (SELECT ${verdict} FROM (${each}) AS ${results}) END`
    })
  }

  /** Uses a value several times. */
  #bound(value: string, use: (name: string) => string): string {
    if (value.length <= REPEATED_LENGTH_MAX) return use(value)
    this.needsFunction = true
    const alias = this.#alias()
    return `(SELECT ${use(`${alias}.value`)} FROM (SELECT ${value} AS value) AS ${alias})`
  }

  #alias(): string {
    return `part${this.#count++}`
  }
}

const SIGNS = { equal: '=', less: '<', lessOrEqual: '<=', add: '+', subtract: '-', multiply: '*' } as const

/** A column as rules read it. */
function column(name: string, type: LogicalType): string {
  switch (type) {
    case 'integer':
      return `${name}::numeric`
    case 'number':
      return `${name}::double precision`
    case 'date':
      return `to_char(${name}, 'YYYY-MM-DD')`
    case 'object':
    case 'map':
      return `CASE WHEN jsonb_typeof(${name}) = 'object' THEN ${name} END`
    case 'array':
      return `CASE WHEN jsonb_typeof(${name}) = 'array' THEN ${name} END`
    default:
      return name
  }
}

function constant({ type, value }: Constant): string {
  if (typeof value === 'boolean') return String(value)
  if (type === 'number') return `'${value}'::double precision`
  if (type !== 'string' && type !== 'date') return `'${value}'::numeric`
  if (!isStorable(String(value))) throw new NotExpressible('a text with the character 0')
  return `${textLiteral(String(value))}::text`
}

function expressible(pattern: string): string {
  const found = postgresPattern(pattern)
  if (found === null) throw new NotExpressible('a pattern that is too large for PostgreSQL')
  return found
}
