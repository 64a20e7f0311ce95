import { isJsonObject, type Json, type JsonObject, nearest } from '../../kernel/index.ts'
import { PROPERTY_NAMES } from '../odcs/structure.ts'
import type { Path, Report } from '../problem.ts'
import { type Entry, entries, textMember } from './members.ts'
import { isRecordRule } from './record-rules.ts'

/**
 * Refuses Covenant's custom properties where nothing reads them: on a field, on a server, on a rule that is not CEL.
 * Those of the document, its schema objects, its CEL rules and its service levels are read, and checked, elsewhere.
 */
export function checkCustomNames(document: JsonObject, report: Report): void {
  walk(document, [], report)
}

function walk(value: Json, path: Path, report: Report): void {
  if (Array.isArray(value)) for (const [index, item] of value.entries()) walk(item as Json, [...path, index], report)
  if (!isJsonObject(value)) return
  if (!isRead({ value, path })) for (const entry of entries(value, 'customProperties', path)) refuse(entry, report)
  for (const [key, inner] of Object.entries(value)) if (key !== 'customProperties') walk(inner, [...path, key], report)
}

function isRead(owner: Entry): boolean {
  const { path } = owner
  if (path.length === 0 || (path.length === 2 && path[0] === 'schema')) return true
  if (path.length === 2 && path[0] === 'slaProperties') return true
  const ofField = path.length === 6 && path[2] === 'properties' && path[4] === 'quality'
  return (ofField || (path.length === 4 && path[2] === 'quality')) && isRecordRule(owner)
}

/** Of the properties that do not belong to a contract as a whole. */
const PLACES: Readonly<Record<string, string>> = {
  'covenant.stage': 'a quality rule of type custom with engine cel',
  'covenant.objective': 'a service level',
}

function refuse({ value, path }: Entry, report: Report): void {
  const name = textMember(value, 'property') ?? ''
  if (name !== nearest(name, PROPERTY_NAMES) && !name.startsWith('covenant.')) return
  report.error(
    [...path, 'property'],
    'CONTRACT_UNSUPPORTED',
    `The custom property "${name}" is not read here: it belongs to ${PLACES[name] ?? 'the document or to a schema object'}.`,
  )
}
