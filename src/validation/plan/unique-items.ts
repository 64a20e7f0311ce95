import { canonicalJson } from '../../kernel/index.ts'

/**
 * True where no two items are the same JSON value; the order of members does not count. Items that are nested some
 * thousand levels deep cannot be compared and do not count as unique.
 */
export function areUnique(items: readonly unknown[]): boolean {
  try {
    return new Set(items.map((item) => canonicalJson(item))).size === items.length
  } catch {
    return false
  }
}
