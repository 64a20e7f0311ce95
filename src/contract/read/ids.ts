import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts'
import type { Path, Report } from '../problem.ts'

/** Within a list, ids are unique: references by id would be ambiguous otherwise. Those of rules are checked with them. */
export function checkIds(document: JsonObject, report: Report): void {
  walk(document, [], report)
}

function walk(value: Json, path: Path, report: Report): void {
  if (Array.isArray(value) && path.at(-1) !== 'quality') {
    const seen = new Set<string>()
    for (const [index, item] of (value as readonly Json[]).entries()) {
      const id = isJsonObject(item) && Object.hasOwn(item, 'id') ? item.id : null
      if (typeof id === 'string' && seen.has(id))
        report.error(
          [...path, index, 'id'],
          'CONTRACT_NAME_REPEATED',
          `The id "${id}" stands twice in "${String(path.at(-1))}".`,
        )
      if (typeof id === 'string') seen.add(id)
      walk(item, [...path, index], report)
    }
  } else if (isJsonObject(value))
    for (const [key, inner] of Object.entries(value)) {
      // What a custom property holds is its owner's affair.
      if (!(key === 'value' && path.at(-2) === 'customProperties')) walk(inner, [...path, key], report)
    }
}
