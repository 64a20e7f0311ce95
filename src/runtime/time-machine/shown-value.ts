import type { Contract, Field } from '../../contract/index.ts'
import type { Violation } from '../../validation/index.ts'

/** What a violation may tell of a value to everybody who reads a pull request. */
const TELLS_NOTHING: ReadonlySet<string> = new Set(['missing', 'null', 'true', 'false', '{}', '[]', '""', 'nothing'])

/**
 * The value that a violation found, where its field is classified as public (`classification: public`, of the field
 * itself or of one around it); of others only its kind and size. Reports are read by more people than the data is.
 */
export function shownValue({ path, got }: Violation, contract: Contract): string {
  if (TELLS_NOTHING.has(got) || classificationAt(contract, path)?.toLowerCase() === 'public') return got
  if (got.startsWith('"')) return `text of ${Math.max(0, [...got].length - 2)} characters`
  if (/^-?\d/.test(got)) return 'a number'
  if (got.startsWith('{')) return 'an object'
  return got.startsWith('[') ? 'an array' : /^(string of|\d+ bytes)/.test(got) ? got : 'a value'
}

function classificationAt({ fields, cdc }: Contract, path: string): string | null {
  const steps = path.split(/\.|\[\d*\]|\{\}/).filter((step) => step !== '')
  // Of a change event, the row stands under `before` or `after`, maybe in the `payload` of Kafka Connect's converter.
  if (cdc !== null) while (['payload', 'before', 'after'].includes(steps[0] ?? '')) steps.shift()
  return within(fields, steps, null)
}

function within(fields: readonly Field[], steps: readonly string[], outer: string | null): string | null {
  const field = fields.find(({ name }) => name === steps[0])
  if (field === undefined) return steps.length === 0 ? outer : null
  const own = field.semantics?.classification ?? outer
  return steps.length === 1 ? own : inside(field, steps.slice(1), own)
}

function inside(field: Field, steps: readonly string[], outer: string | null): string | null {
  if (field.fields !== undefined) return within(field.fields, steps, outer)
  if (field.items !== undefined)
    return inside(
      field.items,
      field.items.fields === undefined ? steps.slice(1) : steps,
      field.items.semantics?.classification ?? outer,
    )
  return outer
}
