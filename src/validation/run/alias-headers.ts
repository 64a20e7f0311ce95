/**
 * The names under which other systems write and read what a dead letter's own headers say, so that consoles and redrive
 * tools made for them work on Covenant's dead letter topics:
 * Kafka Connect's `DeadLetterQueueReporter`, and Kafka Streams since KIP-1034.
 */
import { HEADERS, type Headers, type TopicRecord } from '../../topic/index.ts'
import type { DeadLetterStage } from '../define.ts'

const CONNECT = '__connect.errors.'
const STREAMS = '__streams.errors.'
const EXCEPTION = 'ContractViolation'

/** Kafka Connect's names of the stages (`org.apache.kafka.connect.runtime.errors.Stage`). */
const CONNECT_STAGES: Readonly<Record<DeadLetterStage, string>> = {
  wire: 'VALUE_CONVERTER',
  schema: 'TRANSFORMATION',
  rule: 'TRANSFORMATION',
  transform: 'TRANSFORMATION',
  key: 'TRANSFORMATION',
}

/** The aliases of a dead letter of `record`. */
export function aliasHeaders(record: TopicRecord, stage: DeadLetterStage, reason: string): Headers {
  const { topic } = record
  const partition = String(record.partition)
  const offset = String(record.offset)
  return {
    '__connect.errors.topic': topic,
    '__connect.errors.partition': partition,
    '__connect.errors.offset': offset,
    '__connect.errors.stage': CONNECT_STAGES[stage],
    '__connect.errors.exception.class.name': EXCEPTION,
    '__connect.errors.exception.message': reason,
    '__streams.errors.topic': topic,
    '__streams.errors.partition': partition,
    '__streams.errors.offset': offset,
    '__streams.errors.exception': EXCEPTION,
    '__streams.errors.message': reason,
  }
}

/** Written by Covenant, but about the record itself: they stay when the record is sent again. */
const OF_THE_RECORD: ReadonlySet<string> = new Set([HEADERS.patch])
const WRITTEN: ReadonlySet<string> = new Set(Object.values(HEADERS))

/** The headers of a dead letter without those that say why it is one: what its producer sent. */
export function originalHeaders(headers: Headers): Headers {
  const entries = Object.entries(headers).filter(
    ([name]) => OF_THE_RECORD.has(name) || !(WRITTEN.has(name) || name.startsWith(CONNECT) || name.startsWith(STREAMS)),
  )
  return Object.fromEntries(entries)
}
