import type { Json } from '../../kernel/index.ts'
import type { Contract, MigrationRule } from '../define.ts'
import type { Path, Report } from '../problem.ts'
import { versionParts } from '../version.ts'
import { entries, numberMember, textMember } from './members.ts'
import { migrationFault } from './migration-fault.ts'

/** Reads `covenant.migrations`: one rule for each earlier major version, each an expression that can be run again. */
export function readMigrations(
  own: { readonly value: Json; readonly path: Path } | undefined,
  { version, cdc }: { readonly version: string; readonly cdc: Contract['cdc'] },
  report: Report,
): readonly MigrationRule[] {
  if (own === undefined) return []
  if (cdc !== null)
    report.error(
      own.path,
      'CONTRACT_UNSUPPORTED',
      '"covenant.migrations" is not supported for change data capture: an update holds parts of two rows.',
    )
  const [major] = versionParts(version)
  const rules: MigrationRule[] = []
  for (const { value, path } of entries({ rules: own.value }, 'rules', [])) {
    const at = [...own.path, ...path.slice(1)]
    const fromMajor = numberMember(value, 'fromMajor')
    const expression = textMember(value, 'expression')
    if (fromMajor === null || expression === null) continue
    if (fromMajor >= major)
      report.error(
        [...at, 'fromMajor'],
        'CONTRACT_WRONG_VALUE',
        `"fromMajor" must be lower than ${major}, the major version of the contract, found ${fromMajor}.`,
      )
    if (rules.some((rule) => rule.fromMajor === fromMajor))
      report.error([...at, 'fromMajor'], 'CONTRACT_NAME_REPEATED', `A migration from major ${fromMajor} stands twice.`)
    const fault = migrationFault(expression)
    if (fault !== null) report.error([...at, 'expression'], 'CONTRACT_MIGRATION_INVALID', `The migration ${fault}`)
    rules.push({ fromMajor, expression })
  }
  return rules
}
