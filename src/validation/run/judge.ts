import { HEADERS, type TopicRecord } from '../../topic/index.ts'
import type { Violation } from '../define.ts'
import { unknownVersion } from './dead-letter.ts'
import type { VersionTimeline } from './version-timeline.ts'

/** What validation thinks of one raw record. */
export interface Judgement {
  readonly record: TopicRecord
  readonly contractId: string
  /** The version that the record was held against, or that it names though nobody registered it. */
  readonly version: string
  /** Why it goes to the dead letter topic; `null` for a record that conforms. */
  readonly violations: readonly Violation[] | null
}

/**
 * Holds each record against the version that it names, else against the newest at its offset. Depends on nothing but the
 * records and the timeline, so that judging them again, in batches of another size, gives the same.
 */
export function judge(records: readonly TopicRecord[], timeline: VersionTimeline): readonly Judgement[] {
  return records.map((record) => judgeOne(record, timeline))
}

function judgeOne(record: TopicRecord, timeline: VersionTimeline): Judgement {
  const named = record.headers[HEADERS.version]
  const newest = timeline.newestAt(record.offset)
  const checker = named === undefined ? newest : timeline.named(named, record.offset)
  const { contractId } = newest.plan
  if (checker === undefined) return { record, contractId, version: named!, violations: [unknownVersion(named!)] }
  const verdict = checker.validator.validate(record.value)
  return { record, contractId, version: checker.version, violations: verdict.valid ? null : verdict.violations }
}
