import { HEADERS, type TopicRecord } from '../../topic/index.ts'
import { reasonOf } from '../plan/expectation.ts'
import type { RegisteredVersion } from '../ports.ts'
import { originalHeaders } from './alias-headers.ts'
import { judge } from './judge.ts'
import { MigrationCache } from './migrate.ts'
import { ValidatorCache, VersionTimeline } from './version-timeline.ts'

/**
 * Says what validation would make of dead letters that are sent again, by the same rules: a letter that failed in a
 * migration names its writer's version again, any other is held against the newest one.
 */
export class LetterJudge {
  readonly #timeline: VersionTimeline
  readonly #migrations = new MigrationCache()

  /** @param versions of the topic, oldest first; the last one is the current one, registered or only proposed */
  constructor(versions: readonly RegisteredVersion[]) {
    const activations = versions.map(({ plan }) => ({ version: plan.contractVersion, partition: 0, fromOffset: 0 }))
    this.#timeline = new VersionTimeline(versions, activations, 0, new ValidatorCache())
  }

  /** Why a letter would be refused with a value; `null` where it would pass. */
  async refusal(letter: TopicRecord, value: Uint8Array | null): Promise<string | null> {
    const headers = { ...originalHeaders(letter.headers), ...writerHeader(letter) }
    const record = { ...letter, partition: 0, offset: 0, value, headers }
    const [judgement] = await judge([record], this.#timeline, this.#migrations)
    return judgement!.violations === null ? null : reasonOf(judgement!.violations)
  }
}

/** The header that names the version a letter was written under, where it failed on the way from there to a later one. */
export function writerHeader({ headers }: TopicRecord): Readonly<Record<string, string>> {
  const writer = headers[HEADERS.migratedFrom]
  return writer === undefined ? {} : { [HEADERS.version]: writer }
}
