import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts'

/** The members of an event that features and keys are read from. */
export type ReadMembers = (value: Uint8Array) => JsonObject | undefined

const decoder = new TextDecoder()

/** A plain event: the JSON object itself. */
export function readEvent(value: Uint8Array): JsonObject | undefined {
  const message = JSON.parse(decoder.decode(value)) as Json
  return isJsonObject(message) ? message : undefined
}

/**
 * A change event in the Debezium envelope (bare, or as `payload` of Kafka Connect's JSON converter): the row after the
 * change, or before it for a delete. The lake's table shows the same row.
 */
export function readChangeEvent(value: Uint8Array): JsonObject | undefined {
  const message = readEvent(value)
  const envelope = isJsonObject(message?.payload) ? message.payload : message
  const row = envelope?.op === 'd' ? envelope.before : envelope?.after
  return isJsonObject(row) ? row : undefined
}
