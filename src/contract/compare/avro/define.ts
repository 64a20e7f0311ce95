import type { Json } from '../../../kernel/index.ts'

export type PrimitiveKind = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string'

/** An Avro schema with all names resolved; recursive schemas are cyclic. */
export type AvroType =
  | { readonly kind: PrimitiveKind; readonly logical: LogicalName | null }
  | (Named & { readonly kind: 'fixed'; readonly size: number; readonly logical: LogicalName | null })
  | (Named & { readonly kind: 'enum'; readonly symbols: readonly string[]; readonly fallback: string | null })
  | (Named & { readonly kind: 'record'; readonly fields: AvroField[] })
  | { readonly kind: 'array'; readonly items: AvroType }
  | { readonly kind: 'map'; readonly values: AvroType }
  | { readonly kind: 'union'; readonly branches: readonly AvroType[] }

export interface Named {
  /** With its namespace: `com.example.Order`. */
  readonly name: string
  readonly aliases: readonly string[]
}

export interface AvroField {
  readonly name: string
  readonly aliases: readonly string[]
  readonly type: AvroType
  /** `undefined` where a reader needs the writer's value. */
  readonly fallback: Json | undefined
}

/** A logical type, as far as it changes what the bytes mean. */
export interface LogicalName {
  readonly name: string
  readonly precision: number | null
  readonly scale: number | null
}

/** Why a reader cannot take a document; the names are those that users of Confluent's registry know. */
export type AvroDifferenceKind =
  | 'NAME_MISMATCH'
  | 'TYPE_MISMATCH'
  | 'FIXED_SIZE_MISMATCH'
  | 'MISSING_ENUM_SYMBOLS'
  | 'MISSING_UNION_BRANCH'
  | 'READER_FIELD_MISSING_DEFAULT_VALUE'
  /** The bytes would be read as another number or another moment. */
  | 'LOGICAL_TYPE_MISMATCH'

export function isNamed(type: AvroType): type is Extract<AvroType, Named> {
  return type.kind === 'record' || type.kind === 'enum' || type.kind === 'fixed'
}

/** The name of a type in a union, also the member that wraps its value in Avro's JSON encoding. */
export function branchName(type: AvroType): string {
  return isNamed(type) ? type.name : type.kind
}
