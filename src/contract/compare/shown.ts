import type { Json } from '../../kernel/index.ts'

const LENGTH_MAX = 80

/** A value as messages show it: not too long, and in quotes where its full stop would run into that of the message. */
export function shown(value: Json | undefined): string {
  if (value === undefined) return 'none'
  const text = typeof value === 'string' && !value.endsWith('.') ? value : JSON.stringify(value)
  return text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX - 3)}…` : text
}
