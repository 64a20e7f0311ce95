import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { CovenantError, messageOf } from '../errors.ts'

/**
 * Brings a database to the newest of `migrations`; their names sort in the order they run.
 * `table` names the bookkeeping table, so that several stages can keep their tables in one database.
 */
export async function migrateToLatest<Tables>(
  database: Kysely<Tables>,
  table: string,
  migrations: Readonly<Record<string, Migration>>,
): Promise<void> {
  const { Migrator } = await import('kysely/migration')
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableName: table,
    migrationLockTableName: `${table}_lock`,
  })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined)
    throw new CovenantError({
      code: 'STATE_MIGRATION_FAILED',
      message: `The state could not be brought to this version's layout: ${messageOf(error)}.`,
      where: table,
      remedy: 'Restore the state folder from a copy, or start with an empty one (--state DIR).',
      cause: error,
    })
}
