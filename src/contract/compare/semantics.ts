import type { Contract, Field, Incompatibility } from '../define.ts'

/** Usual words for how closely data is kept, from open to closed; words that mean the same share a line. */
const CLASSIFICATIONS: readonly (readonly string[])[] = [
  ['public', 'open'],
  ['internal', 'private'],
  ['confidential', 'sensitive', 'personal'],
  ['restricted', 'pii', 'phi', 'secret', 'highly confidential'],
]

/** Changes of what values mean, or of how they have to be handled, that their readers cannot see in a record. */
export function changedSemantics(older: Contract, newer: Contract): readonly Incompatibility[] {
  const after = new Map(flatFields(newer.fields))
  return flatFields(older.fields).flatMap(([path, before]) => {
    const field = after.get(path)
    return field === undefined ? [] : [...meaning(path, before, field), ...promises(path, before, field)]
  })
}

/** Fields with the paths that comparisons give them: `address.zip`, `lines[].sku`, `labels{}`. */
export function flatFields(fields: readonly Field[], prefix = ''): readonly (readonly [string, Field])[] {
  return fields.flatMap((field) => flatField(field, `${prefix}${field.name}`))
}

function flatField(field: Field, path: string): readonly (readonly [string, Field])[] {
  const items = field.items && flatField(field.items, `${path}${field.type === 'map' ? '{}' : '[]'}`)
  return [[path, field], ...flatFields(field.fields ?? [], `${path}.`), ...(items ?? [])]
}

function meaning(path: string, before: Field, after: Field): readonly Incompatibility[] {
  const found: Incompatibility[] = []
  const [was, is] = [before.semantics?.semanticType ?? null, after.semantics?.semanticType ?? null]
  if (was !== null && was !== is)
    found.push(
      broken(
        path,
        'semantics',
        `The semanticType of "${path}" changed from ${was} to ${is ?? 'none'}: sums and groups over it would mean something else.`,
      ),
    )
  const [closed, open] = [before.semantics?.classification ?? null, after.semantics?.classification ?? null]
  if (rank(closed) > rank(open))
    found.push(
      broken(
        path,
        'classification',
        `The classification of "${path}" was loosened from ${closed} to ${open ?? 'none'}: readers would no longer protect it.`,
      ),
    )
  return found
}

function promises(path: string, before: Field, after: Field): readonly Incompatibility[] {
  const found: Incompatibility[] = []
  if (before.unique && !after.unique)
    found.push(broken(path, 'unique', `The field "${path}" is no longer unique: readers that join on it rely on it.`))
  const [was, is] = [before.primaryKeyPosition, after.primaryKeyPosition]
  if (was !== null && was !== is)
    found.push(
      broken(
        path,
        'primary-key',
        `The position of "${path}" in the primary key changed from ${was} to ${is ?? 'none'}: readers that merge by it rely on it.`,
      ),
    )
  return found
}

function broken(path: string, rule: Incompatibility['rule'], message: string): Incompatibility {
  return { path, message, rule, witness: null, breaks: 'readers' }
}

/** 0 for no classification; words of the producer's own have no rank, and changing them loosens nothing. */
function rank(classification: string | null): number {
  if (classification === null) return 0
  return CLASSIFICATIONS.findIndex((words) => words.includes(classification.toLowerCase().trim())) + 1
}
