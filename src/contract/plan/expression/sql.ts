import { CovenantError, quoteText } from '../../../kernel/index.ts'
import type { LogicalType, RulePlan } from '../../define.ts'
import { re2Pattern } from '../../pattern/re2.ts'
import type { Constant, Expression } from './define.ts'
import { bound, type SqlRow } from './sql-row.ts'

/**
 * Whether a row keeps a rule, as DuckDB SQL: true or false, never NULL.
 *
 * @throws CovenantError `CONTRACT_NOT_EXPRESSIBLE` where a pattern is too large for RE2, DuckDB's engine
 */
export function sqlOfRule({ expression }: RulePlan, row: SqlRow): string {
  return `(${sqlOfExpression(expression, row)} IS NOT FALSE)`
}

/**
 * An expression as DuckDB SQL, NULL for no value: the three values of SQL's logic are those of rules.
 *
 * Booleans are BOOLEAN, integers HUGEINT or BIGINT, numbers DOUBLE, strings and dates VARCHAR; instants (since 1970) and
 * durations are HUGEINT nanoseconds.
 */
export function sqlOfExpression(expression: Expression, row: SqlRow): string {
  return new SqlWriter(row).write(expression)
}

function patternOf(pattern: string): string {
  const text = re2Pattern(pattern)
  if (text !== null) return text
  throw new CovenantError({
    code: 'CONTRACT_NOT_EXPRESSIBLE',
    message: `DuckDB cannot be given this pattern, which is too large for its engine: ${pattern}`,
    remedy:
      'Repeat classes of many characters, as \\p{L}, less often; bounds of length are checked faster by minLength and maxLength.',
  })
}

const SAFE = 'BETWEEN -9007199254740991 AND 9007199254740991'

type Node<Op extends Expression['op']> = Extract<Expression, { readonly op: Op }>
type Arithmetic = Node<'add' | 'subtract' | 'multiply' | 'divide' | 'remainder'>

class SqlWriter {
  readonly #row: SqlRow
  readonly #items = new Map<string, string>()
  #itemCount = 0

  constructor(row: SqlRow) {
    this.#row = row
  }

  write(node: Expression): string {
    switch (node.op) {
      case 'constant':
        return constant(node)
      case 'record':
        return 'NULL'
      case 'item':
        return this.#row.item(this.#items.get(node.name)!, node.type)
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
        return bound(
          this.write(node.condition),
          (test) =>
            `CASE WHEN ${test} THEN ${this.write(node.whenTrue)} WHEN NOT ${test} THEN ${this.write(node.whenFalse)} END`,
        )
      case 'equal':
      case 'less':
      case 'lessOrEqual':
        return this.#comparison(node)
      case 'in':
        return `(${this.#operand(node.value, node.type)} IN (${node.options.map((option) => this.#operand(option, node.type)).join(', ')}))`
      case 'size':
        return `CAST(${SIZES[node.type](this.write(node.value), this.#row)} AS HUGEINT)`
      case 'startsWith':
      case 'endsWith':
      case 'contains':
        return `${TEXT_TESTS[node.op]}(${this.write(node.value)}, ${this.write(node.part)})`
      case 'matches':
        return `regexp_matches(${this.write(node.value)}, ${quoteText(patternOf(node.pattern))})`
      case 'instant':
        return this.#row.instant(this.write(node.value))
      case 'toNumber':
        return `CAST(${this.write(node.value)} AS DOUBLE)`
      case 'toInteger':
        return bound(`trunc(${this.write(node.value)})`, (v) => `CASE WHEN ${v} ${SAFE} THEN CAST(${v} AS HUGEINT) END`)
      case 'negate':
        return `(-${this.write(node.value)})`
      case 'all':
      case 'exists':
        return this.#quantifier(node)
      default:
        return this.#arithmetic(node)
    }
  }

  #member({ of, name, type }: Node<'member'>): string {
    if (of.op === 'record') return this.#row.column(name, type)
    const parent = 'type' in of ? (of.type as LogicalType) : 'object'
    return this.#row.member(this.write(of), parent, name, type)
  }

  #comparison({ op, type, left, right }: Node<'equal' | 'less' | 'lessOrEqual'>): string {
    return `(${this.#operand(left, type)} ${SIGNS[op]} ${this.#operand(right, type)})`
  }

  /** Integers that meet numbers are compared as doubles, which hold them exactly. */
  #operand(node: Expression, type: string): string {
    return type === 'number' ? `CAST(${this.write(node)} AS DOUBLE)` : this.write(node)
  }

  #arithmetic({ op, type, left, right }: Arithmetic): string {
    const divides = op === 'divide' || op === 'remainder'
    const sides = [left, right].map((side) => {
      const value = this.write(side)
      return type === 'integer' ? `CAST(${value} AS HUGEINT)` : value
    })
    const sign = op === 'divide' && type === 'integer' ? '//' : SIGNS[op]
    const value = `(${sides[0]} ${sign} ${divides ? `nullif(${sides[1]}, 0)` : sides[1]})`
    if (type === 'integer') return bound(value, (v) => `CASE WHEN ${v} ${SAFE} THEN ${v} END`)
    return type === 'number' ? bound(value, (v) => `CASE WHEN isfinite(${v}) THEN ${v} END`) : value
  }

  #quantifier({ op, list, variable, condition }: Node<'all' | 'exists'>): string {
    const items = this.write(list)
    const outer = this.#items.get(variable)
    const name = `item${this.#itemCount++}`
    this.#items.set(variable, name)
    const results = `list_transform(${items}, lambda ${name}: ${this.write(condition)})`
    if (outer === undefined) this.#items.delete(variable)
    else this.#items.set(variable, outer)
    const [aggregate, decides] = op === 'all' ? ['list_bool_and', 'FALSE'] : ['list_bool_or', 'TRUE']
    return bound(
      results,
      (r) =>
        `CASE WHEN ${r} IS NULL THEN NULL WHEN ${aggregate}(${r}) = ${decides} THEN ${decides} WHEN list_count(${r}) < len(${r}) THEN NULL ELSE NOT ${decides} END`,
    )
  }
}

const SIGNS = {
  equal: '=',
  less: '<',
  lessOrEqual: '<=',
  add: '+',
  subtract: '-',
  multiply: '*',
  divide: '/',
  remainder: '%',
} as const
const TEXT_TESTS = { startsWith: 'starts_with', endsWith: 'suffix', contains: 'contains' } as const
const SIZES = {
  string: (value: string) => `length(${value})`,
  array: (value: string) => `len(${value})`,
  map: (value: string, row: SqlRow) => row.mapSize(value),
} as const

function constant({ type, value }: Constant): string {
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  if (type === 'string' || type === 'date') return quoteText(String(value))
  return type === 'number' ? `CAST('${value}' AS DOUBLE)` : `CAST('${value}' AS HUGEINT)`
}
