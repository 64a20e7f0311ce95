import { compareMoments, type FieldPlan, isMoment, type MomentType, type ValidationPlan } from '../../contract/index.ts'
import { VIOLATIONS_MAX, type Violation, type ViolationCode } from '../define.ts'
import { expectation } from './expectation.ts'
import { isMultipleOf } from './multiple-of.ts'
import type { Patterns } from './patterns.ts'
import { redact } from './redact.ts'
import { codePoints } from './text-length.ts'
import { areUnique } from './unique-items.ts'

/** Debezium writes this where it did not read a large column: its value is unknown, not wrong. */
const UNAVAILABLE = '__debezium_unavailable_value'

/**
 * All violations of a parsed value, at most 100: the reading of a plan that decides. The fast path only spares
 * conforming values this walk.
 */
export function collectViolations(plan: ValidationPlan, patterns: Patterns, value: unknown): readonly Violation[] {
  const walk = new Walk(patterns, plan.cdc)
  if (plan.cdc === 'debezium') walk.envelope(plan, value)
  else walk.members(plan.fields, value, '', '')
  return walk.violations
}

const RECORD: FieldPlan = { name: '', type: 'object', required: true, rules: {} }
const OPERATION: FieldPlan = { name: 'op', type: 'string', required: true, rules: { enum: ['c', 'u', 'd', 'r'] } }

type Members = Readonly<Record<string, unknown>>

class Walk {
  readonly violations: Violation[] = []
  readonly #patterns: Patterns
  readonly #cdc: ValidationPlan['cdc']

  constructor(patterns: Patterns, cdc: ValidationPlan['cdc']) {
    this.#patterns = patterns
    this.#cdc = cdc
  }

  /** The Debezium envelope: `after` must hold the row, of a delete `before` its key. */
  envelope(plan: ValidationPlan, value: unknown): void {
    if (!isMembers(value)) {
      this.#add('type', RECORD, '', '', value)
      return
    }
    const op = own(value, 'op')
    this.#field(OPERATION, op, 'op', 'op')
    if (op === 'd') {
      const key = plan.fields.filter(({ name }) => plan.key.includes(name))
      this.#row('before', key, own(value, 'before'))
    } else if (op === 'c' || op === 'u' || op === 'r') this.#row('after', plan.fields, own(value, 'after'))
  }

  #row(name: 'before' | 'after', fields: readonly FieldPlan[], value: unknown): void {
    this.#field({ name, type: 'object', required: true, rules: {}, fields }, value, name, name)
  }

  members(fields: readonly FieldPlan[], value: unknown, path: string, rulePath: string): void {
    if (!isMembers(value)) {
      this.#add('type', RECORD, path, rulePath, value)
      return
    }
    for (const field of fields)
      this.#field(field, own(value, field.name), joined(path, field.name), joined(rulePath, field.name))
  }

  #field(field: FieldPlan, value: unknown, path: string, rulePath: string): void {
    if (value === undefined || value === null) {
      if (field.required) this.#add('required', field, path, rulePath, value)
      return
    }
    if (this.#cdc === 'debezium' && value === UNAVAILABLE) return
    if (this.violations.length >= VIOLATIONS_MAX) return
    if (!hasType(field, value)) {
      this.#add('type', field, path, rulePath, value)
      return
    }
    for (const code of brokenRules(field, value, this.#patterns)) this.#add(code, field, path, rulePath, value)
    if (field.type === 'object') this.members(field.fields ?? [], value, path, rulePath)
    else if (field.items) this.#items(field.items, value as Members | readonly unknown[], path, rulePath)
  }

  #items(item: FieldPlan, values: Members | readonly unknown[], path: string, rulePath: string): void {
    if (Array.isArray(values)) {
      for (let i = 0; i < values.length && this.violations.length < VIOLATIONS_MAX; i++)
        this.#field(item, values[i], `${path}[${i}]`, `${rulePath}[]`)
      return
    }
    const members = values as Members
    for (const name of Object.keys(members)) {
      if (this.violations.length >= VIOLATIONS_MAX) return
      this.#field(item, members[name], joined(path, name), `${rulePath}{}`)
    }
  }

  #add(code: ViolationCode, field: FieldPlan, path: string, rulePath: string, value: unknown): void {
    if (this.violations.length >= VIOLATIONS_MAX) return
    const ruleId = joined(rulePath, code)
    const expected = expectation(code, field)
    this.violations.push({ ruleId, path, code, expected, got: redact(value), severity: 'error' })
  }
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function own(members: Members, name: string): unknown {
  return Object.hasOwn(members, name) ? members[name] : undefined
}

function hasType({ type }: FieldPlan, value: unknown): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string'
    case 'integer':
      return Number.isSafeInteger(value)
    case 'number':
      return Number.isFinite(value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'array':
      return Array.isArray(value)
    case 'object':
    case 'map':
      return isMembers(value)
    default:
      return typeof value === 'string' && isMoment(type, value)
  }
}

/** The rules of a field that a value of its type breaks. */
function brokenRules(field: FieldPlan, value: unknown, patterns: Patterns): ViolationCode[] {
  const { rules, type } = field
  const broken = rules.enum?.includes(value as string) === false ? (['enum'] as ViolationCode[]) : []
  if (typeof value === 'number') return broken.concat(brokenNumberRules(field, value))
  if (Array.isArray(value)) return broken.concat(brokenItemRules(field, value))
  if (typeof value !== 'string') return broken
  return broken.concat(
    type === 'string' ? brokenTextRules(field, value, patterns) : brokenMomentRules(field, type as MomentType, value),
  )
}

function brokenNumberRules({ rules }: FieldPlan, value: number): ViolationCode[] {
  const broken: ViolationCode[] = []
  if (rules.minimum !== undefined && value < rules.minimum) broken.push('minimum')
  if (rules.maximum !== undefined && value > rules.maximum) broken.push('maximum')
  if (rules.exclusiveMinimum !== undefined && value <= rules.exclusiveMinimum) broken.push('exclusiveMinimum')
  if (rules.exclusiveMaximum !== undefined && value >= rules.exclusiveMaximum) broken.push('exclusiveMaximum')
  if (rules.multipleOf !== undefined && !isMultipleOf(value, rules.multipleOf)) broken.push('multipleOf')
  return broken
}

function brokenTextRules({ rules }: FieldPlan, value: string, patterns: Patterns): ViolationCode[] {
  const broken: ViolationCode[] = []
  if (rules.minLength !== undefined && codePoints(value) < rules.minLength) broken.push('minLength')
  if (rules.maxLength !== undefined && codePoints(value) > rules.maxLength) broken.push('maxLength')
  if (rules.pattern !== undefined && !patterns.get(rules.pattern)!.test(value)) broken.push('pattern')
  return broken
}

function brokenMomentRules({ rules }: FieldPlan, type: MomentType, value: string): ViolationCode[] {
  const broken: ViolationCode[] = []
  if (rules.earliest !== undefined && compareMoments(type, value, rules.earliest) < 0) broken.push('earliest')
  if (rules.latest !== undefined && compareMoments(type, value, rules.latest) > 0) broken.push('latest')
  return broken
}

function brokenItemRules({ rules }: FieldPlan, value: readonly unknown[]): ViolationCode[] {
  const broken: ViolationCode[] = []
  if (rules.minItems !== undefined && value.length < rules.minItems) broken.push('minItems')
  if (rules.maxItems !== undefined && value.length > rules.maxItems) broken.push('maxItems')
  if (rules.uniqueItems === true && !areUnique(value)) broken.push('uniqueItems')
  return broken
}
