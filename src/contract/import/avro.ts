import avro from 'avsc'
import { isJsonObject, type Json, type JsonObject, messageOf } from '../../kernel/index.ts'
import { compact, type Draft, type ImportNote } from './draft.ts'
import { importFault, parseJson } from './fault.ts'

/** What the primitive types of Avro are in ODCS, and how their values are bounded. */
const PRIMITIVES: Readonly<Record<string, JsonObject>> = {
  boolean: { logicalType: 'boolean' },
  int: { logicalType: 'integer', logicalTypeOptions: { format: 'i32' } },
  long: { logicalType: 'integer', logicalTypeOptions: { format: 'i64' } },
  float: { logicalType: 'number' },
  double: { logicalType: 'number' },
  string: { logicalType: 'string' },
  bytes: { logicalType: 'string' },
}

const MOMENTS: Readonly<Record<string, string>> = {
  'timestamp-millis': 'timestamp',
  'timestamp-micros': 'timestamp',
  'timestamp-nanos': 'timestamp',
  'local-timestamp-millis': 'timestamp',
  'local-timestamp-micros': 'timestamp',
  date: 'date',
  'time-millis': 'time',
  'time-micros': 'time',
}

/**
 * Reads an Avro record schema. Values count as their texts and numbers in JSON: what Avro encodes as a number of
 * milliseconds is a `timestamp`, whose text says the moment.
 *
 * @throws CovenantError `CONTRACT_IMPORT_FAILED`
 */
export function importAvro(text: string, file: string): Draft {
  const schema = parseJson(text, file)
  try {
    // The library decides what a valid schema is; without its wrapped types, which need a registry of their own.
    avro.Type.forSchema(structuredClone(schema) as avro.Schema, { wrapUnions: true })
  } catch (cause) {
    throw importFault(`The Avro schema is not valid: ${messageOf(cause)}.`, file, cause)
  }
  if (!isJsonObject(schema) || schema.type !== 'record')
    throw importFault('The Avro schema is no record: a contract describes a record.', file)
  const notes: ImportNote[] = []
  const reader = new Reader(notes)
  return {
    name: typeof schema.name === 'string' ? schema.name : 'records',
    description: typeof schema.doc === 'string' ? schema.doc : null,
    properties: reader.fields(schema, '', namespaceOf(schema, null)),
    notes,
  }
}

class Reader {
  readonly #named = new Map<string, JsonObject>()
  readonly #open = new Set<string>()
  readonly #notes: ImportNote[]

  constructor(notes: ImportNote[]) {
    this.#notes = notes
  }

  fields(record: JsonObject, path: string, namespace: string | null): JsonObject[] {
    const name = this.#remember(record, namespace)
    this.#open.add(name)
    const fields = (Array.isArray(record.fields) ? (record.fields as readonly Json[]) : []).filter(isJsonObject)
    const properties = fields.map((field) => {
      const at = path === '' ? String(field.name) : `${path}.${String(field.name)}`
      const { nullable, property } = this.#property(field.type ?? 'null', at, namespace)
      const aliases = Array.isArray(field.aliases) ? field.aliases.map((alias) => ({ synonym: String(alias) })) : []
      return compact({
        name: String(field.name),
        description: typeof field.doc === 'string' ? field.doc : null,
        synonyms: aliases,
        ...property,
        required: nullable ? null : true,
      })
    })
    this.#open.delete(name)
    return properties
  }

  #property(type: Json, path: string, namespace: string | null): { nullable: boolean; property: JsonObject } {
    if (!Array.isArray(type)) return { nullable: type === 'null', property: this.#single(type, path, namespace) }
    const branches = (type as readonly Json[]).filter((branch) => branch !== 'null')
    if (branches.length > 1) this.#note(path, `It is a union of ${branches.length} types; the draft has the first one.`)
    return {
      nullable: branches.length < type.length,
      property: this.#single(branches[0] ?? 'null', path, namespace),
    }
  }

  #single(type: Json, path: string, namespace: string | null): JsonObject {
    if (typeof type === 'string') return this.#reference(type, path, namespace)
    if (!isJsonObject(type)) return { logicalType: 'string' }
    const inner = namespaceOf(type, namespace)
    switch (type.type) {
      case 'record':
      case 'error':
        return compact({ logicalType: 'object', properties: this.fields(type, path, inner) })
      case 'enum':
        this.#remember(type, namespace)
        return { logicalType: 'string', enum: symbols(type).map((value) => ({ value })) }
      case 'fixed':
        this.#remember(type, namespace)
        return this.#logical(type, path, { logicalType: 'string' })
      case 'array':
        return { logicalType: 'array', items: this.#item(type.items ?? 'null', `${path}[]`, inner) }
      case 'map':
        return {
          logicalType: 'map',
          map: { key: { logicalType: 'string' }, value: this.#item(type.values ?? 'null', `${path}{}`, inner) },
        }
      default: {
        const base = this.#property(type.type ?? 'null', path, inner).property
        return this.#logical(type, path, base)
      }
    }
  }

  #item(type: Json, path: string, namespace: string | null): JsonObject {
    const { nullable, property } = this.#property(type, path, namespace)
    return nullable ? property : { ...property, required: true }
  }

  #logical(type: JsonObject, path: string, base: JsonObject): JsonObject {
    const { logicalType } = type
    const physicalType = typeof type.type === 'string' ? type.type : null
    if (logicalType === undefined) {
      if (physicalType === 'fixed') this.#note(path, 'Bytes are a string here: say how they are written in JSON.')
      return base
    }
    const name = String(logicalType)
    if (Object.hasOwn(MOMENTS, name)) {
      if (name.startsWith('local-'))
        this.#note(path, 'A local timestamp has no zone; a timestamp of a contract has one.')
      return compact({ logicalType: MOMENTS[name]!, physicalType: `${physicalType} (${name})` })
    }
    if (name === 'decimal') {
      const scale = Number(type.scale ?? 0)
      const options = scale > 0 && scale <= 15 ? { multipleOf: Number(`1e-${scale}`) } : {}
      return compact({
        logicalType: 'number',
        physicalType: `decimal(${type.precision},${scale})`,
        logicalTypeOptions: options,
      })
    }
    if (name === 'uuid')
      return {
        logicalType: 'string',
        logicalTypeOptions: { pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' },
      }
    this.#note(path, `The logical type ${name} is not carried over.`)
    return base
  }

  #reference(name: string, path: string, namespace: string | null): JsonObject {
    if (Object.hasOwn(PRIMITIVES, name)) {
      if (name === 'bytes') this.#note(path, 'Bytes are a string here: say how they are written in JSON.')
      return PRIMITIVES[name]!
    }
    const full = this.#named.has(name) || namespace === null ? name : `${namespace}.${name}`
    const type = this.#named.get(full) ?? this.#named.get(name)
    if (type === undefined || name === 'null') return { logicalType: 'string' }
    if (this.#open.has(full)) {
      this.#note(path, 'It refers to itself, which a contract cannot: say how deep it goes.')
      return { logicalType: 'object' }
    }
    return this.#single(type, path, full.includes('.') ? full.slice(0, full.lastIndexOf('.')) : null)
  }

  #remember(type: JsonObject, namespace: string | null): string {
    const name = String(type.name)
    const own = namespaceOf(type, namespace)
    const full = name.includes('.') || own === null ? name : `${own}.${name}`
    this.#named.set(full, type)
    return full
  }

  #note(path: string, message: string): void {
    this.#notes.push({ path, message })
  }
}

function namespaceOf({ name, namespace }: JsonObject, outer: string | null): string | null {
  if (typeof name === 'string' && name.includes('.')) return name.slice(0, name.lastIndexOf('.'))
  return typeof namespace === 'string' ? namespace || null : outer
}

function symbols(type: JsonObject): readonly string[] {
  return Array.isArray(type.symbols) ? type.symbols.map(String) : []
}
