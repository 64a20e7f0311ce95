import { type EpochMs, isJsonObject } from '../kernel/index.ts'
import {
  type HttpHeaders,
  isBinaryCloudEvent,
  mediaType,
  type ParsedCloudEvent,
  parseCloudEvent,
  parseCloudEventBatch,
  parseJson,
} from './cloud-events.ts'
import { itemSlices } from './json-slices.ts'
import type { NewRecord } from './ports.ts'
import { eventKey } from './record-key.ts'

export interface ProduceRequest {
  readonly headers: HttpHeaders
  readonly body: Uint8Array
  /** Key fields of the contract; a CloudEvent's `partitionkey` goes before them. */
  readonly key: readonly string[]
  /** `debezium` where events are changes of a table, whose rows have the key fields. Default: null. */
  readonly cdc?: 'debezium' | null
  /** Time of events that tell none, epoch ms. */
  readonly now: EpochMs
}

export type RequestEvents =
  | { readonly ok: true; readonly records: readonly NewRecord[] }
  | {
      readonly ok: false
      /** One sentence without a full stop. */
      readonly reason: string
      /** True where the body may be right, but its media type is not one that is read here. */
      readonly unsupportedMediaType: boolean
    }

/**
 * The records of a request: a JSON object, an array of them, or CloudEvents 1.0 (structured, batch, binary). Values
 * keep the bytes that were sent. All events are taken or none.
 *
 * @example
 * eventsOfRequest({ headers: { 'content-type': 'application/json' }, body: Buffer.from('{"id":1}'), key: ['id'], now: 0 })
 */
export function eventsOfRequest(request: ProduceRequest): RequestEvents {
  const type = mediaType(request.headers)
  if (type === 'application/cloudevents-batch+json') return cloudEventBatch(request)
  if (type === 'application/cloudevents+json' || isBinaryCloudEvent(request.headers))
    return cloudEvents(request, [parseCloudEvent(request.headers, request.body)])
  if (type === '' || type === 'application/json') return plainJson(request)
  return { ok: false, reason: `The media type "${type}" is not read here`, unsupportedMediaType: true }
}

function cloudEventBatch(request: ProduceRequest): RequestEvents {
  const batch = parseCloudEventBatch(request.body)
  return batch.ok ? cloudEvents(request, batch.events) : refused(batch.reason)
}

function cloudEvents(request: ProduceRequest, events: readonly ParsedCloudEvent[]): RequestEvents {
  const records: NewRecord[] = []
  for (const [index, event] of events.entries()) {
    if (!event.ok) return refused(events.length === 1 ? event.reason : `Event ${index}: ${event.reason}`)
    const { value, headers } = event
    const key = event.key ?? keyOfData(value, request)
    records.push({ key, value, headers, timestamp: event.timestamp ?? request.now })
  }
  return { ok: true, records }
}

function keyOfData(value: Uint8Array | null, { key, cdc = null }: ProduceRequest): Uint8Array | null {
  if (value === null || key.length === 0) return null
  const parsed = parseJson(value)
  return parsed.ok && isJsonObject(parsed.value) ? eventKey(parsed.value, key, cdc) : null
}

function plainJson({ body, key, cdc = null, now }: ProduceRequest): RequestEvents {
  const parsed = parseJson(body)
  if (!parsed.ok) return refused(parsed.reason)
  const record = (value: Uint8Array, event: unknown): NewRecord | undefined =>
    isJsonObject(event) ? { key: eventKey(event, key, cdc), value, headers: {}, timestamp: now } : undefined
  const events: readonly unknown[] = Array.isArray(parsed.value) ? parsed.value : [parsed.value]
  const values = Array.isArray(parsed.value) ? itemSlices(parsed.text).map((text) => Buffer.from(text)) : [body]
  const records = events.map((event, index) => record(values[index]!, event))
  const odd = records.indexOf(undefined)
  if (odd >= 0) return refused(events.length === 1 ? 'An event is a JSON object' : `Event ${odd} is no JSON object`)
  return { ok: true, records: records as NewRecord[] }
}

function refused(reason: string): RequestEvents {
  return { ok: false, reason, unsupportedMediaType: false }
}
