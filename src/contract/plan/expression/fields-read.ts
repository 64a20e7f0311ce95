import type { Expression } from './define.ts'

/** Names of the record's members that an expression reads, sorted. */
export function fieldsRead(expression: Expression): readonly string[] {
  const names = new Set<string>()
  visit(expression, names)
  return [...names].sort()
}

function visit(node: unknown, names: Set<string>): void {
  if (typeof node !== 'object' || node === null) return
  const { op, of, name } = node as { op?: string; of?: Expression; name?: string }
  if (op === 'member' && of?.op === 'record') names.add(name!)
  for (const child of Object.values(node)) visit(child, names)
}
