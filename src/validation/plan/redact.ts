const TEXT_MAX = 80

/** A value as a violation shows it: its JSON, cut at 80 characters; of longer strings and of bytes only the size. */
export function redact(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'string' && value.length > TEXT_MAX) return `string of ${value.length} characters`
  if (typeof value === 'number' && !Number.isFinite(value)) return 'a number beyond the range of 64 bits'
  const text = jsonText(value)
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX - 1)}…`
}

/** `JSON.stringify` recurses, so a value that is nested some thousand levels deep overflows the stack. */
function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return Array.isArray(value) ? 'deeply nested array' : 'deeply nested object'
  }
}
