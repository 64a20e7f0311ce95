import { isJsonObject, type Json, type JsonObject } from '../../../kernel/index.ts'
import { schemaFault } from '../schema-fault.ts'
import type { AvroField, AvroType, LogicalName, PrimitiveKind } from './define.ts'
import { branchName } from './define.ts'
import { isDefaultOf } from './fallback.ts'

const PRIMITIVES: ReadonlySet<string> = new Set<PrimitiveKind>([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
])
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const FULL_NAME = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/
const FIXED_SIZE_MAX = 1_048_576

/**
 * An Avro schema, read as strictly as Avro itself: names, defaults, unions, sizes. Named types of `references` are known
 * in it, in their order.
 *
 * @throws CovenantError `CONTRACT_SCHEMA_INVALID` with what and where
 */
export function readAvro(schema: Json, references: readonly Json[] = []): AvroType {
  const reader = new AvroReader()
  for (const reference of references) reader.read(reference, '', '')
  return reader.finish(reader.read(schema, '', ''))
}

class AvroReader {
  readonly #named = new Map<string, AvroType>()
  /** Defaults are looked at when all types are whole: they may be of a type that is still being read. */
  readonly #defaults: (readonly [AvroField, string])[] = []

  read(schema: Json, namespace: string, pointer: string): AvroType {
    if (typeof schema === 'string') return this.#reference(schema, namespace, pointer)
    if (Array.isArray(schema)) return this.#union(schema, namespace, pointer)
    if (!isJsonObject(schema)) throw schemaFault('A schema is a name, a list or an object.', pointer)
    return this.#object(schema, namespace, pointer)
  }

  finish(type: AvroType): AvroType {
    for (const [field, pointer] of this.#defaults)
      if (!isDefaultOf(field.type, field.fallback!))
        throw schemaFault(`The default of "${field.name}" is no value of its type.`, `${pointer}/default`)
    return type
  }

  #reference(name: string, namespace: string, pointer: string): AvroType {
    if (PRIMITIVES.has(name)) return { kind: name as PrimitiveKind, logical: null }
    const type = this.#named.get(fullName(name, namespace)) ?? this.#named.get(name)
    if (type === undefined) throw schemaFault(`There is no type "${name}".`, pointer)
    return type
  }

  #union(schemas: readonly Json[], namespace: string, pointer: string): AvroType {
    const branches = schemas.map((each, index) => this.read(each, namespace, `${pointer}/${index}`))
    const names = branches.map(branchName)
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    if (twice !== undefined) throw schemaFault(`A union holds "${twice}" twice.`, pointer)
    if (names.includes('union')) throw schemaFault('A union holds a union.', pointer)
    if (branches.length === 0) throw schemaFault('A union holds no type.', pointer)
    return { kind: 'union', branches }
  }

  #object(schema: JsonObject, namespace: string, pointer: string): AvroType {
    const { type } = schema
    if (type === undefined) throw schemaFault('A schema object needs "type".', pointer)
    if (typeof type !== 'string') return this.read(type, namespace, `${pointer}/type`)
    switch (type) {
      case 'record':
      case 'error':
        return this.#record(schema, namespace, pointer)
      case 'enum':
        return this.#enum(schema, namespace, pointer)
      case 'fixed':
        return this.#fixed(schema, namespace, pointer)
      case 'array':
        return { kind: 'array', items: this.#inner(schema, 'items', namespace, pointer) }
      case 'map':
        return { kind: 'map', values: this.#inner(schema, 'values', namespace, pointer) }
    }
    if (!PRIMITIVES.has(type)) return this.#reference(type, namespace, `${pointer}/type`)
    return { kind: type as PrimitiveKind, logical: readLogical(schema) }
  }

  #inner(schema: JsonObject, key: string, namespace: string, pointer: string): AvroType {
    if (schema[key] === undefined) throw schemaFault(`"${String(schema.type)}" needs "${key}".`, pointer)
    return this.read(schema[key], namespace, `${pointer}/${key}`)
  }

  #record(schema: JsonObject, namespace: string, pointer: string): AvroType {
    const names = readNames(schema, namespace, pointer)
    const fields: AvroField[] = []
    this.#add({ kind: 'record', ...names, fields }, pointer)
    const list = schema.fields
    if (!Array.isArray(list)) throw schemaFault('A record needs a list "fields".', pointer)
    const inner = namespaceOf(names.name)
    for (const [index, field] of (list as readonly Json[]).entries()) {
      const read = this.#field(field, inner, `${pointer}/fields/${index}`)
      if (fields.some(({ name }) => name === read.name))
        throw schemaFault(`The field "${read.name}" stands twice.`, `${pointer}/fields/${index}`)
      fields.push(read)
    }
    return this.#named.get(names.name)!
  }

  #field(field: Json, namespace: string, pointer: string): AvroField {
    if (!isJsonObject(field)) throw schemaFault('A field is an object.', pointer)
    const { name } = field
    if (typeof name !== 'string' || !NAME.test(name))
      throw schemaFault('A field needs a name of letters, digits and _.', pointer)
    if (field.type === undefined) throw schemaFault(`The field "${name}" needs "type".`, pointer)
    const aliases = readTexts(field, 'aliases', pointer)
    const read = {
      name,
      aliases,
      type: this.read(field.type, namespace, `${pointer}/type`),
      fallback: field.default,
    }
    if (read.fallback !== undefined) this.#defaults.push([read, pointer])
    return read
  }

  #enum(schema: JsonObject, namespace: string, pointer: string): AvroType {
    const symbols = readTexts(schema, 'symbols', pointer)
    if (schema.symbols === undefined) throw schemaFault('An enum needs a list "symbols".', pointer)
    const wrong = symbols.find((symbol, index) => !NAME.test(symbol) || symbols.indexOf(symbol) !== index)
    if (wrong !== undefined)
      throw schemaFault(`The symbol "${wrong}" stands twice or is no name.`, `${pointer}/symbols`)
    const fallback = schema.default ?? null
    if (fallback !== null && !symbols.includes(fallback as string))
      throw schemaFault('The default of an enum is one of its symbols.', `${pointer}/default`)
    return this.#add(
      { kind: 'enum', ...readNames(schema, namespace, pointer), symbols, fallback: fallback as string | null },
      pointer,
    )
  }

  #fixed(schema: JsonObject, namespace: string, pointer: string): AvroType {
    const size = schema.size
    if (!Number.isSafeInteger(size) || Number(size) < 0 || Number(size) > FIXED_SIZE_MAX)
      throw schemaFault(`A fixed needs a "size" from 0 to ${FIXED_SIZE_MAX}.`, pointer)
    return this.#add(
      { kind: 'fixed', ...readNames(schema, namespace, pointer), size: Number(size), logical: readLogical(schema) },
      pointer,
    )
  }

  #add(type: AvroType & { readonly name: string }, pointer: string): AvroType {
    if (this.#named.has(type.name)) throw schemaFault(`The type "${type.name}" is defined twice.`, pointer)
    this.#named.set(type.name, type)
    return type
  }
}

function readNames(
  schema: JsonObject,
  enclosing: string,
  pointer: string,
): { name: string; aliases: readonly string[] } {
  const { name, namespace } = schema
  if (typeof name !== 'string' || !FULL_NAME.test(name))
    throw schemaFault('A named type needs a name of letters, digits and _.', pointer)
  if (namespace !== undefined && (typeof namespace !== 'string' || (namespace !== '' && !FULL_NAME.test(namespace))))
    throw schemaFault('A namespace is names with dots between them.', `${pointer}/namespace`)
  const full = fullName(name, namespace ?? enclosing)
  if (PRIMITIVES.has(full)) throw schemaFault(`"${full}" is the name of a primitive type.`, pointer)
  const aliases = readTexts(schema, 'aliases', pointer).map((alias) => fullName(alias, namespaceOf(full)))
  return { name: full, aliases }
}

function readTexts(schema: JsonObject, key: string, pointer: string): readonly string[] {
  const list = schema[key] ?? []
  if (!Array.isArray(list) || !list.every((each) => typeof each === 'string'))
    throw schemaFault(`"${key}" is a list of texts.`, `${pointer}/${key}`)
  return list
}

function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}

function namespaceOf(name: string): string {
  return name.slice(0, Math.max(name.lastIndexOf('.'), 0))
}

function readLogical(schema: JsonObject): LogicalName | null {
  const { logicalType, precision, scale } = schema
  if (typeof logicalType !== 'string') return null
  return {
    name: logicalType,
    precision: typeof precision === 'number' ? precision : null,
    scale: logicalType === 'decimal' ? Number(scale ?? 0) : null,
  }
}
