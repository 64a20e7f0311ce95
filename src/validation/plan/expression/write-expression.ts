import {
  type Constant,
  compilePattern,
  type Expression,
  type LogicalType,
  type ValidationPlan,
} from '../../../contract/index.ts'
import * as runtime from './runtime.ts'

/** A rule over a row: `undefined` where it has no value. Never throws, whatever the row. */
export type Judge = (row: unknown) => boolean | undefined

/**
 * Writes an expression out as one JavaScript function. Texts of the contract enter the source as JSON literals only,
 * patterns and sets as bound constants.
 */
export function compileExpression(expression: Expression, plan: Pick<ValidationPlan, 'cdc' | 'contractId'>): Judge {
  const writer = new ExpressionWriter(plan)
  const body = writer.write(expression)
  const names = Object.keys(runtime).filter((name) => name !== 'UNAVAILABLE')
  const source = `'use strict'
const { ${names.join(', ')} } = runtime
return (row) => {
${writer.declarations()}return ${body}
}`
  return new Function('runtime', 'constants', source)(runtime, writer.constants) as Judge
}

type Node<Op extends Expression['op']> = Extract<Expression, { readonly op: Op }>

class ExpressionWriter {
  readonly constants: unknown[] = []
  readonly #plan: Pick<ValidationPlan, 'cdc' | 'contractId'>
  /** JavaScript names of the variables of `all` and `exists`. */
  readonly #items = new Map<string, string>()
  #temporaries = 0
  #itemCount = 0

  constructor(plan: Pick<ValidationPlan, 'cdc' | 'contractId'>) {
    this.#plan = plan
  }

  declarations(): string {
    return this.#temporaries === 0
      ? ''
      : `let ${Array.from({ length: this.#temporaries }, (_, i) => `t${i}`).join(', ')}\n`
  }

  write(node: Expression): string {
    switch (node.op) {
      case 'constant':
        return constantText(node)
      case 'record':
        return 'row'
      case 'item':
        return this.#typed(node.type, this.#items.get(node.name)!)
      case 'member':
        return this.#typed(node.type, `own(${this.write(node.of)}, ${JSON.stringify(node.name)})`)
      case 'present':
        return `(${this.write(node.value)} !== undefined)`
      case 'not':
        return this.#not(node)
      case 'and':
        return this.#connective(node, 'false', 'true')
      case 'or':
        return this.#connective(node, 'true', 'false')
      case 'if':
        return this.#choice(node)
      case 'equal':
      case 'less':
      case 'lessOrEqual':
        return this.#comparison(node)
      case 'in':
        return `oneOf(${this.write(node.value)}, ${this.#constant(new Set(node.options.map(constantValue)))})`
      case 'size':
        return `${SIZES[node.type]}(${this.write(node.value)})`
      case 'startsWith':
      case 'endsWith':
      case 'contains':
        return `${node.op}(${this.write(node.value)}, ${this.write(node.part)})`
      case 'matches':
        return `matches(${this.write(node.value)}, ${this.#constant(compilePattern(node.pattern, this.#plan.contractId))})`
      case 'instant':
        return `instant(${this.write(node.value)})`
      case 'toNumber':
        return this.write(node.value)
      case 'toInteger':
        return this.#withOperands([node.value], ([value]) => `safe(Math.trunc(${value}))`)
      case 'negate':
        return this.#withOperands([node.value], ([value]) => `-${value}`)
      case 'all':
      case 'exists':
        return this.#quantifier(node)
      default:
        return this.#arithmetic(node)
    }
  }

  #typed(type: LogicalType, source: string): string {
    const value = `typed.${type}(${source})`
    if (this.#plan.cdc !== 'debezium' || type !== 'string') return value
    const kept = this.#temporary()
    return `((${kept} = ${value}) === ${JSON.stringify(runtime.UNAVAILABLE)} ? undefined : ${kept})`
  }

  #not({ value }: Node<'not'>): string {
    return this.#withOperands([value], ([operand]) => `!${operand}`)
  }

  /** The right side is not looked at where the left one decides. */
  #connective({ left, right }: Node<'and' | 'or'>, deciding: string, other: string): string {
    const a = this.#temporary()
    const b = this.#temporary()
    return `((${a} = ${this.write(left)}) === ${deciding} ? ${deciding} : (${b} = ${this.write(right)}) === ${deciding} ? ${deciding} : ${a} === undefined || ${b} === undefined ? undefined : ${other})`
  }

  #choice({ condition, whenTrue, whenFalse }: Node<'if'>): string {
    const kept = this.#temporary()
    const chosen = `${kept} ? ${this.write(whenTrue)} : ${this.write(whenFalse)}`
    return `((${kept} = ${this.write(condition)}) === undefined ? undefined : ${chosen})`
  }

  #comparison({ op, type, left, right }: Node<'equal' | 'less' | 'lessOrEqual'>): string {
    const name = type === 'string' && op !== 'equal' ? `text${op[0]!.toUpperCase()}${op.slice(1)}` : op
    return `${name}(${this.write(left)}, ${this.write(right)})`
  }

  #arithmetic({ op, type, left, right }: Node<'add' | 'subtract' | 'multiply' | 'divide' | 'remainder'>): string {
    return this.#withOperands([left, right], ([a, b]) => {
      const value = op === 'divide' && type === 'integer' ? `quotient(${a}, ${b})` : `${a} ${SIGNS[op]} ${b}`
      return type === 'integer' ? `safe(${value})` : type === 'number' ? `finite(${value})` : value
    })
  }

  /** No value where an operand has none. */
  #withOperands(operands: readonly Expression[], source: (names: readonly string[]) => string): string {
    const names = operands.map(() => this.#temporary())
    const absent = operands.map((operand, i) => `(${names[i]} = ${this.write(operand)}) === undefined`)
    return `(${absent.join(' || ')} ? undefined : ${source(names)})`
  }

  #quantifier({ op, list, variable, condition }: Node<'all' | 'exists'>): string {
    const range = this.write(list)
    const outer = this.#items.get(variable)
    const name = `i${this.#itemCount++}`
    this.#items.set(variable, name)
    // Temporaries are those of the row's function: the condition is done with its own before the next item.
    const source = `${op}(${range}, (${name}) => ${this.write(condition)})`
    if (outer === undefined) this.#items.delete(variable)
    else this.#items.set(variable, outer)
    return source
  }

  #temporary(): string {
    return `t${this.#temporaries++}`
  }

  #constant(value: unknown): string {
    this.constants.push(value)
    return `constants[${this.constants.length - 1}]`
  }
}

const SIZES = { string: 'textSize', array: 'itemCount', map: 'memberCount' }
const SIGNS = { add: '+', subtract: '-', multiply: '*', divide: '/', remainder: '%' }

function constantValue({ type, value }: Constant): boolean | number | string | bigint {
  return type === 'instant' || type === 'duration' ? BigInt(value) : value
}

function constantText(constant: Constant): string {
  const { type, value } = constant
  if (type === 'instant' || type === 'duration') return `${value}n`
  return typeof value === 'number' && (value < 0 || Object.is(value, -0)) ? `(${value})` : JSON.stringify(value)
}
