import { sha256 } from '../../kernel/index.ts'
import { HEADERS, type NewRecord, recordSource, type TopicRecord } from '../../topic/index.ts'
import type { DeadLetterStage, Violation } from '../define.ts'
import { reasonOf } from '../plan/expectation.ts'
import { aliasHeaders } from './alias-headers.ts'

/** Which contract version refused a record. */
export interface Refusal {
  /** Contract topic. */
  readonly topic: string
  readonly contractId: string
  /** The version that the record was held against, or that it names though nobody registered it. */
  readonly version: string
  /** Hash of that version's plan; absent where there is none. */
  readonly rulesHash?: string | undefined
  readonly violations: readonly Violation[]
  /** The version it was written under, where it failed on the way from there to `version`. */
  readonly migratedFrom: string | null
}

const ERRORS_BYTES_MAX = 16 * 1024

/** The dead letter of a raw record: key, value bytes, timestamp and headers as they were, and why it was refused. */
export function deadLetter(record: TopicRecord, refusal: Refusal): NewRecord {
  const { topic, contractId, version, rulesHash, violations, migratedFrom } = refusal
  const stage = migratedFrom === null ? stageOf(violations) : 'transform'
  const reason = reasonOf(violations)
  return {
    key: record.key,
    value: record.value,
    timestamp: record.timestamp,
    headers: {
      ...record.headers,
      [HEADERS.contract]: contractId,
      [HEADERS.version]: version,
      [HEADERS.source]: recordSource(record.topic, record.partition, record.offset),
      [HEADERS.errors]: cappedErrors(violations),
      ...(migratedFrom === null ? {} : { [HEADERS.migratedFrom]: migratedFrom }),
      [HEADERS.stage]: stage,
      [HEADERS.class]: violations[0]?.code === 'unknown-version' ? 'unknown-schema' : 'permanent',
      [HEADERS.fingerprint]: fingerprintOf(topic, violations, migratedFrom !== null),
      [HEADERS.reason]: reason,
      [HEADERS.attempt]: record.headers[HEADERS.attempt] ?? '1',
      ...(rulesHash === undefined ? {} : { [HEADERS.rulesHash]: rulesHash }),
      ...aliasHeaders(record, stage, reason),
    },
  }
}

/** The violation of a record whose header names a version that is not registered. */
export function unknownVersion(version: string): Violation {
  const code = 'unknown-version'
  return {
    ruleId: code,
    path: '',
    code,
    expected: 'of a registered contract version',
    got: version.slice(0, 80),
    severity: 'error',
  }
}

/** Equal for records of one topic that break the same rules, whatever their values: 12 hexadecimal digits. */
export function fingerprintOf(topic: string, violations: readonly Violation[], migrated = false): string {
  const rules = [...new Set(violations.map(({ ruleId }) => ruleId))].sort()
  // What breaks a rule after a migration is another incident: there the migration is to be mended.
  return sha256(JSON.stringify(migrated ? [topic, rules, 'transform'] : [topic, rules])).slice(0, 12)
}

function stageOf(violations: readonly Violation[]): DeadLetterStage {
  const code = violations[0]?.code
  return code === 'encoding' || code === 'parse' ? 'wire' : 'schema'
}

/** The violations as JSON, without the last ones where all are too long. */
export function cappedErrors(violations: readonly Violation[]): string {
  for (let count = violations.length; count > 0; count = Math.floor(count / 2)) {
    const text = JSON.stringify(violations.slice(0, count))
    if (Buffer.byteLength(text) <= ERRORS_BYTES_MAX) return text
  }
  return '[]'
}
