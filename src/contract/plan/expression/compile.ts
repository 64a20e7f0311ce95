import { didYouMean, nearest } from '../../../kernel/index.ts'
import type { FieldPlan } from '../../define.ts'
import { type CelNode, parseCel, RuleFault } from './cel.ts'
import { Comparisons } from './comparisons.ts'
import type { Expression } from './define.ts'
import { compileFunction, FUNCTIONS } from './functions.ts'
import { boolean, constantOf, fault, type Scope, type Typed, typeName } from './typed.ts'

/** A rule's text as a tree, or why it is none: a sentence, and its 0-based offset in the text. */
export type CompiledRule =
  | { readonly expression: Expression }
  | { readonly fault: { readonly message: string; readonly offset: number } }

/**
 * Compiles CEL over the record (`this`, in Confluent's clients `message`) of a contract with these fields; `field` is
 * the one that the rule stands under, whose value is `value`. Total: any text gives a tree or a fault, in bounded time.
 *
 * @example compileRule('this.amount > 0', fields, null)
 */
export function compileRule(text: string, fields: readonly FieldPlan[], field: string | null): CompiledRule {
  try {
    const compiler = new RuleCompiler(fields, field)
    const node = parseCel(text)
    const { expression, type } = compiler.compile(node, new Map())
    if (type === 'boolean') return { expression }
    return { fault: { message: `A rule is true or false, this is ${typeName(type)}.`, offset: node.offset } }
  } catch (thrown) {
    if (thrown instanceof RuleFault) return { fault: { message: thrown.message, offset: thrown.offset } }
    throw thrown
  }
}

class RuleCompiler {
  readonly #fields: readonly FieldPlan[]
  readonly #field: string | null
  readonly #comparisons = new Comparisons()

  constructor(fields: readonly FieldPlan[], field: string | null) {
    this.#fields = fields
    this.#field = field
  }

  compile(node: CelNode, scope: Scope): Typed {
    switch (node.kind) {
      case 'literal':
        return constantOf(node)
      case 'name':
        return this.#name(node, scope)
      case 'select':
        return this.#select(node, scope)
      case 'list':
        return { expression: { op: 'record' }, type: 'list', options: node.items.map((i) => this.compile(i, scope)) }
      case 'macro':
        return this.#macro(node, scope)
      case 'call':
        return this.#call(node, scope)
    }
  }

  #name({ name, offset }: Extract<CelNode, { kind: 'name' }>, scope: Scope): Typed {
    const item = scope.get(name)
    if (item !== undefined) return typed({ op: 'item', name, type: item.type }, item)
    const record: Typed = { expression: { op: 'record' }, type: 'object', fields: this.#fields }
    if (name === 'this' || name === 'message') return record
    if (name === 'value' && this.#field !== null) return this.#member(record, this.#field, offset)
    if (name === 'now')
      throw fault('"now" is not supported: a record must get the same verdict whenever it is read', offset)
    const guess = this.#fields.some((field) => field.name === name) ? `this.${name}` : null
    throw fault(`"${name}" is not known: the record is "this"`, offset, didYouMean(guess))
  }

  #select({ of, name, test, offset }: Extract<CelNode, { kind: 'select' }>, scope: Scope): Typed {
    const member = this.#member(this.compile(of, scope), name, offset)
    return test ? boolean({ op: 'present', value: member.expression }) : member
  }

  #member(parent: Typed, name: string, offset: number): Typed {
    if (parent.type === 'map' && parent.items !== undefined)
      return typed({ op: 'member', of: parent.expression, name, type: parent.items.type }, parent.items)
    if (parent.type !== 'object')
      throw fault(`${typeName(parent.type)} has no member "${name}"`, offset, ' Only objects and maps have members.')
    const fields = parent.fields ?? []
    const field = fields.find((candidate) => candidate.name === name)
    const guess = nearest(
      name,
      fields.map((candidate) => candidate.name),
    )
    if (field === undefined) throw fault(`The contract declares no member "${name}" here`, offset, didYouMean(guess))
    return typed({ op: 'member', of: parent.expression, name, type: field.type }, field)
  }

  #macro({ name, list, variable, condition, offset }: Extract<CelNode, { kind: 'macro' }>, scope: Scope): Typed {
    const range = this.compile(list, scope)
    if (range.type !== 'array' || range.items === undefined)
      throw fault(`${name}() needs an array whose items the contract declares, found ${typeName(range.type)}`, offset)
    if (variable === 'this' || variable === 'message' || scope.has(variable))
      throw fault(`"${variable}" is taken: give the variable of ${name}() another name`, offset)
    const inner = this.compile(condition, new Map(scope).set(variable, range.items))
    if (inner.type !== 'boolean')
      throw fault(`The condition of ${name}() is true or false, this is ${typeName(inner.type)}`, condition.offset)
    const { type } = range.items
    return boolean({ op: name, list: range.expression, type, variable, condition: inner.expression })
  }

  #call(node: Extract<CelNode, { kind: 'call' }>, scope: Scope): Typed {
    const { name, target, args, offset } = node
    if (name === '_[_]') return this.#index(node, scope)
    const values = args.map((arg) => this.compile(arg, scope))
    const [first, second, third] = values
    switch (name) {
      case '_&&_':
      case '_||_':
        for (const [i, value] of values.entries()) this.#needBoolean(value, args[i]!.offset)
        return boolean({ op: name === '_&&_' ? 'and' : 'or', left: first!.expression, right: second!.expression })
      case '!_':
        this.#needBoolean(first!, args[0]!.offset)
        return boolean({ op: 'not', value: first!.expression })
      case '_?_:_':
        this.#needBoolean(first!, args[0]!.offset)
        return this.#comparisons.choice(first!, second!, third!, offset)
      case '@in':
        return this.#comparisons.membership(first!, second!, offset)
      default:
    }
    const operator = this.#comparisons.operator(name, values, offset)
    if (operator !== null) return operator
    const receiver = target === null ? null : this.compile(target, scope)
    const call = compileFunction(name, receiver === null ? values : [receiver, ...values], receiver !== null, node)
    if (call !== null) return call
    const plain = name.replaceAll('_', '')
    throw fault(`${plain}() is not supported in rules`, offset, didYouMean(nearest(plain, FUNCTIONS)))
  }

  #index({ args, offset }: Extract<CelNode, { kind: 'call' }>, scope: Scope): Typed {
    const [of, key] = args
    if (key?.kind === 'literal' && key.type === 'string')
      return this.#member(this.compile(of!, scope), key.value, offset)
    throw fault('[…] takes the name of a member as literal text; for items of an array use all() or exists()', offset)
  }

  #needBoolean({ type }: Typed, offset: number): void {
    if (type !== 'boolean') throw fault(`This must be true or false, it is ${typeName(type)}`, offset)
  }
}

function typed(expression: Expression, field: FieldPlan): Typed {
  return {
    expression,
    type: field.type,
    ...(field.fields === undefined ? {} : { fields: field.fields }),
    ...(field.items === undefined ? {} : { items: field.items }),
  }
}
