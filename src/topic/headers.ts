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
  /** Where the record failed: `wire` (bytes that are no JSON), `schema`, or `transform` (no migration brings it to the newest version). */
  stage: 'cov.stage',
  /** `permanent`, or `unknown-schema` where the record names a version that nobody registered. */
  class: 'cov.class',
  /** Groups dead letters that broke the same rules: 12 hexadecimal digits. */
  fingerprint: 'cov.fingerprint',
  /** The broken rules as one sentence. */
  reason: 'cov.reason',
} as const

/** @example recordSource('orders.raw', 0, 17) // 'orders.raw/0/17' */
export function recordSource(topic: string, partition: number, offset: number): string {
  return `${topic}/${partition}/${offset}`
}
