import { isJsonObject } from '../../kernel/index.ts'
import { recordKey, type TopicRecord } from '../../topic/index.ts'
import type { Violation } from '../define.ts'
import { compileMigration, type Migration } from '../plan/migration.ts'
import type { Checker } from './version-timeline.ts'

/** One migration, and the version that its result has to satisfy. */
export interface MigrationStep {
  readonly fromMajor: number
  readonly expression: string
  readonly to: Checker
}

/** A record in the form of a later version, or why it has none; the version is the one it was held against last. */
export interface MigratedRecord {
  readonly version: string
  /** Hash of that version's plan. */
  readonly rulesHash: string
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly violations: readonly Violation[] | null
  readonly warnings: readonly Violation[]
}

/**
 * The migrations from a major version to the newest active one, or `null` where none leads there. The newest version's own
 * rule for the major is preferred; else the way goes over the newest version of a major between, the higher the better.
 *
 * @param active versions that are active, oldest first
 */
export function migrationPath(fromMajor: number, active: readonly Checker[]): readonly MigrationStep[] | null {
  const to = active.at(-1)
  if (to === undefined || fromMajor >= to.major) return null
  const { migrations } = to.contract
  const direct = migrations.find((rule) => rule.fromMajor === fromMajor)
  if (direct !== undefined) return [{ ...direct, to }]
  for (const rule of migrations.toSorted((a, b) => b.fromMajor - a.fromMajor)) {
    const before = migrationPath(fromMajor, upToMajor(active, rule.fromMajor))
    if (before !== null) return [...before, { ...rule, to }]
  }
  return null
}

function upToMajor(active: readonly Checker[], major: number): readonly Checker[] {
  return active.slice(0, active.findLastIndex((checker) => checker.major === major) + 1)
}

/** Brings a record that conforms to its writer's version along the path, and holds it against each version on the way. */
export async function migrate(
  record: TopicRecord,
  writer: Checker,
  path: readonly MigrationStep[],
  migrations: MigrationCache,
): Promise<MigratedRecord> {
  let { key, value } = record
  let { plan } = writer
  let warnings: readonly Violation[] = []
  for (const { fromMajor, expression, to } of path) {
    const result = await migrations.of(expression)(value!)
    const rulesHash = to.plan.hash
    if ('fault' in result)
      return {
        version: to.version,
        rulesHash,
        key,
        value,
        violations: [failed(fromMajor, to, result.fault)],
        warnings: [],
      }
    value = result.value
    key = keyAfter(key, value, plan.key, to.plan.key)
    plan = to.plan
    const verdict = to.validator.validate(value)
    if (!verdict.valid)
      return { version: to.version, rulesHash, key, value, violations: verdict.violations, warnings: [] }
    warnings = verdict.warnings
  }
  const { version, plan: last } = path.at(-1)!.to
  return { version, rulesHash: last.hash, key, value, violations: null, warnings }
}

/** A key stays as it is unless the contract builds it of other fields now. */
function keyAfter(
  key: Uint8Array | null,
  value: Uint8Array,
  before: readonly string[],
  after: readonly string[],
): Uint8Array | null {
  if (after.length === 0 || before.join('\n') === after.join('\n')) return key
  const event: unknown = JSON.parse(Buffer.from(value).toString('utf8'))
  return isJsonObject(event) ? recordKey(event, after) : key
}

function failed(fromMajor: number, to: Checker, fault: string): Violation {
  const code = 'transform'
  const expected = `a record that the migration from major ${fromMajor} to ${to.version} can take`
  return { ruleId: code, path: '', code, expected, got: fault, severity: 'error' }
}

/** Compiled migrations by their text. */
export class MigrationCache {
  readonly #migrations = new Map<string, Migration>()

  of(expression: string): Migration {
    let migration = this.#migrations.get(expression)
    if (migration === undefined) {
      migration = compileMigration(expression)
      this.#migrations.set(expression, migration)
    }
    return migration
  }
}
