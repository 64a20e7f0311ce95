import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { openContractDatabase } from '../../adapters/postgres/contract-database.ts'
import { generateProducers, type NotEnforced } from '../../contract/index.ts'
import { CovenantError } from '../../kernel/index.ts'
import type {
  AppliedMigration,
  ContractDatabase,
  DatabaseMigration,
  PushedFile,
  TableDrift,
} from '../../registry/index.ts'
import type { Project } from '../project.ts'
import { editedMigration, migrationScripts, type PlannedMigration, planMigrations } from './migrations.ts'
import { type DatabaseSchema, databaseSchemas, type ProducerFolder, producerFolders } from './targets.ts'

/** What an apply would push to one target. */
export type TargetPlan = DatabasePlan | ProducersPlan

export interface DatabasePlan {
  readonly kind: 'database'
  readonly target: string
  readonly schema: DatabaseSchema
  readonly planned: readonly PlannedMigration[]
  /** All of them, those included that the database has had. */
  readonly scripts: readonly DatabaseMigration[]
  /** Those that it has not had. */
  readonly pending: readonly DatabaseMigration[]
  readonly notEnforced: readonly (NotEnforced & { readonly table: string })[]
  /** How tables that need no migration differ from their contracts. */
  readonly drift: readonly TableDrift[]
}

export interface ProducersPlan {
  readonly kind: 'producers'
  readonly target: string
  /** Those that change. */
  readonly files: readonly PushedFile[]
}

/**
 * What an apply would push to producers and databases. Databases are asked what they have had; nothing is changed.
 *
 * @throws CovenantError `PUSH_TARGET_INVALID`, `PUSH_MIGRATION_MISSING`, `PUSH_MIGRATION_EDITED`, `PUSH_DATABASE_UNREACHABLE`
 */
export async function planTargets(
  project: Project,
  { accept }: { readonly accept: boolean },
): Promise<readonly TargetPlan[]> {
  const plans: TargetPlan[] = []
  for (const schema of databaseSchemas(project)) plans.push(await planDatabase(schema, accept))
  for (const folder of producerFolders(project)) plans.push(planProducers(project.directory, folder))
  return plans
}

export function hasChanges(plan: TargetPlan): boolean {
  return plan.kind === 'database' ? plan.pending.length > 0 : plan.files.length > 0
}

function isOf({ contractId, version }: DatabaseMigration, { contract }: PlannedMigration): boolean {
  return contract.id === contractId && contract.version === version
}

async function planDatabase(schema: DatabaseSchema, accept: boolean): Promise<DatabasePlan> {
  const planned = planMigrations(schema)
  const scripts = migrationScripts(planned)
  const tables = planned.map(({ table }) => table)
  const { pending, drift } = await withDatabase(schema, async (database) => {
    const had = await database.applied()
    const open = scripts.filter(
      ({ contractId, version }) => !had.some((each) => each.contractId === contractId && each.version === version),
    )
    for (const each of planned) {
      refuseOther(schema, each.contract.id, had, scripts)
      const isPending = open.some((script) => isOf(script, each))
      if (isPending && each.state === 'edited' && !accept) throw editedMigration(each)
    }
    const settled = tables.filter(
      (_, index) => !open.some(({ contractId }) => contractId === planned[index]!.contract.id),
    )
    return { pending: open, drift: await database.drift(settled) }
  })
  const notEnforced = tables.flatMap((table) => table.notEnforced.map((each) => ({ table: table.name, ...each })))
  return { kind: 'database', target: schema.target, schema, planned, scripts, pending, notEnforced, drift }
}

/** A database that has had what this project does not have knows more than the project. */
function refuseOther(
  schema: DatabaseSchema,
  contractId: string,
  had: readonly AppliedMigration[],
  scripts: readonly DatabaseMigration[],
): void {
  const other = had.find(
    (each) =>
      each.contractId === contractId &&
      !scripts.some(
        ({ contractId: id, version, hash }) => id === contractId && version === each.version && hash === each.hash,
      ),
  )
  if (other === undefined) return
  throw new CovenantError({
    code: 'PUSH_MIGRATION_CHANGED',
    message: `The database was migrated to ${contractId} ${other.version} by a file that this project does not have, or not any more.`,
    where: schema.target,
    remedy:
      'Put the file back as it was, or take the newest state of the project from git; bring a change in a new version.',
  })
}

export async function withDatabase<T>(
  schema: DatabaseSchema,
  body: (database: ContractDatabase) => Promise<T>,
): Promise<T> {
  const database = await openContractDatabase(schema.connection())
  try {
    return await body(database)
  } finally {
    await database.close()
  }
}

function planProducers(projectDir: string, { target, language, directory, contracts }: ProducerFolder): ProducersPlan {
  const files = generateProducers(contracts, language).map(({ file, code }): PushedFile => {
    const path = join(directory, file)
    const absolute = resolve(projectDir, path)
    return { path, before: existsSync(absolute) ? readFileSync(absolute, 'utf8') : null, after: code }
  })
  for (const [index, { path }] of files.entries())
    if (files.slice(0, index).some((each) => each.path === path))
      throw new CovenantError({
        code: 'PUSH_TARGET_INVALID',
        message: `The producers of two contracts would both be the file ${path}.`,
        where: 'covenant.config.ts, push',
        remedy: 'Push them to different folders.',
      })
  return { kind: 'producers', target, files: files.filter(({ before, after }) => before !== after) }
}
