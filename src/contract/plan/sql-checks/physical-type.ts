import type { FieldPlan, LogicalType } from '../../define.ts'

/** A column's type as DuckDB names it, taken apart. */
export type PhysicalType =
  | { readonly kind: 'scalar'; readonly name: string }
  | { readonly kind: 'decimal'; readonly width: number }
  | { readonly kind: 'struct'; readonly members: readonly { readonly name: string; readonly type: PhysicalType }[] }
  | { readonly kind: 'list'; readonly items: PhysicalType }
  | { readonly kind: 'map'; readonly key: PhysicalType; readonly value: PhysicalType }

/**
 * Reads a type as `DESCRIBE` writes it.
 *
 * @example physicalType('STRUCT("a b" INTEGER, c VARCHAR[])')
 */
export function physicalType(text: string): PhysicalType {
  return new TypeReader(text).type()
}

const TEXTS = ['VARCHAR', 'UUID', 'ENUM']
const SMALL_INTEGERS = ['TINYINT', 'SMALLINT', 'INTEGER', 'UTINYINT', 'USMALLINT', 'UINTEGER']
const INTEGERS = [...SMALL_INTEGERS, 'BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT']
const FLOATS = ['FLOAT', 'DOUBLE']
const TIMESTAMPS = ['TIMESTAMP', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP_NS', 'TIMESTAMP WITH TIME ZONE']

/** The columns that can hold a value of a logical type, nested ones aside. Texts hold dates and times as ISO 8601. */
const HOLDERS: Readonly<Partial<Record<LogicalType, readonly string[]>>> = {
  string: TEXTS,
  integer: [...INTEGERS, ...FLOATS],
  number: [...INTEGERS, ...FLOATS],
  boolean: ['BOOLEAN'],
  timestamp: [...TIMESTAMPS, 'VARCHAR'],
  date: ['DATE', 'VARCHAR'],
  time: ['TIME', 'VARCHAR'],
}

/**
 * The first place at which a physical type cannot hold what the contract says, as `<path> is <TYPE>`; `null` where it
 * can hold it. A struct may lack members: they read as null, and the values decide.
 */
export function misfit(field: FieldPlan, type: PhysicalType, path: string, isTop = true): string | null {
  const here = `${path} is ${typeText(type)}`
  const isJson = type.kind === 'scalar' && (type.name === 'JSON' || (isTop && type.name === 'VARCHAR'))
  switch (field.type) {
    case 'object':
      if (isJson) return null
      if (type.kind === 'map') return keyMisfit(type, here)
      if (type.kind !== 'struct') return here
      return firstOf(field.fields ?? [], (member) => {
        const found = type.members.find(({ name }) => name === member.name)
        return found ? misfit(member, found.type, `${path}.${member.name}`, false) : null
      })
    case 'array':
      if (isJson) return null
      if (type.kind !== 'list') return here
      return field.items ? misfit(field.items, type.items, `${path}[]`, false) : null
    case 'map':
      if (isJson || type.kind === 'struct') return null
      if (type.kind !== 'map') return here
      return keyMisfit(type, here) ?? (field.items ? misfit(field.items, type.value, `${path}{}`, false) : null)
    default:
      return holdsScalar(field.type, type) ? null : here
  }
}

export function isSmallInteger(type: PhysicalType): boolean {
  return type.kind === 'scalar' && SMALL_INTEGERS.includes(type.name)
}

export function isInteger(type: PhysicalType): boolean {
  return type.kind === 'scalar' && INTEGERS.includes(type.name)
}

export function isScalar(type: PhysicalType, ...names: readonly string[]): boolean {
  return type.kind === 'scalar' && names.includes(type.name)
}

function typeText(type: PhysicalType): string {
  switch (type.kind) {
    case 'scalar':
      return type.name
    case 'decimal':
      return 'DECIMAL'
    case 'list':
      return `${typeText(type.items)}[]`
    default:
      return type.kind.toUpperCase()
  }
}

function holdsScalar(logical: LogicalType, type: PhysicalType): boolean {
  if (type.kind === 'decimal') return logical === 'integer' || logical === 'number'
  return type.kind === 'scalar' && HOLDERS[logical]?.includes(type.name) === true
}

function keyMisfit({ key }: Extract<PhysicalType, { kind: 'map' }>, here: string): string | null {
  return isScalar(key, ...TEXTS) ? null : here
}

function firstOf<T>(items: readonly T[], test: (item: T) => string | null): string | null {
  for (const item of items) {
    const found = test(item)
    if (found !== null) return found
  }
  return null
}

class TypeReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  type(): PhysicalType {
    let type = this.#base()
    for (let match = this.#take(/\[\d*\]/y); match; match = this.#take(/\[\d*\]/y)) type = { kind: 'list', items: type }
    return type
  }

  #base(): PhysicalType {
    const name = (this.#take(/[A-Z][A-Z0-9_]*(?: WITH TIME ZONE)?/y)?.[0] ?? this.#rest()).trim()
    if (name === 'STRUCT') return { kind: 'struct', members: this.#members() }
    if (name === 'MAP') {
      this.#take(/\(/y)
      const key = this.type()
      this.#take(/, /y)
      const value = this.type()
      this.#take(/\)/y)
      return { kind: 'map', key, value }
    }
    const options = this.#take(/\((?:'(?:[^']|'')*'|[^')])*\)/y)?.[0]
    if (name === 'DECIMAL') return { kind: 'decimal', width: Number(/\d+/.exec(options ?? '')?.[0] ?? 18) }
    return { kind: 'scalar', name }
  }

  #members(): readonly { readonly name: string; readonly type: PhysicalType }[] {
    const members: { name: string; type: PhysicalType }[] = []
    this.#take(/\(/y)
    do {
      const [name] = this.#take(/"(?:[^"]|"")*"|[^ ]+/y) ?? ['']
      this.#take(/ /y)
      members.push({ name: name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name, type: this.type() })
    } while (this.#take(/, /y))
    this.#take(/\)/y)
    return members
  }

  #rest(): string {
    const rest = this.#text.slice(this.#at)
    this.#at = this.#text.length
    return rest
  }

  #take(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at
    const match = expression.exec(this.#text)
    if (match) this.#at = expression.lastIndex
    return match
  }
}
