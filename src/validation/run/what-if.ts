import { versionParts } from '../../contract/index.ts'
import { HEADERS, type TopicRecord } from '../../topic/index.ts'
import type { Violation } from '../define.ts'
import type { RegisteredVersion } from '../ports.ts'
import { judge } from './judge.ts'
import { MigrationCache } from './migrate.ts'
import { ValidatorCache, VersionTimeline } from './version-timeline.ts'

/** What validation would think of a raw record under the newest version and under a proposed one. */
export interface TwoVerdicts {
  readonly record: TopicRecord
  /** False where neither of the two versions has a say: the record is held against another one that it names. */
  readonly concerned: boolean
  /** Why the newest version refuses it; `null` where it conforms. */
  readonly today: readonly Violation[] | null
  /** Why the proposed version refuses it; `null` where it conforms. */
  readonly proposed: readonly Violation[] | null
}

/**
 * Judges records as if the proposed version stood in the place of the newest one. A record is held against
 *
 * - the proposed version, where it names no version, or the proposed one, or the newest one and both have the same major
 *   version: its producer follows the newest version, so it will follow the proposed one;
 * - the version that it names and then the proposed one, where that is of an earlier major version from which migrations
 *   lead there;
 * - the version that it names alone, else: such a record is not concerned.
 *
 * From which offset on a version holds does not count: the question is what would become of such records from now on.
 *
 * @param registered versions of the topic, oldest registration first; at least one
 */
export class WhatIf {
  readonly #today: Side
  readonly #proposed: Side
  readonly #migrations = new MigrationCache()

  constructor(registered: readonly RegisteredVersion[], proposed: RegisteredVersion) {
    const validators = new ValidatorCache()
    const newest = registered.at(-1)!
    const followed = majorOf(newest) === majorOf(proposed) ? versionOf(newest) : null
    this.#today = sideOf(registered, null, validators)
    this.#proposed = sideOf(
      [...registered.filter((each) => versionOf(each) !== versionOf(proposed)), proposed],
      followed,
      validators,
    )
  }

  /** In the order of the records. */
  async judge(records: readonly TopicRecord[]): Promise<readonly TwoVerdicts[]> {
    const today = await this.#side(records, this.#today)
    const proposed = await this.#side(records, this.#proposed)
    return records.map((record, index) => ({
      record,
      concerned: proposed[index]!.version === this.#proposed.newest,
      today: today[index]!.violations,
      proposed: proposed[index]!.violations,
    }))
  }

  #side(records: readonly TopicRecord[], { timeline, follows }: Side) {
    const seen =
      follows === null
        ? records
        : records.map((record) => (record.headers[HEADERS.version] === follows ? unnamed(record) : record))
    return judge(seen, timeline, this.#migrations)
  }
}

/** Versions that are all active from the beginning, the newest one last. */
interface Side {
  readonly timeline: VersionTimeline
  readonly newest: string
  /** Records that name this version are held against the newest one; `null` for none. */
  readonly follows: string | null
}

function sideOf(versions: readonly RegisteredVersion[], follows: string | null, validators: ValidatorCache): Side {
  const activations = versions.map((each) => ({ version: versionOf(each), partition: 0, fromOffset: 0 }))
  return {
    timeline: new VersionTimeline(versions, activations, 0, validators),
    newest: versionOf(versions.at(-1)!),
    follows,
  }
}

function unnamed(record: TopicRecord): TopicRecord {
  const { [HEADERS.version]: _, ...headers } = record.headers
  return { ...record, headers }
}

function versionOf({ plan }: RegisteredVersion): string {
  return plan.contractVersion
}

function majorOf(version: RegisteredVersion): number {
  return versionParts(versionOf(version))[0]
}
