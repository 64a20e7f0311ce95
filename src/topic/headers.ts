/** Headers that Covenant reads and writes. */
export const HEADERS = {
  /** Contract version: on a raw record its writer's, on a validated record and a dead letter the one it was held against. */
  version: 'cov.version',
  /** The version that a record was written under, where a migration brought it to the version of `cov.version`. */
  migratedFrom: 'cov.migrated.from',
  /** Where a validated record or a dead letter comes from: `<raw topic>/<partition>/<offset>`. */
  source: 'cov.src',
  /** Contract id. */
  contract: 'cov.contract',
  /** All violations as a JSON array, at most 16 KiB. */
  errors: 'cov.errors',
  /** Of a validated record: the rules in the stage `warn` that it breaks, as a JSON array like `cov.errors`. */
  warnings: 'cov.warnings',
  /**
   * Where the record failed: `wire` (bytes that are no JSON), `schema`, `rule`, `transform` (no migration brings it to the
   * newest version), or `key` (it waits for an earlier record of its key).
   */
  stage: 'cov.stage',
  /**
   * `permanent`; `unknown-schema` where the record names a version that nobody registered; `blocked` where it waits for
   * an earlier record of its key.
   */
  class: 'cov.class',
  /** Groups dead letters that broke the same rules: 12 hexadecimal digits. */
  fingerprint: 'cov.fingerprint',
  /** The broken rules as one sentence. */
  reason: 'cov.reason',
  /** Hash of the validation plan that refused the record: equal for versions that check the same. */
  rulesHash: 'cov.rules.hash',
  /** How often the record went through validation: 1 the first time, one more with each replay. */
  attempt: 'cov.attempt',
  /** Of a replayed record: the dead letter that it was, `<dead letter topic>/<partition>/<offset>`. */
  replayOf: 'cov.replay.of',
  /** Of a replayed record: where it was first, `<raw topic>/<partition>/<offset>`, however often it was replayed. */
  origin: 'cov.origin',
  /** Of a replayed record: the batch of the replay. */
  batch: 'cov.batch',
  /** Of a replayed record whose value was patched: the JSONata expression. */
  patch: 'cov.patch',
  /** Of a record that waits for an earlier one of its key: where that one was first. */
  blockedBy: 'cov.blocked.by',
} as const

/** @example recordSource('orders.raw', 0, 17) // 'orders.raw/0/17' */
export function recordSource(topic: string, partition: number, offset: number): string {
  return `${topic}/${partition}/${offset}`
}

/**
 * The offset at the end of a source such as `orders.raw/0/17`; `undefined` for anything else.
 *
 * @example offsetOf('orders.raw/0/17') // 17
 */
export function offsetOf(source: string): number | undefined {
  const match = /\/(\d+)$/.exec(source)
  return match === null ? undefined : Number(match[1])
}
