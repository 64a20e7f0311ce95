import { createHash } from 'node:crypto'
import { canonicalJson } from '../../kernel/index.ts'
import type { SchemaContent } from './define.ts'

/** Equal for content that has one id: text, references, metadata and rules alike. */
export function contentKey({ schemaType, schema, references, metadata, ruleSet }: SchemaContent): string {
  return canonicalJson([schemaType, schema, references, metadata, ruleSet])
}

/** A UUID (version 8) over the content, so that every registry gives the same content the same one. */
export function guidOf(content: SchemaContent): string {
  const bytes = createHash('sha256').update(contentKey(content)).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
