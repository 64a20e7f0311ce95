/** Random rules in CEL, well typed for given fields: most of what the subset has, nested a few levels deep. */
import fc from 'fast-check'
import type { Field } from '../../src/contract/index.ts'

type Kind = 'boolean' | 'integer' | 'number' | 'string' | 'date' | 'instant' | 'duration'

/** Texts of expressions by what they give. */
interface Scope {
  readonly [kind: string]: readonly string[]
}

/** Rules about records with these fields. */
export function ruleArbitrary(fields: readonly Field[], depth = 3): fc.Arbitrary<string> {
  return expression('boolean', members(fields, 'this'), depth)
}

/** What can be read within an object: `integer` → `this.a`, `this.b.c` … and arrays as `array:<index>` of their item. */
function members(fields: readonly Field[], of: string): Scope {
  const scope: Record<string, string[]> = {}
  const add = (kind: string, text: string) => {
    scope[kind] = [...(scope[kind] ?? []), text]
  }
  const visit = (field: Field, text: string): void => {
    add('present', text)
    if (field.type === 'timestamp') add('instant', `timestamp(${text})`)
    else add(field.type, text)
    if (field.type === 'object') for (const inner of field.fields ?? []) visit(inner, memberOf(text, inner.name))
    if (field.type === 'map' && field.items) visit(field.items, `${text}["k"]`)
    if (field.type === 'array' && field.items) {
      const { items } = field
      if (items.type === 'string' || items.type === 'integer') add(`${items.type}-array`, text)
      add(`of-${items.type}`, text)
    }
  }
  for (const field of fields) visit(field, memberOf(of, field.name))
  return scope
}

function memberOf(text: string, name: string): string {
  return /^[abc]$/.test(name) ? `${text}.${name}` : `${text}[${JSON.stringify(name)}]`
}

const INTEGERS = ['0', '1', '2', '3', '-3', '7', '9007199254740991', '-9007199254740991', '4503599627370496']
const NUMBERS = ['0.0', '0.1', '0.2', '0.3', '1.5', '-0.5', '3.0', '1e308', '5e-324', '9007199254740992.0']
const TEXTS = ['""', '"a"', '"ab"', '"A"', '"\u{1F600}"', '"\uFF5E"', '"e\u0301"', '"b\\n"', '"x1"', '"\\u00e9"']
const PATTERNS = [
  '^a',
  '^[a-c]+$',
  '^.$',
  '\\\\d',
  '^(ab|A)?$',
  '^(a+)+$',
  '[^a]',
  '\\\\bx',
  '\\\\p{Lu}',
  '^\\\\S{1,2}$',
  'a\\\\s*b',
  '[\\\\p{Ll}-]$',
]
const DATES = ['"2012-02-29"', '"2013-01-01"', '"2000-02-29"', '"2013-02-28"']
const INSTANTS = ['2013-01-01T00:00:00Z', '2013-01-01T00:00:00.5Z', '2012-12-31T23:59:59.9999Z', '2012-02-29T17:30:00Z']
const DURATIONS = ['1h', '-1h30m', '1.5s', '100us', '24h', '0s', '7ns']
const PRECEDES = ['==', '!=', '<', '<=', '>', '>=']

const anyOf = (texts: readonly string[]) => fc.constantFrom(...texts)

function constant(kind: Kind): fc.Arbitrary<string> {
  switch (kind) {
    case 'boolean':
      return anyOf(['true', 'false'])
    case 'integer':
      return fc.oneof(anyOf(INTEGERS), fc.integer({ min: -5, max: 9 }).map(String))
    case 'number':
      return anyOf(NUMBERS)
    case 'string':
      return anyOf(TEXTS)
    case 'date':
      return anyOf(DATES)
    case 'instant':
      return anyOf(INSTANTS).map((text) => `timestamp("${text}")`)
    case 'duration':
      return anyOf(DURATIONS).map((text) => `duration("${text}")`)
  }
}

function expression(kind: Kind, scope: Scope, depth: number): fc.Arbitrary<string> {
  const known = scope[kind] ?? []
  const leaf = known.length === 0 ? constant(kind) : fc.oneof({ weight: 3, arbitrary: anyOf(known) }, constant(kind))
  if (depth <= 0) return leaf
  const inner = operations(kind, scope, depth - 1)
  return inner.length === 0
    ? leaf
    : fc.oneof(
        { weight: kind === 'boolean' ? 1 : 3, arbitrary: leaf },
        ...inner.map((arbitrary) => ({ weight: 2, arbitrary })),
      )
}

function operations(kind: Kind, scope: Scope, depth: number): fc.Arbitrary<string>[] {
  const of = (inner: Kind) => expression(inner, scope, depth)
  const binary = (a: Kind, operators: readonly string[], b: Kind) =>
    fc.tuple(of(a), anyOf(operators), of(b)).map(([left, operator, right]) => `(${left} ${operator} ${right})`)
  const choice = fc.tuple(of('boolean'), of(kind), of(kind)).map(([test, a, b]) => `(${test} ? ${a} : ${b})`)
  switch (kind) {
    case 'boolean':
      return [...tests(scope, depth), choice]
    case 'integer':
      return [
        binary('integer', ['+', '-', '*', '/', '%'], 'integer'),
        of('number').map((text) => `int(${text})`),
        of('string').map((text) => `size(${text})`),
        of('integer').map((text) => `-(${text})`),
        ...[...(scope.map ?? []), ...(scope.array ?? [])].map((text) => fc.constant(`size(${text})`)),
        choice,
      ]
    case 'number':
      return [
        binary('number', ['+', '-', '*', '/'], 'number'),
        of('integer').map((text) => `double(${text})`),
        of('number').map((text) => `-(${text})`),
        choice,
      ]
    case 'instant':
      return [binary('instant', ['+', '-'], 'duration'), binary('duration', ['+'], 'instant')]
    case 'duration':
      return [binary('instant', ['-'], 'instant'), binary('duration', ['+', '-'], 'duration')]
    default:
      return []
  }
}

function tests(scope: Scope, depth: number): fc.Arbitrary<string>[] {
  const of = (inner: Kind) => expression(inner, scope, depth)
  const kinds: readonly Kind[] = ['integer', 'number', 'string', 'date', 'instant', 'duration']
  const usable = kinds.filter((kind) => kind !== 'date' || scope.date !== undefined)
  const comparisons = usable.map((kind) =>
    kind === 'date'
      ? fc.tuple(anyOf(scope.date!), anyOf(PRECEDES), of('date')).map((parts) => `(${parts.join(' ')})`)
      : fc.tuple(of(kind), anyOf(PRECEDES), of(kind)).map((parts) => `(${parts.join(' ')})`),
  )
  const present = scope.present ?? []
  return [
    ...comparisons,
    fc.tuple(of('integer'), anyOf(PRECEDES), of('number')).map((parts) => `(${parts.join(' ')})`),
    fc.tuple(of('boolean'), anyOf(['&&', '||', '==', '!=']), of('boolean')).map((parts) => `(${parts.join(' ')})`),
    of('boolean').map((text) => `!(${text})`),
    ...(present.length === 0
      ? []
      : [fc.tuple(anyOf(present), anyOf(['== null', '!= null'])).map((parts) => `(${parts.join(' ')})`)]),
    fc
      .tuple(of('string'), anyOf(['startsWith', 'endsWith', 'contains']), of('string'))
      .map(([text, name, part]) => `${text}.${name}(${part})`),
    fc.tuple(of('string'), anyOf(PATTERNS)).map(([text, pattern]) => `${text}.matches("${pattern}")`),
    fc
      .tuple(of('integer'), fc.array(constant('integer'), { minLength: 1, maxLength: 3 }))
      .map(([value, options]) => `(${value} in [${options.join(', ')}])`),
    fc
      .tuple(of('string'), fc.array(of('string'), { minLength: 1, maxLength: 3 }))
      .map(([value, options]) => `(${value} in [${options.join(', ')}])`),
    ...(['string', 'integer'] as const).flatMap((kind) =>
      (scope[`${kind}-array`] ?? []).map((list) => of(kind).map((value) => `(${value} in ${list})`)),
    ),
    ...quantifiers(scope, depth),
  ]
}

function quantifiers(scope: Scope, depth: number): fc.Arbitrary<string>[] {
  return (['integer', 'number', 'string', 'boolean'] as const).flatMap((kind) =>
    (scope[`of-${kind}`] ?? []).map((list) => {
      const variable = `x${depth}`
      const condition = expression('boolean', { ...scope, [kind]: [...(scope[kind] ?? []), variable, variable] }, depth)
      return fc
        .tuple(anyOf(['all', 'exists']), condition)
        .map(([name, test]) => `${list}.${name}(${variable}, ${test})`)
    }),
  )
}
