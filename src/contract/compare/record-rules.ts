import { canonicalJson, isJsonObject, type Json } from '../../kernel/index.ts'
import type { FieldPlan, RulePlan, ValidationPlan } from '../define.ts'
import { acceptsRecord } from '../plan/accepts-record.ts'
import type { Expression } from '../plan/expression/define.ts'
import { evaluateRule } from '../plan/expression/evaluate.ts'
import { candidates, sampleDocument, sampleValue } from './candidates.ts'

type Plan = Pick<ValidationPlan, 'fields' | 'rules'>

/** A record rule that one version enforces and the other does not. */
export interface RuleDifference {
  readonly rule: RulePlan
  /** A record that the other version accepts and that breaks the rule; `null` where none was found. */
  readonly witness: Json | null
}

/** Values tried for one field, and records tried for one rule. */
const VALUES_MAX = 40
const RECORDS_MAX = 20_000

/** Enforced rules of `refusing` that `accepting` does not enforce in the same way. */
export function ruleDifferences(accepting: Plan, refusing: Plan): readonly RuleDifference[] {
  const enforced = new Set(accepting.rules.filter(isEnforced).map(({ expression }) => canonicalJson(expression)))
  return refusing.rules
    .filter((rule) => isEnforced(rule) && !enforced.has(canonicalJson(rule.expression)))
    .map((rule) => ({ rule, witness: findRecord(accepting, rule) }))
}

function isEnforced({ stage }: RulePlan): boolean {
  return stage === 'enforce'
}

/** Records around the values that the rule speaks of: a rule mostly breaks by one or two fields. */
function findRecord(accepting: Plan, { expression }: RulePlan): Json | null {
  const constants = constantsOf(expression)
  const used = accepting.fields.filter(({ name }) => namesOf(expression).has(name))
  const options = used.map((field) => ({ name: field.name, values: valuesFor(field, constants) }))
  let left = RECORDS_MAX
  for (const members of combinations(options)) {
    if (left-- <= 0) return null
    const record = sampleDocument(accepting.fields, members)
    if (record === undefined || evaluateRule(expression, record) !== false) continue
    if (acceptsRecord(accepting, record)) return record
  }
  return null
}

interface Options {
  readonly name: string
  readonly values: readonly Json[]
}

/** None, each value of one field, then pairs of two fields, then a few of all at once. */
function* combinations(options: readonly Options[]): Iterable<{ readonly [name: string]: Json }> {
  yield {}
  for (const { name, values } of options) for (const value of values) yield { [name]: value }
  for (const [index, first] of options.entries())
    for (const second of options.slice(index + 1))
      for (const a of first.values) for (const b of second.values) yield { [first.name]: a, [second.name]: b }
  for (let at = 0; at < VALUES_MAX; at++)
    yield Object.fromEntries(
      options.flatMap(({ name, values }) => (values.length === 0 ? [] : [[name, values[at % values.length]!]])),
    )
}

function valuesFor(field: FieldPlan, constants: readonly Json[]): readonly Json[] {
  const sample = sampleValue(field)
  const numbers = constants.flatMap((each) => (typeof each === 'number' ? [each, each + 1, each - 1] : []))
  const texts = constants.flatMap((each) => (typeof each === 'string' ? [each, `${each}x`] : []))
  const nested = field.type === 'object' ? nestedValues(field, constants) : []
  const list = field.type === 'array' ? [[], ...itemLists(field, constants)] : []
  const all = [
    ...(sample === undefined ? [] : [sample]),
    ...numbers,
    ...texts,
    ...nested,
    ...list,
    ...candidates(field, field),
  ]
  return all.slice(0, VALUES_MAX)
}

function nestedValues({ fields = [] }: FieldPlan, constants: readonly Json[]): readonly Json[] {
  return fields.flatMap((inner) =>
    valuesFor(inner, constants).flatMap((value) => sampleDocument(fields, { [inner.name]: value }) ?? []),
  )
}

function itemLists({ items }: FieldPlan, constants: readonly Json[]): readonly Json[] {
  return items === undefined ? [] : valuesFor(items, constants).flatMap((value) => [[value], [value, value]])
}

/** The constants of an expression, as records would hold them; instants as text. */
function constantsOf(expression: Expression): readonly Json[] {
  return nodesOf(expression).flatMap((node) => {
    if (node.op !== 'constant') return []
    const { type, value } = node
    if (type !== 'instant') return value === undefined ? [] : [value]
    const ms = Number(BigInt(String(value)) / 1_000_000n)
    return [ms - 1_000, ms, ms + 1_000].map((each) => new Date(each).toISOString())
  })
}

function namesOf(expression: Expression): ReadonlySet<string> {
  return new Set(nodesOf(expression).flatMap(({ op, name }) => (op === 'member' ? [String(name)] : [])))
}

function nodesOf(expression: Expression): readonly { readonly [key: string]: Json }[] {
  const found: { readonly [key: string]: Json }[] = []
  const open: Json[] = [expression as unknown as Json]
  while (open.length > 0) {
    const value = open.pop()!
    if (Array.isArray(value)) open.push(...(value as readonly Json[]))
    else if (isJsonObject(value)) {
      found.push(value)
      open.push(...Object.values(value))
    }
  }
  return found
}
