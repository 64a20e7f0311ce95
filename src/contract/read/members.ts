import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts'
import type { Path } from '../problem.ts'

/**
 * Access to members of a document that may hold anything: a value of another type than asked for counts as absent,
 * because the check of the structure has reported it already.
 */
export function member(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

export function textMember(object: JsonObject, key: string): string | null {
  const value = member(object, key)
  return typeof value === 'string' ? value : null
}

export function numberMember(object: JsonObject, key: string): number | null {
  const value = member(object, key)
  return typeof value === 'number' ? value : null
}

export function flagMember(object: JsonObject, key: string): boolean {
  return member(object, key) === true
}

export function objectMember(object: JsonObject, key: string): JsonObject | null {
  const value = member(object, key)
  return isJsonObject(value) ? value : null
}

export function textsMember(object: JsonObject, key: string): readonly string[] {
  const value = member(object, key)
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}

/** A mapping in a list, and where it stands. */
export interface Entry {
  readonly value: JsonObject
  readonly path: Path
}

/** The mappings in the list `object[key]`, where `object` stands at `path`. */
export function entries(object: JsonObject, key: string, path: Path): readonly Entry[] {
  const value = member(object, key)
  if (!Array.isArray(value)) return []
  return (value as readonly Json[]).flatMap((item, index) =>
    isJsonObject(item) ? [{ value: item, path: [...path, key, index] }] : [],
  )
}
