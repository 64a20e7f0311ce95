import { isJsonObject, type Json } from '../../../kernel/index.ts'
import type { AvroType } from './define.ts'

/**
 * Whether JSON is a value of an Avro type as defaults are written: the value of a union is one of its first branch,
 * without a wrapper. Any other branch is taken too, as newer versions of Avro do.
 */
export function isDefaultOf(type: AvroType, value: Json): boolean {
  switch (type.kind) {
    case 'null':
      return value === null
    case 'boolean':
      return typeof value === 'boolean'
    case 'int':
      return Number.isInteger(value) && Math.abs(Number(value) + 0.5) < 2 ** 31
    case 'long':
      return Number.isInteger(value) && Math.abs(Number(value)) <= 2 ** 63
    case 'float':
    case 'double':
      return typeof value === 'number' || value === 'NaN' || value === 'Infinity' || value === '-Infinity'
    case 'bytes':
      return isBytes(value)
    case 'string':
      return typeof value === 'string'
    case 'fixed':
      return isBytes(value) && String(value).length === type.size
    case 'enum':
      return type.symbols.includes(value as string)
    case 'array':
      return Array.isArray(value) && value.every((item) => isDefaultOf(type.items, item))
    case 'map':
      return isJsonObject(value) && Object.values(value).every((item) => isDefaultOf(type.values, item))
    case 'union':
      return type.branches.some((branch) => isDefaultOf(branch, value))
    case 'record':
      return (
        isJsonObject(value) &&
        type.fields.every(({ name, type: inner, fallback }) => {
          const own = Object.hasOwn(value, name) ? value[name] : undefined
          return own === undefined ? fallback !== undefined : isDefaultOf(inner, own)
        })
      )
  }
}

function isBytes(value: Json): boolean {
  return typeof value === 'string' && [...value].every((character) => character.charCodeAt(0) < 256)
}
