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
  /** Of a record that conforms and waits for an earlier one of its key: where that one was first. */
  readonly blockedBy?: string
}

const ERRORS_BYTES_MAX = 16 * 1024
/** The class of records that wait for an earlier one of their key, and what their fingerprint is made of. */
export const BLOCKED = 'blocked'
const BLOCKED_REASON = 'an earlier record of the key is a dead letter'

/** The dead letter of a raw record: key, value bytes, timestamp and headers as they were, and why it was refused. */
export function deadLetter(record: TopicRecord, refusal: Refusal): NewRecord {
  const { topic, contractId, version, rulesHash, violations, migratedFrom, blockedBy } = refusal
  const stage = stageOf(refusal)
  const reason = blockedBy === undefined ? reasonOf(violations) : BLOCKED_REASON
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
      [HEADERS.class]: classOf(refusal),
      [HEADERS.fingerprint]:
        blockedBy === undefined
          ? fingerprintOf(topic, violations, migratedFrom !== null)
          : fingerprint(topic, [BLOCKED]),
      [HEADERS.reason]: reason,
      [HEADERS.attempt]: record.headers[HEADERS.attempt] ?? '1',
      ...(blockedBy === undefined ? {} : { [HEADERS.blockedBy]: blockedBy }),
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
  return fingerprint(topic, rules, ...(migrated ? ['transform'] : []))
}

function fingerprint(topic: string, rules: readonly string[], ...more: readonly string[]): string {
  return sha256(JSON.stringify([topic, rules, ...more])).slice(0, 12)
}

function stageOf({ violations, migratedFrom, blockedBy }: Refusal): DeadLetterStage {
  if (blockedBy !== undefined) return 'key'
  if (migratedFrom !== null) return 'transform'
  const code = violations[0]?.code
  if (code === 'encoding' || code === 'parse') return 'wire'
  return violations.every((violation) => violation.code === 'rule') ? 'rule' : 'schema'
}

function classOf({ violations, blockedBy }: Refusal): string {
  if (blockedBy !== undefined) return BLOCKED
  return violations[0]?.code === 'unknown-version' ? 'unknown-schema' : 'permanent'
}

/** The violations as JSON, without the last ones where all are too long. */
export function cappedErrors(violations: readonly Violation[]): string {
  for (let count = violations.length; count > 0; count = Math.floor(count / 2)) {
    const text = JSON.stringify(violations.slice(0, count))
    if (Buffer.byteLength(text) <= ERRORS_BYTES_MAX) return text
  }
  return '[]'
}
