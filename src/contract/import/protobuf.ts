import protobuf from 'protobufjs'
import { type JsonObject, messageOf, nameHint } from '../../kernel/index.ts'
import { compact, type Draft, type ImportNote } from './draft.ts'
import { importFault } from './fault.ts'

const INTEGER = { logicalType: 'integer' }

/** Scalar types as the JSON mapping of Protocol Buffers writes them. */
const SCALARS: Readonly<Record<string, JsonObject>> = {
  double: { logicalType: 'number' },
  float: { logicalType: 'number' },
  ...Object.fromEntries(
    ['int32', 'sint32', 'sfixed32'].map((name) => [name, { ...INTEGER, logicalTypeOptions: { format: 'i32' } }]),
  ),
  ...Object.fromEntries(
    ['uint32', 'fixed32'].map((name) => [name, { ...INTEGER, logicalTypeOptions: { format: 'u32' } }]),
  ),
  ...Object.fromEntries(
    ['int64', 'sint64', 'sfixed64', 'uint64', 'fixed64'].map((name) => [
      name,
      { logicalType: 'string', logicalTypeOptions: { pattern: '^-?\\d{1,20}$' } },
    ]),
  ),
  bool: { logicalType: 'boolean' },
  string: { logicalType: 'string' },
  bytes: { logicalType: 'string', logicalTypeOptions: { pattern: '^[A-Za-z0-9+/_-]*={0,2}$' } },
}

/** Well-known types, by the JSON that they are written as. */
const WELL_KNOWN: Readonly<Record<string, JsonObject>> = {
  '.google.protobuf.Timestamp': { logicalType: 'timestamp' },
  '.google.protobuf.Duration': { logicalType: 'string', logicalTypeOptions: { pattern: '^-?\\d+(\\.\\d+)?s$' } },
  ...Object.fromEntries(
    Object.entries({ Double: 'double', Float: 'float', Int64: 'int64', UInt64: 'uint64', Int32: 'int32' })
      .concat(Object.entries({ UInt32: 'uint32', Bool: 'bool', String: 'string', Bytes: 'bytes' }))
      .map(([name, scalar]) => [`.google.protobuf.${name}Value`, SCALARS[scalar]!]),
  ),
}

/**
 * Reads a message of a `.proto` file (proto2, proto3, editions) as its standard JSON mapping: 64-bit integers are texts,
 * enums are names, timestamps are texts.
 *
 * @param message Name of the message; the only one of the file unless told.
 * @throws CovenantError `CONTRACT_IMPORT_FAILED`
 */
export function importProtobuf(text: string, file: string, message?: string): Draft {
  const notes: ImportNote[] = []
  const { root, proto3 } = parse(text, file, notes)
  const chosen = choose(root, file, message)
  const reader = new Reader(notes, proto3)
  const properties = reader.fields(chosen, '')
  if (properties.length === 0) throw importFault(`The message ${chosen.name} has no fields.`, file)
  return { name: chosen.name, description: chosen.comment, properties, notes }
}

function parse(text: string, file: string, notes: ImportNote[]) {
  try {
    // In the JSON mapping, field names are in lower camel case: what the library makes of them by itself.
    const parsed = protobuf.parse(text, new protobuf.Root(), { alternateCommentMode: true })
    for (const name of parsed.imports ?? []) {
      const common = protobuf.common.get(name)
      if (common?.nested) parsed.root.addJSON(common.nested)
      else
        notes.push({
          path: '',
          message: `The import ${name} was not read: types of it are objects without properties.`,
        })
    }
    resolveAll(parsed.root)
    return { root: parsed.root, proto3: /syntax\s*=\s*["']proto3["']/.test(text) }
  } catch (cause) {
    throw importFault(`The file is no Protocol Buffers definition: ${messageOf(cause)}.`, file, cause)
  }
}

/** Tells what is required, by syntax and edition. Types that are not there are noted where a field names them. */
function resolveAll(root: protobuf.Root): void {
  try {
    root.resolveAll()
  } catch {
    // The features of all fields are resolved before the first type that lacks.
  }
}

function choose(root: protobuf.Root, file: string, wanted: string | undefined): protobuf.Type {
  const types = messagesOf(root)
  if (wanted === undefined) {
    const [only, ...others] = types.filter(({ parent }) => !(parent instanceof protobuf.Type))
    if (only !== undefined && others.length === 0) return only
    const names = types.map(({ name }) => name).join(', ')
    throw importFault(
      only === undefined
        ? 'The file has no message.'
        : `The file has several messages: name one with --message (${names}).`,
      file,
    )
  }
  const found = types.find((type) => type.name === wanted || type.fullName === `.${wanted}`)
  if (found !== undefined) return found
  const known = types.map(({ name }) => name)
  throw importFault(`The file has no message ${wanted}.${nameHint(wanted, known)}`, file)
}

function messagesOf(namespace: protobuf.NamespaceBase): protobuf.Type[] {
  return namespace.nestedArray.flatMap((nested) => {
    if (nested.fullName.startsWith('.google.protobuf')) return []
    const own = nested instanceof protobuf.Type ? [nested] : []
    return nested instanceof protobuf.Namespace ? [...own, ...messagesOf(nested)] : own
  })
}

class Reader {
  readonly #notes: ImportNote[]
  readonly #proto3: boolean
  readonly #open = new Set<string>()

  constructor(notes: ImportNote[], proto3: boolean) {
    this.#notes = notes
    this.#proto3 = proto3
  }

  fields(type: protobuf.Type, path: string): JsonObject[] {
    this.#open.add(type.fullName)
    for (const { name, oneof } of type.oneofsArray)
      if (oneof.length > 1) this.#note(join(path, name), `At most one of ${oneof.join(', ')} may be set: add a rule.`)
    const properties = type.fieldsArray.map((field) => {
      const at = join(path, field.name)
      return compact({
        name: field.name,
        description: field.comment,
        ...this.#shape(field, at),
        deprecated: field.options?.deprecated === true ? true : null,
        required: field.required ? true : null,
      })
    })
    this.#open.delete(type.fullName)
    if (this.#proto3 && path === '')
      this.#note('', 'In proto3 a field with its default value may be missing in JSON, so every field is optional.')
    return properties
  }

  #shape(field: protobuf.Field, path: string): JsonObject {
    if (field instanceof protobuf.MapField) {
      if (field.keyType !== 'string')
        this.#note(path, `The keys are ${field.keyType} as text; the draft takes any text.`)
      return {
        logicalType: 'map',
        map: { key: { logicalType: 'string' }, value: { ...this.#type(field, `${path}{}`), required: true } },
      }
    }
    const type = this.#type(field, field.repeated ? `${path}[]` : path)
    return field.repeated ? { logicalType: 'array', items: { ...type, required: true } } : type
  }

  #type(field: protobuf.Field, path: string): JsonObject {
    if (Object.hasOwn(SCALARS, field.type)) return SCALARS[field.type]!
    const type = resolved(field)
    if (type instanceof protobuf.Enum)
      return { logicalType: 'string', enum: Object.keys(type.values).map((value) => ({ value })) }
    if (!(type instanceof protobuf.Type)) {
      this.#note(path, `The type ${field.type} was not found; the draft says object.`)
      return { logicalType: 'object' }
    }
    const known = WELL_KNOWN[type.fullName]
    if (known !== undefined) return known
    if (type.fullName.startsWith('.google.protobuf.')) {
      this.#note(path, `${type.fullName.slice(1)} may hold anything; the draft says object.`)
      return { logicalType: 'object' }
    }
    if (this.#open.has(type.fullName)) {
      this.#note(path, 'It refers to itself, which a contract cannot: say how deep it goes.')
      return { logicalType: 'object' }
    }
    return compact({ logicalType: 'object', properties: this.fields(type, path) })
  }

  #note(path: string, message: string): void {
    this.#notes.push({ path, message })
  }
}

function resolved(field: protobuf.Field): protobuf.ReflectionObject | null {
  return field.resolvedType ?? field.parent?.lookup(field.type) ?? null
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
