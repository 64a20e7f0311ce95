/**
 * CloudEvents 1.0.2 over HTTP with JSON data: structured, batched and binary mode.
 * Sources: CloudEvents specification 1.0.2, JSON Event Format 1.0.2, HTTP Protocol Binding 1.0.2.
 */
import { isMoment } from '../contract/index.ts'
import { type EpochMs, isJsonObject, type JsonObject, messageOf } from '../kernel/index.ts'
import { itemSlices, memberSlice } from './json-slices.ts'
import type { Headers } from './ports.ts'

/** Header names without regard to case; values as Node gives them. */
export type HttpHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

export type ParsedCloudEvent =
  | {
      readonly ok: true
      /** The event's data, byte for byte where it is JSON; `null` for an event without data. */
      readonly value: Uint8Array | null
      /** Extension `partitionkey`, or `null`. */
      readonly key: Uint8Array | null
      /** Attribute `time` as epoch ms, or `null`. */
      readonly timestamp: EpochMs | null
      /** The context attributes, each as `ce_<name>` (as the Kafka binding names them). */
      readonly headers: Headers
    }
  | { readonly ok: false; readonly reason: string }

const MEMBERS_THAT_ARE_NO_ATTRIBUTES = new Set(['data', 'data_base64'])

/** One CloudEvent of a request: structured mode (`application/cloudevents+json`), else binary mode (`ce-*` headers). */
export function parseCloudEvent(headers: HttpHeaders, body: Uint8Array): ParsedCloudEvent {
  const lower = lowerCase(headers)
  if (!mediaType(lower).startsWith('application/cloudevents')) return binaryEvent(lower, body)
  const parsed = parseJson(body)
  return parsed.ok ? structuredEvent(parsed.text, parsed.value) : parsed
}

/** The CloudEvents of a batch (`application/cloudevents-batch+json`); one that is none refuses the batch. */
export function parseCloudEventBatch(
  body: Uint8Array,
):
  | { readonly ok: true; readonly events: readonly ParsedCloudEvent[] }
  | { readonly ok: false; readonly reason: string } {
  const parsed = parseJson(body)
  if (!parsed.ok) return parsed
  if (!Array.isArray(parsed.value)) return { ok: false, reason: 'A batch of CloudEvents is a JSON array' }
  const values: readonly unknown[] = parsed.value
  return { ok: true, events: itemSlices(parsed.text).map((text, index) => structuredEvent(text, values[index])) }
}

/** True where a request carries a CloudEvent in binary mode. */
export function isBinaryCloudEvent(headers: HttpHeaders): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === 'ce-specversion')
}

/** The media type of a request in lower case, without parameters; empty where it names none. */
export function mediaType(headers: HttpHeaders): string {
  return (one(lowerCase(headers)['content-type']) ?? '').split(';')[0]!.trim().toLowerCase()
}

function structuredEvent(text: string, value: unknown): ParsedCloudEvent {
  if (!isJsonObject(value)) return { ok: false, reason: 'A CloudEvent is a JSON object' }
  const attributes: Record<string, string> = {}
  for (const [name, member] of Object.entries(value)) {
    if (MEMBERS_THAT_ARE_NO_ATTRIBUTES.has(name) || member === null) continue
    if (typeof member === 'object')
      return { ok: false, reason: `The CloudEvent attribute "${name}" is no simple value` }
    attributes[name] = String(member)
  }
  const data = structuredData(text, value)
  return typeof data === 'string' ? { ok: false, reason: data } : event(attributes, data)
}

/** The data of a structured event, or the reason why it has none that can be read. */
function structuredData(text: string, value: JsonObject): Uint8Array | null | string {
  const hasData = Object.hasOwn(value, 'data')
  if (!Object.hasOwn(value, 'data_base64')) return hasData ? Buffer.from(memberSlice(text, 'data')!) : null
  if (hasData) return 'A CloudEvent has either data or data_base64, not both'
  const base64 = value.data_base64
  if (typeof base64 !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return 'data_base64 is no base64 text'
  return Buffer.from(base64, 'base64')
}

function binaryEvent(lower: HttpHeaders, body: Uint8Array): ParsedCloudEvent {
  const attributes: Record<string, string> = {}
  for (const [name, value] of Object.entries(lower)) {
    const text = one(value)
    if (text === undefined) continue
    if (name.startsWith('ce-')) attributes[name.slice(3)] = percentDecoded(text)
    if (name === 'content-type') attributes.datacontenttype = text
  }
  return event(attributes, body.length === 0 ? null : body)
}

function event(attributes: Readonly<Record<string, string>>, value: Uint8Array | null): ParsedCloudEvent {
  const reason = faultOf(attributes)
  if (reason !== undefined) return { ok: false, reason }
  const headers = Object.fromEntries(Object.entries(attributes).map(([name, text]) => [`ce_${name}`, text]))
  const { partitionkey, time } = attributes
  return {
    ok: true,
    value,
    key: partitionkey === undefined ? null : Buffer.from(partitionkey),
    timestamp: time === undefined ? null : Date.parse(time),
    headers,
  }
}

function faultOf(attributes: Readonly<Record<string, string>>): string | undefined {
  for (const name of ['specversion', 'id', 'source', 'type'])
    if (!attributes[name]) return `The CloudEvent lacks the attribute "${name}"`
  const { specversion, time } = attributes
  if (specversion !== '1.0') return `The CloudEvent has specversion "${specversion}"; 1.0 is read here`
  if (time !== undefined && !isMoment('timestamp', time.toUpperCase()))
    return `The CloudEvent's time "${time}" is no RFC 3339 timestamp`
  const odd = Object.keys(attributes).find((name) => !/^[a-z0-9]+$/.test(name))
  return odd === undefined
    ? undefined
    : `The CloudEvent attribute "${odd}" is not named in lower-case letters and digits`
}

/** HTTP headers hold other than printable ASCII percent-encoded (HTTP binding, 3.1.3.2). */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25'))
  } catch {
    return text
  }
}

/** JSON of bytes, with its text; the reason where it is none. */
export function parseJson(
  body: Uint8Array,
):
  | { readonly ok: true; readonly text: string; readonly value: unknown }
  | { readonly ok: false; readonly reason: string } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
    return { ok: true, text, value: JSON.parse(text) }
  } catch (thrown) {
    return { ok: false, reason: `The body is no JSON in UTF-8: ${messageOf(thrown)}` }
  }
}

function lowerCase(headers: HttpHeaders): HttpHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function one(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' || value === undefined ? value : value[0]
}
