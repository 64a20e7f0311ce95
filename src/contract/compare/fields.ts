import type { Json } from '../../kernel/index.ts'
import type { FieldPlan, FieldRules, Incompatibility } from '../define.ts'
import { isMomentType } from '../moment.ts'
import { type FoundText, findText } from '../pattern/language.ts'
import { acceptsValue, isOfType, obeys } from '../plan/accepts.ts'
import { candidates, sampleArray, sampleDocument, sampleValue } from './candidates.ts'

/** A rule under which `refusing` is narrower than `accepting`. */
export interface Difference {
  readonly path: string
  readonly rule: Incompatibility['rule']
  /** The rule of each side, for messages; `undefined` where it has none. */
  readonly accepting: Json | undefined
  readonly refusing: Json | undefined
  /** A value of the place compared that `accepting` accepts and `refusing` does not; `undefined` where none was found. */
  readonly value: Json | undefined
}

/** Differences between the members of two objects; each `value` is a whole object. */
export function memberDifferences(
  accepting: readonly FieldPlan[],
  refusing: readonly FieldPlan[],
  prefix = '',
): readonly Difference[] {
  return refusing.flatMap((field) => {
    const path = `${prefix}${field.name}`
    const other = accepting.find(({ name }) => name === field.name)
    if (other !== undefined)
      return valueDifferences(other, field, path).map((difference) =>
        inside(difference, (value) => sampleDocument(accepting, { [field.name]: value })),
      )
    if (!field.required) return []
    return [
      {
        path,
        rule: 'field-added',
        accepting: undefined,
        refusing: undefined,
        value: sampleDocument(accepting),
      } as const,
    ]
  })
}

function inside(difference: Difference, wrap: (value: Json) => Json | undefined): Difference {
  return difference.value === undefined ? difference : { ...difference, value: wrap(difference.value) }
}

function valueDifferences(accepting: FieldPlan, refusing: FieldPlan, path: string): readonly Difference[] {
  const nullable: Difference[] =
    refusing.required && !accepting.required
      ? [{ path, rule: 'required', accepting: false, refusing: true, value: null }]
      : []
  if (!isSubtype(accepting, refusing)) return [...nullable, typeDifference(accepting, refusing, path)]
  return [...nullable, ...ruleDifferences(accepting, refusing, path), ...nestedDifferences(accepting, refusing, path)]
}

/** Whether every value of one type is one of the other: whole numbers are numbers, moments are texts. */
function isSubtype({ type }: FieldPlan, { type: other }: FieldPlan): boolean {
  return type === other || (type === 'integer' && other === 'number') || (isMomentType(type) && other === 'string')
}

function typeDifference(accepting: FieldPlan, refusing: FieldPlan, path: string): Difference {
  const values = [sampleValue(accepting), ...candidates(accepting, { ...refusing, rules: {} })]
  const value = values.find((each) => acceptsPresent(accepting, each) && !acceptsValue(refusing, each))
  return { path, rule: 'type', accepting: accepting.type, refusing: refusing.type, value }
}

function acceptsPresent(field: FieldPlan, value: Json | undefined): boolean {
  return value !== undefined && value !== null && acceptsValue(field, value)
}

function ruleDifferences(accepting: FieldPlan, refusing: FieldPlan, path: string): readonly Difference[] {
  const values = scalarOrList(accepting, refusing).filter((value) => acceptsPresent(accepting, value))
  return (Object.keys(refusing.rules) as (keyof FieldRules)[]).flatMap((rule) => {
    if (isImplied(rule, accepting.rules, refusing.rules)) return []
    const only = { [rule]: refusing.rules[rule] } as FieldRules
    const tried = values.find((each) => !isOfType(refusing.type, each) || !obeys(refusing.type, only, each))
    if (tried === undefined && decides(accepting, refusing)) return []
    const text = tried === undefined && isText(accepting, refusing) ? textBetween(accepting.rules, only) : undefined
    if (text === null) return []
    const value = tried ?? (text !== undefined && !obeys('string', only, text) ? text : undefined)
    return [{ path, rule, accepting: accepting.rules[rule], refusing: refusing.rules[rule], value }]
  })
}

function isText(accepting: FieldPlan, refusing: FieldPlan): boolean {
  return accepting.type === 'string' && refusing.type === 'string' && accepting.rules.enum === undefined
}

/** Steps of one question about two regular expressions: a few hundredths of a second. */
const PATTERN_STEPS_MAX = 100_000

/** A text that keeps to the one field's rules and breaks a rule of the other, `null` where it is shown that none does. */
function textBetween(accepting: FieldRules, { enum: listed, pattern, minLength, maxLength }: FieldRules): FoundText {
  return findText(
    {
      matching: accepting.pattern === undefined ? [] : [accepting.pattern],
      unlike: pattern === undefined ? [] : [pattern],
      lengthMin: Math.max(accepting.minLength ?? 0, maxLength === undefined ? 0 : maxLength + 1),
      lengthMax: Math.min(accepting.maxLength ?? Infinity, minLength === undefined ? Infinity : minLength - 1),
      except: (listed ?? []).filter((each) => typeof each === 'string'),
    },
    { left: PATTERN_STEPS_MAX },
  )
}

function scalarOrList(accepting: FieldPlan, refusing: FieldPlan): readonly Json[] {
  if (accepting.type !== 'array') return candidates(accepting, refusing)
  const { minItems, maxItems } = accepting.rules
  const lengths = [minItems ?? 0, maxItems, (refusing.rules.minItems ?? 0) - 1, (refusing.rules.maxItems ?? 0) + 1]
  const lists = lengths.flatMap((length) => {
    const list = length === undefined || length < 0 ? undefined : sampleArray(accepting, [], length)
    return list === undefined ? [] : [list]
  })
  const item = accepting.items && sampleValue(accepting.items)
  const twins = item === undefined ? undefined : sampleArray(accepting, [item, item])
  return twins === undefined ? lists : [...lists, twins]
}

/** Whether the rule of one side already follows from the same rule of the other. */
function isImplied(rule: keyof FieldRules, accepting: FieldRules, refusing: FieldRules): boolean {
  const own = accepting[rule]
  const other = refusing[rule]
  if (other === undefined || other === false || own === other) return true
  if (rule === 'minItems' || rule === 'minLength') return Number(own ?? 0) >= Number(other)
  if (rule === 'maxItems' || rule === 'maxLength') return own !== undefined && Number(own) <= Number(other)
  return rule === 'enum' && Array.isArray(own) && own.every((value) => refusing.enum!.includes(value))
}

/**
 * Whether the candidates decide about every rule of two scalar fields, so that no witness means no difference.
 * Patterns, and types that are compared with other types' rules, they do not; of patterns, automata tell the rest.
 */
function decides(accepting: FieldPlan, refusing: FieldPlan): boolean {
  if (accepting.rules.enum !== undefined) return true
  if (accepting.type === 'array') return false
  if (isMomentType(accepting.type)) return accepting.type === refusing.type
  return accepting.rules.pattern === undefined && refusing.rules.pattern === undefined
}

function nestedDifferences(accepting: FieldPlan, refusing: FieldPlan, path: string): readonly Difference[] {
  if (accepting.type === 'object') return memberDifferences(accepting.fields ?? [], refusing.fields ?? [], `${path}.`)
  if (accepting.items === undefined || refusing.items === undefined) return []
  const isMap = accepting.type === 'map'
  return valueDifferences(accepting.items, refusing.items, `${path}${isMap ? '{}' : '[]'}`).map((difference) =>
    inside(difference, (value) => (isMap ? { key: value } : sampleArray(accepting, [value]))),
  )
}
