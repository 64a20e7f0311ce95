import type { Json } from '../../../kernel/index.ts'
import { type AvroType, branchName } from './define.ts'

type RecordType = Extract<AvroType, { kind: 'record' }>

/** A datum of more parts makes no good witness. */
const PARTS_MAX = 5_000

/** A small datum of a type in Avro's JSON encoding; `undefined` where there is none, or none that is small. */
export function sampleDatum(type: AvroType): Json | undefined {
  return new Sampler().any(type)
}

/** A datum of a record with the given members; `undefined` where another member has no small datum. */
export function sampleRecord(type: RecordType, members: { readonly [name: string]: Json }): Json | undefined {
  return new Sampler().record(type, members)
}

/** The value of a union's branch as Avro's JSON encoding writes it. */
export function wrapBranch(branch: AvroType, value: Json): Json {
  return branch.kind === 'null' ? null : { [branchName(branch)]: value }
}

class Sampler {
  /** Records around the place: the smallest datum of a recursive type holds none of them again. */
  readonly #around = new Set<AvroType>()
  #parts = 0

  any(type: AvroType): Json | undefined {
    if (++this.#parts > PARTS_MAX) return undefined
    switch (type.kind) {
      case 'null':
        return null
      case 'boolean':
        return false
      case 'bytes':
      case 'string':
        return ''
      case 'fixed':
        return '\0'.repeat(type.size)
      case 'enum':
        return type.symbols[0]
      case 'array':
        return []
      case 'map':
        return {}
      case 'union':
        return this.#union(type.branches)
      case 'record':
        return this.record(type, {})
      default:
        return 0
    }
  }

  record(type: RecordType, members: { readonly [name: string]: Json }): Json | undefined {
    if (this.#around.has(type)) return undefined
    this.#around.add(type)
    const datum: [string, Json][] = []
    for (const field of type.fields) {
      const value = Object.hasOwn(members, field.name) ? members[field.name] : this.any(field.type)
      if (value === undefined) break
      datum.push([field.name, value])
    }
    this.#around.delete(type)
    return datum.length === type.fields.length ? Object.fromEntries(datum) : undefined
  }

  /** Of a branch that does not nest further where there is one. */
  #union(branches: readonly AvroType[]): Json | undefined {
    for (const branch of branches.toSorted((a, b) => Number(a.kind === 'record') - Number(b.kind === 'record'))) {
      const value = this.any(branch)
      if (value !== undefined) return wrapBranch(branch, value)
    }
    return undefined
  }
}
