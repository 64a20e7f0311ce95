import type { TopicRecord } from '../../topic/index.ts'
import type { Violation } from '../define.ts'
import { unknownVersion } from './dead-letter.ts'
import { type MigrationCache, type MigrationStep, migrate, migrationPath } from './migrate.ts'
import type { Checker, VersionTimeline } from './version-timeline.ts'
import { writerVersion } from './writer-version.ts'

/** What validation thinks of one raw record. */
export interface Judgement {
  readonly record: TopicRecord
  readonly contractId: string
  /** The version that the record was held against last, or that it names though nobody registered it. */
  readonly version: string
  /** Hash of that version's plan; `undefined` where there is none. */
  readonly rulesHash: string | undefined
  /** Why it goes to the dead letter topic; `null` for a record that conforms. */
  readonly violations: readonly Violation[] | null
  /** Record rules that are not enforced and that it breaks; of its last version. */
  readonly warnings: readonly Violation[]
  /** The version it was written under, where it was brought to another, or failed on the way; else `null`. */
  readonly migratedFrom: string | null
  /** Key and value of the validated record: the raw record's own, unless it was migrated. */
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
}

/**
 * Holds each record against the version that it names, else against the newest at its offset. A conforming record of an
 * earlier major version is brought to the newest one at its offset, where migrations lead there.
 *
 * Depends on nothing but the records and the timeline, so that judging them again, in batches of another size, gives the
 * same.
 */
export async function judge(
  records: readonly TopicRecord[],
  timeline: VersionTimeline,
  migrations: MigrationCache,
): Promise<readonly Judgement[]> {
  const judgements: Judgement[] = []
  const paths = new PathFinder(timeline)
  for (const record of records) {
    const newest = timeline.newestAt(record.offset)
    const named = writerVersion(record.headers, newest.plan)
    const writer = named === undefined || named === newest.version ? newest : timeline.named(named, record.offset)
    const judgement = writer === undefined ? unknown(record, newest, named!) : judgeOne(record, writer)
    const path = judgement.violations === null && writer !== newest ? paths.between(writer!, newest) : null
    // Only a record that is migrated is waited for: the others pay nothing for it.
    if (path === null) judgements.push(judgement)
    else
      judgements.push({
        ...judgement,
        ...(await migrate(record, writer!, path, migrations)),
        migratedFrom: writer!.version,
      })
  }
  return judgements
}

function judgeOne(record: TopicRecord, { plan, validator, version }: Checker): Judgement {
  const { key, value } = record
  const verdict = validator.validate(value)
  return {
    record,
    contractId: plan.contractId,
    version,
    rulesHash: plan.hash,
    violations: verdict.valid ? null : verdict.violations,
    warnings: verdict.warnings,
    migratedFrom: null,
    key,
    value,
  }
}

/** The record names a version that is not known at its offset. */
function unknown(record: TopicRecord, newest: Checker, version: string): Judgement {
  const { key, value } = record
  return {
    record,
    contractId: newest.plan.contractId,
    version,
    rulesHash: undefined,
    violations: [unknownVersion(version)],
    warnings: [],
    migratedFrom: null,
    key,
    value,
  }
}

/** The migrations between versions, looked for once a batch. */
class PathFinder {
  readonly #timeline: VersionTimeline
  readonly #paths = new Map<string, readonly MigrationStep[] | null>()

  constructor(timeline: VersionTimeline) {
    this.#timeline = timeline
  }

  between(writer: Checker, newest: Checker): readonly MigrationStep[] | null {
    const name = `${writer.version} ${newest.version}`
    let path = this.#paths.get(name)
    if (path === undefined) {
      path = migrationPath(writer.major, this.#timeline.activeWith(newest))
      this.#paths.set(name, path)
    }
    return path
  }
}
