import { isJsonObject, type Json, type JsonObject } from '../kernel/index.ts'

/**
 * The lake row of a change event in the Debezium envelope (bare, or as `payload` of Kafka Connect's JSON converter):
 * the fields after the change, or before it for a delete, with `_op` and `_source_ts`. A tombstone has `_op` `t` alone.
 */
export function changeRow(value: string | null): string {
  if (value === null) return '{"_op":"t"}'
  const message = JSON.parse(value) as Json
  const envelope = isJsonObject(message) && isJsonObject(message.payload) ? message.payload : message
  if (!isJsonObject(envelope)) return '{}'
  const row = envelope.op === 'd' ? envelope.before : envelope.after
  return JSON.stringify({
    ...(isJsonObject(row) ? row : {}),
    _op: typeof envelope.op === 'string' ? envelope.op : null,
    _source_ts: sourceTime(envelope),
  })
}

/** The database's own time of the change; where the connector knows none, the time at which it read the change. */
function sourceTime(envelope: JsonObject): string | null {
  const ms = (isJsonObject(envelope.source) ? envelope.source.ts_ms : null) ?? envelope.ts_ms
  const valid = typeof ms === 'number' && Math.abs(ms) <= 8.64e15
  return valid ? new Date(ms).toISOString() : null
}
