import { CovenantError, type Json, type JsonObject } from '../../kernel/index.ts'
import type { Contract, Field, LogicalType } from '../define.ts'

/**
 * The contract's records as an Avro schema: one record, named by the topic, with a record for each nested object.
 *
 * - an optional field is a union with `null`, which is its default; so a later version may add or drop it
 * - `integer` is `long`, `number` is `double`, `map` and `array` are themselves
 * - `date` is an `int` of days, `time` and `timestamp` are a `long` of microseconds (since midnight, since 1970 in UTC);
 *   digits beyond microseconds and the zone that was written do not fit into them
 * - an enum of texts is an Avro enum where all its values are Avro names, and a `string` otherwise
 *
 * Avro knows no bounds, patterns or lengths, and drops members that are not declared: those rules stay with validators.
 *
 * @throws CovenantError `CONTRACT_AVRO_UNSUPPORTED` for a field whose name Avro does not allow, and for an array or map
 * that does not say what it holds
 * @example JSON.stringify(compileAvro(contract))
 */
export function compileAvro(contract: Contract): JsonObject {
  return new AvroWriter(contract).record(typeName(contract.topic), contract.fields, contract.purpose)
}

/** Whether Avro allows a field of this name. */
export function isAvroName(name: string): boolean {
  return NAME.test(name)
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

const SCALARS: ReadonlyMap<LogicalType, Json> = new Map<LogicalType, Json>([
  ['string', 'string'],
  ['integer', 'long'],
  ['number', 'double'],
  ['boolean', 'boolean'],
  ['date', { type: 'int', logicalType: 'date' }],
  ['time', { type: 'long', logicalType: 'time-micros' }],
  ['timestamp', { type: 'long', logicalType: 'timestamp-micros' }],
])

class AvroWriter {
  readonly #contract: Contract
  readonly #names = new Set<string>()

  constructor(contract: Contract) {
    this.#contract = contract
  }

  record(name: string, fields: readonly Field[], doc: string | null): JsonObject {
    const own = this.#unique(name)
    return {
      type: 'record',
      name: own,
      ...(doc === null ? {} : { doc }),
      fields: fields.map((field) => this.#field(field, own)),
    }
  }

  #field(field: Field, around: string): JsonObject {
    const { name, description, required } = field
    if (!isAvroName(name)) throw this.#unsupported(`Avro allows no field of the name ${JSON.stringify(name)}.`)
    return {
      name,
      type: this.#nullable(field, `${around}_${name}`),
      ...(description === null ? {} : { doc: description }),
      ...(required ? {} : { default: null }),
    }
  }

  #nullable(field: Field, name: string): Json {
    const type = this.#type(field, name)
    return field.required ? type : ['null', type]
  }

  #type(field: Field, name: string): Json {
    const { type, items, rules } = field
    if (type === 'object') return this.record(name, field.fields ?? [], null)
    if (type === 'array' || type === 'map') {
      if (items === undefined) throw this.#unsupported(`The ${type} "${field.name}" does not say what it holds.`)
      const inner = this.#nullable(items, `${name}_item`)
      return type === 'array' ? { type, items: inner } : { type, values: inner }
    }
    const symbols = rules.enum
    const isEnum = type === 'string' && symbols?.every((each) => typeof each === 'string' && NAME.test(each))
    return isEnum ? { type: 'enum', name: this.#unique(name), symbols: [...symbols!] } : SCALARS.get(type)!
  }

  /** Types of one schema share a name space: `a_b` may be a member `b` of `a` or a field of its own. */
  #unique(name: string): string {
    let own = name
    for (let count = 2; this.#names.has(own); count++) own = `${name}_${count}`
    this.#names.add(own)
    return own
  }

  #unsupported(message: string): CovenantError {
    return new CovenantError({
      code: 'CONTRACT_AVRO_UNSUPPORTED',
      message,
      where: `${this.#contract.id} ${this.#contract.version}`,
      remedy: 'Change the field, or use JSON Schema for this contract.',
    })
  }
}

/** @example typeName('flights.arrived-late') // 'FlightsArrivedLate' */
function typeName(topic: string): string {
  const words = topic.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
  const text = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')
  return /^[A-Z]/.test(text) ? text : `Topic${text}`
}
