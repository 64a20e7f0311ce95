import type { FieldRules } from '../../define.ts'

/** A string literal in double quotes; Python reads JSON's escapes alike, but for halves of surrogate pairs. */
export function pythonText(text: string): string {
  return JSON.stringify(text)
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029')
    .replaceAll('\x7f', '\\x7f')
}

function pythonNumber(value: number): string {
  const text = Object.is(value, -0) ? '-0.0' : String(value)
  return text
}

/** A literal that is a float in Python, also where the number is whole. */
export function pythonFloat(value: number): string {
  const text = pythonNumber(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}

export function pythonValue(value: boolean | number | string): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'number' ? pythonNumber(value) : pythonText(value)
}

/** Elements of a tuple, which needs a comma behind its only one. */
export function pythonTuple(elements: readonly string[]): string {
  return elements.length === 1 ? `(${elements[0]},)` : `(${elements.join(', ')})`
}

export function pythonRules(rules: FieldRules): string {
  const members = Object.entries(rules).map(([name, value]) => {
    const text = Array.isArray(value)
      ? pythonTuple((value as (string | number | boolean)[]).map(pythonValue))
      : pythonValue(value as string | number | boolean)
    return `${pythonText(name)}: ${text}`
  })
  return `{${members.join(', ')}}`
}

/** Text of a contract for a comment or the inside of a docstring: one line that cannot end either. */
export function pythonComment(text: string): string {
  return text
    .replace(/[\s\u2028\u2029\p{Cc}]+/gu, ' ')
    .replaceAll('\\', '\\\\')
    .replaceAll('"', "'")
    .trim()
    .toWellFormed()
}
