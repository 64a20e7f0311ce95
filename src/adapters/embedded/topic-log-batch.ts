/**
 * The layout of a batch of n records, little-endian:
 *
 *   n × float64   timestamps, epoch ms
 *   n × int32     key lengths in bytes, −1 for null
 *   n × int32     value lengths in bytes, −1 for null (a tombstone)
 *   bytes         key and value of each record, one after the other
 *   text          the headers of all records as a JSON array; absent where no record has any
 *
 * Lengths come first, so that a record is found without decoding those before it; headers come last and together, so
 * that they are encoded and decoded in one call.
 */
import type { Headers, NewRecord, TopicRecord } from '../../topic/ports.ts'

/** A batch stays small enough that reading one record of it is cheap. */
const BATCH_RECORDS_MAX = 512
const BATCH_BYTES_MAX = 256 * 1024
const INDEX_BYTES = 16
const NO_HEADERS: Headers = Object.freeze({})

/** How many records from `start` on go into the next batch: at least one, even where it is large. */
export function batchLength(records: readonly NewRecord[], start: number): number {
  let bytes = 0
  let end = start
  const last = Math.min(records.length, start + BATCH_RECORDS_MAX)
  while (end < last) {
    const record = records[end]!
    bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0)
    if (bytes > BATCH_BYTES_MAX && end > start) break
    end++
  }
  return end - start
}

/** The bytes of records `start` … `start + count − 1`. */
export function encodeBatch(records: readonly NewRecord[], start: number, count: number): Uint8Array {
  const headers = encodeHeaders(records, start, count)
  let size = count * INDEX_BYTES
  for (let i = 0; i < count; i++) {
    const record = records[start + i]!
    size += (record.key?.length ?? 0) + (record.value?.length ?? 0)
  }
  const headersLength = headers === null ? 0 : Buffer.byteLength(headers)
  const buffer = new ArrayBuffer(size + headersLength)
  const bytes = new Uint8Array(buffer)
  writeRecords(buffer, bytes, records, start, count)
  if (headers !== null) Buffer.from(buffer).write(headers, size, headersLength, 'utf8')
  return bytes
}

function writeRecords(
  buffer: ArrayBuffer,
  bytes: Uint8Array,
  records: readonly NewRecord[],
  start: number,
  count: number,
): void {
  const timestamps = new Float64Array(buffer, 0, count)
  const lengths = new Int32Array(buffer, count * 8, count * 2)
  let at = count * INDEX_BYTES
  for (let i = 0; i < count; i++) {
    const { key, value, timestamp } = records[start + i]!
    timestamps[i] = timestamp
    lengths[i] = key === null ? -1 : key.length
    lengths[count + i] = value === null ? -1 : value.length
    if (key !== null) {
      bytes.set(key, at)
      at += key.length
    }
    if (value !== null) {
      bytes.set(value, at)
      at += value.length
    }
  }
}

function encodeHeaders(records: readonly NewRecord[], start: number, count: number): string | null {
  const all: Headers[] = new Array(count)
  let some = false
  for (let i = 0; i < count; i++) {
    const { headers } = records[start + i]!
    all[i] = headers
    some ||= hasMembers(headers)
  }
  return some ? JSON.stringify(all) : null
}

function hasMembers(headers: Headers): boolean {
  for (const _ in headers) return true
  return false
}

/** Where a batch stands in the log. */
export interface BatchPlace {
  readonly topic: string
  readonly partition: number
  readonly baseOffset: number
}

/** Adds the records of the batch from `fromOffset` on to `records`, until that holds `max`. Values are views on `data`. */
export function decodeBatch(
  place: BatchPlace,
  count: number,
  data: Uint8Array,
  fromOffset: number,
  max: number,
  records: TopicRecord[],
): void {
  const timestamps = new Float64Array(data.buffer, data.byteOffset, count)
  const lengths = new Int32Array(data.buffer, data.byteOffset + count * 8, count * 2)
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const headers = decodeHeaders(bytes, lengths, count)
  const skip = Math.max(0, fromOffset - place.baseOffset)
  let at = count * INDEX_BYTES
  for (let i = 0; i < skip; i++) at += Math.max(0, lengths[i]!) + Math.max(0, lengths[count + i]!)
  for (let i = skip; i < count && records.length < max; i++) {
    const keyEnd = at + Math.max(0, lengths[i]!)
    const valueEnd = keyEnd + Math.max(0, lengths[count + i]!)
    records.push({
      topic: place.topic,
      partition: place.partition,
      offset: place.baseOffset + i,
      timestamp: timestamps[i]!,
      key: lengths[i]! < 0 ? null : bytes.subarray(at, keyEnd),
      value: lengths[count + i]! < 0 ? null : bytes.subarray(keyEnd, valueEnd),
      headers: headers?.[i] ?? NO_HEADERS,
    })
    at = valueEnd
  }
}

function decodeHeaders(bytes: Buffer, lengths: Int32Array, count: number): Headers[] | null {
  let start = count * INDEX_BYTES
  for (let i = 0; i < count * 2; i++) if (lengths[i]! > 0) start += lengths[i]!
  return start === bytes.length ? null : (JSON.parse(bytes.toString('utf8', start)) as Headers[])
}
