import { createHash, randomUUID } from 'node:crypto'

/**
 * JSON with object keys in code-unit order and no white space, so that equal values have equal text.
 * `undefined` members are left out, as `JSON.stringify` does.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (member === null || typeof member !== 'object' || Array.isArray(member)) return member
    const source = member as Record<string, unknown>
    return Object.fromEntries(
      Object.keys(source)
        .sort()
        .map((key) => [key, source[key]]),
    )
  })
}

/** SHA-256 of bytes or text, as 64 hexadecimal digits. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** SHA-256 of the canonical JSON of a value: equal content, equal hash, on every machine. */
export function contentHash(value: unknown): string {
  return sha256(canonicalJson(value))
}

/** `prefix-` and the first 12 hexadecimal digits of the content hash of `parts`: the same parts give the same id. */
export function stableId(prefix: string, ...parts: readonly unknown[]): string {
  return `${prefix}-${contentHash(parts).slice(0, 12)}`
}

/** A new random id; for things that have no identity of their own in their content. */
export function randomId(prefix: string): string {
  return `${prefix}-${randomUUID()}`
}
