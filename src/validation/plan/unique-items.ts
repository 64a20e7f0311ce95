import { canonicalJson } from '../../kernel/index.ts'

/** True where no two items are the same JSON value; the order of members does not count. */
export function areUnique(items: readonly unknown[]): boolean {
  const seen = new Set<string>()
  for (const item of items) {
    const text = canonicalJson(item)
    if (seen.has(text)) return false
    seen.add(text)
  }
  return true
}
