import type { FieldPlan, LogicalType } from '../../define.ts'
import { RuleFault } from './cel.ts'
import type { Expression } from './define.ts'

/** What an expression gives: a type of fields, or one that only rules have. */
export type StaticType = LogicalType | 'instant' | 'duration' | 'null' | 'list'

export interface Typed {
  readonly expression: Expression
  readonly type: StaticType
  /** Of an object. */
  readonly fields?: readonly FieldPlan[]
  /** Of an array and a map. */
  readonly items?: FieldPlan
  /** Of a list in the text: `[1, 2]`. */
  readonly options?: readonly Typed[]
}

/** The variables of `all` and `exists` that can be seen, with what their arrays hold. */
export type Scope = ReadonlyMap<string, FieldPlan>

const NAMES: Readonly<Record<StaticType, string>> = {
  boolean: 'true or false',
  integer: 'an integer',
  number: 'a number (double)',
  string: 'a string',
  date: 'a date',
  time: 'a time of day',
  timestamp: 'a timestamp as text',
  instant: 'an instant',
  duration: 'a duration',
  object: 'an object',
  array: 'an array',
  map: 'a map',
  null: 'null',
  list: 'a list',
}

export function typeName(type: StaticType): string {
  return NAMES[type]
}

export function boolean(expression: Expression): Typed {
  return { expression, type: 'boolean' }
}

export function fault(message: string, offset: number, hint = ''): RuleFault {
  return new RuleFault(`${message}.${hint}`, offset)
}

type Literal =
  | { readonly type: 'null'; readonly value: null }
  | { readonly type: 'boolean' | 'number' | 'string'; readonly value: boolean | number | string }
  | { readonly type: 'integer'; readonly value: bigint }

export function constantOf(literal: Literal & { readonly offset: number }): Typed {
  const { type, value, offset } = literal
  if (type === 'null') return { expression: { op: 'record' }, type: 'null' }
  if (type === 'integer') {
    if (!Number.isSafeInteger(Number(value)))
      throw fault('Integers in rules lie within ±(2^53 − 1), as those of JSON do', offset)
    return { expression: { op: 'constant', type, value: Number(value) }, type }
  }
  if (type === 'number' && !Number.isFinite(value)) throw fault('A number must be finite', offset)
  if (type === 'string' && !(value as string).isWellFormed())
    throw fault('A text must not hold half of a surrogate pair', offset)
  return { expression: { op: 'constant', type, value }, type }
}
