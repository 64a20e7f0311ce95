import {
  compareMoments,
  compileAutomaton,
  type FieldPlan,
  type FieldRules,
  type MomentType,
} from '../../../contract/index.ts'
import { isMultipleOf } from '../multiple-of.ts'
import type { Patterns } from '../patterns.ts'
import * as jsonBytes from './json-bytes.ts'
import type { ExpectedMember } from './shape.ts'

/** True for bytes that are JSON, have the expected members in order and conform; false where only parsing can tell. */
export type Scanner = (bytes: Uint8Array) => boolean

const RUNTIME = { ...jsonBytes, isMultipleOf, compareMoments }
/** A float holds every whole number of so many digits, and divides it by a power of ten with one rounding. */
const DIGITS_MAX = 15
const ENUM_INLINE_MAX = 16
const TEXT_LOOP = `for (p = s, d = 0; p < n && (c = b[p]) !== 34; p++) {
if (c < 32 || c === 92) return false
if (c > 126) { e = sequenceLast(b, p); if (e < 0) return false; d += e - p; p = e }
}
`
/** Bounds the source that is written for events with very many members. */
const LABELS_MAX = 1_000

/**
 * Writes the scanner of a shape as straight-line JavaScript over the bytes, or `null` where the plan has rules that need
 * parsed values. Names enter the source as byte numbers only, other texts as bound constants.
 */
export function compileScanner(members: readonly ExpectedMember[], patterns: Patterns): Scanner | null {
  const writer = new ScannerWriter(patterns)
  const body = writer.object(members)
  if (writer.unsupported) return null
  const source = `'use strict'
const { ${Object.keys(RUNTIME).join(', ')} } = runtime
${writer.constants.map((_, i) => `const k${i} = constants[${i}]`).join('\n')}
return (b) => {
const n = b.length
let p = 0, s = 0, e = 0, c = 0, v = 0, d = 0
${body}return p === n || (p === n - 1 && b[p] === 10)
}`
  return new Function('runtime', 'constants', source)(RUNTIME, writer.constants) as Scanner
}

class ScannerWriter {
  readonly constants: unknown[] = []
  unsupported = false
  readonly #patterns: Patterns
  #labels = 0

  constructor(patterns: Patterns) {
    this.#patterns = patterns
  }

  /** Reads `{…}` at `p`. `first` tells at run time whether a comma is due. */
  object(members: readonly ExpectedMember[]): string {
    const first = `f${this.#label()}`
    const steps = members.map((member) => this.#member(member, first)).join('')
    return `if (b[p] !== 123) return false\np++\nlet ${first} = true\n${steps}if (b[p] !== 125) return false\np++\n`
  }

  #member({ name, field, members }: ExpectedMember, first: string): string {
    const label = `m${this.#label()}`
    const key = Buffer.from(`${JSON.stringify(name)}:`)
    const matches = [...key].map((byte, i) => `b[e + ${i}] === ${byte}`).join(' && ')
    const value = field === null ? 'p = valueEnd(b, p)\nif (p < 0) return false\n' : this.#nullable(field, members)
    const absent = field?.required ? 'return false' : `break ${label}`
    return `${label}: {
e = p
if (!${first}) { if (b[e] !== 44) ${absent}\ne += b[e + 1] === 32 ? 2 : 1 }
if (e + ${key.length} >= n || !(${matches})) ${absent}
p = e + ${key.length}
if (b[p] === 32) p++
${first} = false
${value}}
`
  }

  #nullable(field: FieldPlan, members: readonly ExpectedMember[]): string {
    const value = this.#value(field, members)
    if (field.required) return value
    return `if (b[p] === 110) { p = valueEnd(b, p); if (p < 0) return false } else {\n${value}}\n`
  }

  #value(field: FieldPlan, members: readonly ExpectedMember[]): string {
    switch (field.type) {
      case 'string':
        return this.#text(field.rules)
      case 'integer':
      case 'number':
        return this.#number(field)
      case 'boolean':
        if (field.rules.enum) this.unsupported = true
        return 'if (b[p] !== 116 && b[p] !== 102) return false\np = valueEnd(b, p)\nif (p < 0) return false\n'
      case 'object':
        return this.object(members)
      case 'array':
        return this.#array(field)
      case 'map':
        return this.#map(field)
      default:
        return this.#moment(field.type, field.rules)
    }
  }

  #moment(type: MomentType, { earliest, latest, enum: values }: FieldRules): string {
    let source = `if (b[p] !== 34) return false
s = p + 1
p = ${type}End(b, s)
if (p < 0 || b[p] !== 34) return false\n`
    const compared = (bound: string) => `compareMoments('${type}', textOf(b, s, p), ${this.#constant(bound)})`
    if (earliest !== undefined) source += `if (${compared(earliest)} < 0) return false\n`
    if (latest !== undefined) source += `if (${compared(latest)} > 0) return false\n`
    if (values !== undefined) source += this.#textEnumeration(values)
    return `${source}p++\n`
  }

  /** The text between the quotes is `s` … `p − 1` while its rules are checked; `d` bytes of it begin no code point. */
  #text({ minLength, maxLength, pattern, enum: values }: FieldRules): string {
    let source = 'if (b[p] !== 34) return false\ns = p + 1\n'
    const automaton = pattern === undefined ? null : compileAutomaton(pattern)
    if (automaton) source += this.#automatonLoop(automaton.next, automaton.accepts)
    else source += TEXT_LOOP
    source += 'if (p >= n) return false\n'
    if (minLength !== undefined) source += `if (p - s - d < ${minLength}) return false\n`
    if (maxLength !== undefined) source += `if (p - s - d > ${maxLength}) return false\n`
    if (values !== undefined) source += this.#textEnumeration(values)
    if (pattern !== undefined && !automaton)
      source += `if (!${this.#constant(this.#patterns.get(pattern))}.test(textOf(b, s, p))) return false\n`
    return `${source}p++\n`
  }

  #automatonLoop(next: Uint8Array, accepts: Uint8Array): string {
    const table = this.#constant(next)
    return `for (p = s, v = d = 0; p < n && (c = b[p]) !== 34; p++) { if (c < 32 || c > 126 || c === 92) return false
v = ${table}[v * 128 + c] }
if (${this.#constant(accepts)}[v] !== 1) return false\n`
  }

  #textEnumeration(values: readonly unknown[]): string {
    if (values.length > ENUM_INLINE_MAX)
      return `if (!${this.#constant(new Set(values))}.has(textOf(b, s, p))) return false\n`
    // A lone surrogate has no bytes of its own in UTF-8.
    if (values.some((value) => !String(value).isWellFormed())) this.unsupported = true
    const tests = values.map((value) => {
      const bytes = Buffer.from(String(value))
      return [`p - s === ${bytes.length}`, ...[...bytes].map((byte, i) => `b[s + ${i}] === ${byte}`)].join(' && ')
    })
    return `if (!(${tests.join(' || ') || 'false'})) return false\n`
  }

  /** Digits are added up as a whole number, then divided once: exactly what parsing gives. */
  #number({ type, rules }: FieldPlan): string {
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, enum: values } = rules
    const fraction =
      type === 'integer'
        ? 'if (b[p] === 46) return false\n'
        : `d = 1
if (b[p] === 46) { e = ++p; while (p < n && (c = b[p]) >= 48 && c <= 57) { v = v * 10 + (c - 48); d *= 10; p++ }
if (p === e) return false }
if (p - s > ${DIGITS_MAX}) return false
v /= d\n`
    let source = `const g${this.#labels} = b[p] === 45
if (g${this.#labels}) p++
s = p
v = 0
while (p < n && (c = b[p]) >= 48 && c <= 57) { v = v * 10 + (c - 48); p++ }
if (p === s || p - s > ${DIGITS_MAX} || (b[s] === 48 && p - s > 1)) return false
${fraction}if (p < n && ((c = b[p]) === 101 || c === 69)) return false
if (g${this.#labels}) v = -v\n`
    this.#labels++
    if (minimum !== undefined) source += `if (!(v >= ${minimum})) return false\n`
    if (maximum !== undefined) source += `if (!(v <= ${maximum})) return false\n`
    if (exclusiveMinimum !== undefined) source += `if (!(v > ${exclusiveMinimum})) return false\n`
    if (exclusiveMaximum !== undefined) source += `if (!(v < ${exclusiveMaximum})) return false\n`
    if (multipleOf !== undefined) source += `if (!isMultipleOf(v, ${multipleOf})) return false\n`
    if (values) source += `if (!${this.#constant(new Set(values))}.has(v)) return false\n`
    return source
  }

  #array({ rules, items }: FieldPlan): string {
    if (rules.uniqueItems === true) this.unsupported = true
    const count = `n${this.#label()}`
    const bounds = [
      rules.minItems === undefined ? '' : `if (${count} < ${rules.minItems}) return false\n`,
      rules.maxItems === undefined ? '' : `if (${count} > ${rules.maxItems}) return false\n`,
    ]
    return `let ${count} = 0\n${this.#loop(91, 93, '', items, `${count}++\n`)}${bounds.join('')}`
  }

  #map({ items }: FieldPlan): string {
    return this.#loop(123, 125, 'p = nameEnd(b, p)\nif (p < 0) return false\n', items, '')
  }

  #loop(open: number, close: number, name: string, items: FieldPlan | undefined, each: string): string {
    // Objects in arrays are expected in the order of the plan.
    const members = items?.type === 'object' ? inPlanOrder(items.fields ?? []) : []
    const value = items ? this.#nullable(items, members) : 'p = valueEnd(b, p)\nif (p < 0) return false\n'
    return `if (b[p] !== ${open}) return false
p++
if (b[p] === ${close}) p++
else for (;;) {
${name}${value}${each}if (b[p] === ${close}) { p++; break }
if (b[p] !== 44) return false
p += b[p + 1] === 32 ? 2 : 1
}
`
  }

  #label(): number {
    if (this.#labels > LABELS_MAX) this.unsupported = true
    return this.#labels++
  }

  #constant(value: unknown): string {
    this.constants.push(value)
    return `k${this.constants.length - 1}`
  }
}

function inPlanOrder(fields: readonly FieldPlan[]): readonly ExpectedMember[] {
  return fields.map((field) => ({ name: field.name, field, members: inPlanOrder(field.fields ?? []) }))
}
