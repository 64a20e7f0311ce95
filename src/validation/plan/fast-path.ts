import { compareMoments, type FieldPlan, isMoment, type MomentType, type ValidationPlan } from '../../contract/index.ts'
import { isMultipleOf } from './multiple-of.ts'
import type { Patterns } from './patterns.ts'
import { codePoints } from './text-length.ts'
import { areUnique } from './unique-items.ts'

/** True for a value that conforms; false where only the full walk can tell. Allocates nothing for plain fields. */
export type FastPath = (value: unknown) => boolean

const RUNTIME = {
  isMoment,
  compareMoments,
  isMultipleOf,
  codePoints,
  areUnique,
  own: (members: object, name: string): unknown =>
    Object.hasOwn(members, name) ? (members as Record<string, unknown>)[name] : undefined,
}

/** Up to this many values an enumeration is compared one by one; beyond, a set is faster. */
const ENUM_INLINE_MAX = 8

/**
 * Writes the plan out as one straight-line JavaScript function: every branch on the plan is taken here, once, instead of
 * once a record. Texts of the plan enter the source as JSON literals only; patterns and sets as bound constants.
 */
export function compileFastPath(plan: ValidationPlan, patterns: Patterns): FastPath {
  const writer = new SourceWriter(patterns)
  const body = plan.cdc === 'debezium' ? writer.envelope(plan) : writer.object(plan.fields, 'value')
  const source = `'use strict'\nconst { ${Object.keys(RUNTIME).join(', ')} } = runtime\nreturn (value) => {\n${body}return true\n}`
  return new Function('runtime', 'constants', source)(RUNTIME, writer.constants) as FastPath
}

class SourceWriter {
  /** What the source refers to as `constants[i]`. */
  readonly constants: unknown[] = []
  readonly #patterns: Patterns
  #variables = 0

  constructor(patterns: Patterns) {
    this.#patterns = patterns
  }

  envelope({ fields, key }: ValidationPlan): string {
    const keyFields = fields.filter(({ name }) => key.includes(name))
    const before = this.object(keyFields, 'row')
    const after = this.object(fields, 'row')
    return `${isObject('value')}const op = own(value, 'op')
if (op === 'd') { const row = own(value, 'before')
${before}} else if (op === 'c' || op === 'u' || op === 'r') { const row = own(value, 'after')
${after}} else return false
`
  }

  object(fields: readonly FieldPlan[], variable: string): string {
    return isObject(variable) + fields.map((field) => this.#member(field, variable)).join('')
  }

  #member(field: FieldPlan, parent: string): string {
    const variable = `v${this.#variables++}`
    const name = JSON.stringify(field.name)
    // What every object inherits (`constructor`, `__proto__` …) must not pass for a member.
    const read = field.name in Object.prototype ? `own(${parent}, ${name})` : `${parent}[${name}]`
    return `const ${variable} = ${read}\n${this.#value(field, variable)}`
  }

  #value(field: FieldPlan, variable: string): string {
    const checks = this.#checks(field, variable)
    if (field.required) return `if (${variable} === undefined || ${variable} === null) return false\n${checks}`
    return `if (${variable} !== undefined && ${variable} !== null) {\n${checks}}\n`
  }

  #checks(field: FieldPlan, variable: string): string {
    const { type } = field
    switch (type) {
      case 'string':
        return this.#text(field, variable)
      case 'integer':
      case 'number':
        return this.#number(field, variable)
      case 'boolean':
        return unless(`typeof ${variable} === 'boolean'`) + this.#enumeration(field, variable)
      case 'object':
        return this.object(field.fields ?? [], variable)
      case 'array':
        return this.#array(field, variable)
      case 'map':
        return this.#map(field, variable)
      default:
        return this.#moment(field, type, variable)
    }
  }

  #text(field: FieldPlan, variable: string): string {
    const { minLength, maxLength, pattern } = field.rules
    let source = unless(`typeof ${variable} === 'string'`)
    // Code points are at most the length in UTF-16 units and at least half of it: mostly no count is needed.
    const length = `${variable}.length`
    if (minLength !== undefined)
      source += unless(
        `${length} >= ${2 * minLength} || (${length} >= ${minLength} && codePoints(${variable}) >= ${minLength})`,
      )
    if (maxLength !== undefined)
      source += unless(`${length} <= ${maxLength} || codePoints(${variable}) <= ${maxLength}`)
    if (pattern !== undefined) source += this.#pattern(pattern, variable)
    return source + this.#enumeration(field, variable)
  }

  #pattern(pattern: string, variable: string): string {
    const compiled = this.#patterns.get(pattern)!
    const native = this.#constant(compiled.native)
    const bounded = this.#constant(compiled)
    return unless(
      `${variable}.length <= ${compiled.nativeLengthMax} ? ${native}.test(${variable}) : ${bounded}.test(${variable})`,
    )
  }

  #number(field: FieldPlan, variable: string): string {
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = field.rules
    const test = field.type === 'integer' ? 'isSafeInteger' : 'isFinite'
    let source = unless(`Number.${test}(${variable})`)
    if (minimum !== undefined) source += unless(`${variable} >= ${minimum}`)
    if (maximum !== undefined) source += unless(`${variable} <= ${maximum}`)
    if (exclusiveMinimum !== undefined) source += unless(`${variable} > ${exclusiveMinimum}`)
    if (exclusiveMaximum !== undefined) source += unless(`${variable} < ${exclusiveMaximum}`)
    if (multipleOf !== undefined) source += unless(`isMultipleOf(${variable}, ${multipleOf})`)
    return source + this.#enumeration(field, variable)
  }

  #moment(field: FieldPlan, type: MomentType, variable: string): string {
    const { earliest, latest } = field.rules
    let source = unless(`typeof ${variable} === 'string' && isMoment('${type}', ${variable})`)
    const compared = (bound: string) => `compareMoments('${type}', ${variable}, ${JSON.stringify(bound)})`
    if (earliest !== undefined) source += unless(`${compared(earliest)} >= 0`)
    if (latest !== undefined) source += unless(`${compared(latest)} <= 0`)
    return source + this.#enumeration(field, variable)
  }

  #array(field: FieldPlan, variable: string): string {
    const { minItems, maxItems, uniqueItems } = field.rules
    let source = unless(`Array.isArray(${variable})`)
    if (minItems !== undefined) source += unless(`${variable}.length >= ${minItems}`)
    if (maxItems !== undefined) source += unless(`${variable}.length <= ${maxItems}`)
    if (field.items)
      source += this.#loop(field.items, variable, (i) => `for (let ${i} = 0; ${i} < ${variable}.length; ${i}++)`)
    if (uniqueItems === true) source += unless(`areUnique(${variable})`)
    return source
  }

  #map(field: FieldPlan, variable: string): string {
    const items = field.items ? this.#loop(field.items, variable, (name) => `for (const ${name} in ${variable})`) : ''
    return isObject(variable) + items
  }

  #loop(item: FieldPlan, variable: string, head: (index: string) => string): string {
    const index = `i${this.#variables}`
    const element = `v${this.#variables++}`
    return `${head(index)} {\nconst ${element} = ${variable}[${index}]\n${this.#value(item, element)}}\n`
  }

  #enumeration(field: FieldPlan, variable: string): string {
    const values = field.rules.enum
    if (values === undefined) return ''
    if (values.length === 0) return 'return false\n'
    if (values.length > ENUM_INLINE_MAX) return unless(`${this.#constant(new Set(values))}.has(${variable})`)
    return unless(values.map((value) => `${variable} === ${JSON.stringify(value)}`).join(' || '))
  }

  #constant(value: unknown): string {
    this.constants.push(value)
    return `constants[${this.constants.length - 1}]`
  }
}

function unless(condition: string): string {
  return `if (!(${condition})) return false\n`
}

function isObject(variable: string): string {
  return unless(`typeof ${variable} === 'object' && ${variable} !== null && !Array.isArray(${variable})`)
}
