import { isJsonObject, type Json, type JsonObject } from '../kernel/index.ts'

/**
 * The record key of an event: the text of its one key field, or a JSON array of several. `null` where the contract
 * names no key, or the event lacks a part of it (the validator then says so; a record needs no key to be refused).
 *
 * @example recordKey({ tailnum: 'N14228', seats: 149 }, ['tailnum']) // bytes of 'N14228'
 */
export function recordKey(event: JsonObject, key: readonly string[]): Uint8Array | null {
  if (key.length === 0) return null
  const parts: Json[] = []
  for (const name of key) {
    const part = Object.hasOwn(event, name) ? event[name] : undefined
    if (part === undefined || part === null) return null
    parts.push(part)
  }
  return Buffer.from(parts.length === 1 ? keyText(parts[0]!) : JSON.stringify(parts))
}

/**
 * The record key of what a producer sends: of a change event that of its row after the change, or before a delete.
 *
 * @example eventKey({ op: 'd', before: { id: 7 }, after: null }, ['id'], 'debezium') // bytes of '7'
 */
export function eventKey(event: JsonObject, key: readonly string[], cdc: 'debezium' | null): Uint8Array | null {
  if (cdc === null) return recordKey(event, key)
  const { after, before } = event
  const row = after ?? before
  return isJsonObject(row) ? recordKey(row, key) : null
}

function keyText(part: Json): string {
  return typeof part === 'string' ? part : JSON.stringify(part)
}
