import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openContractDatabase } from '../../adapters/postgres/contract-database.ts'
import {
  type Contract,
  compareVersions,
  compilePostgresTable,
  type MigrationFile,
  migrationFile,
  type PostgresTable,
  splitMigration,
} from '../../contract/index.ts'
import { CovenantError, canonicalJson, sha256 } from '../../kernel/index.ts'
import type { DatabaseMigration } from '../../registry/index.ts'
import { shownPath } from '../project.ts'
import { replaceFile } from './replace-file.ts'
import type { DatabaseSchema } from './targets.ts'

/** The migration of a contract's version, and the file that it should stand in. */
export interface PlannedMigration {
  readonly contract: Contract
  readonly table: PostgresTable
  readonly file: string
  readonly migration: MigrationFile
  /** `edited`: somebody changed the file, or the contract changed since it was written. */
  readonly state: 'missing' | 'current' | 'edited'
  /** The text of the file; `null` where it is missing. */
  readonly text: string | null
}

/**
 * The migrations of a schema's contracts to the versions that they have now. The one before is that of the greatest
 * lower version in the folder; a file beside each migration says what its table is like, so that nothing but the folder
 * is needed.
 */
export function planMigrations(
  { schema, migrationsDir, contracts }: DatabaseSchema,
  { dropColumns = false }: { readonly dropColumns?: boolean } = {},
): readonly PlannedMigration[] {
  const planned = contracts.map((contract) => planOne(contract, schema, migrationsDir, dropColumns))
  for (const [index, { table, contract }] of planned.entries()) {
    const twin = planned.slice(0, index).find((each) => each.table.name === table.name)
    if (twin !== undefined)
      throw new CovenantError({
        code: 'PUSH_TARGET_INVALID',
        message: `The tables of ${twin.contract.topic} and ${contract.topic} are both called ${schema}.${table.name}.`,
        where: 'covenant.config.ts, push',
        remedy: 'Push them to different schemas.',
      })
  }
  return planned
}

function planOne(contract: Contract, schema: string, dir: string, dropColumns: boolean): PlannedMigration {
  const folder = join(dir, contract.topic)
  const table = compilePostgresTable(contract, { schema })
  const lower = versionsIn(folder).findLast((version) => compareVersions(version, contract.version) < 0)
  const before = lower ?? (existsSync(join(folder, `${BASELINE}.json`)) ? BASELINE : undefined)
  const file = join(folder, `${contract.version}.sql`)
  const text = existsSync(file) ? readFileSync(file, 'utf8') : null
  const migration = migrationFile({
    contractId: contract.id,
    version: contract.version,
    previous: before === undefined ? null : { version: before, table: readTable(folder, before) },
    table,
    dropColumns: text === null ? dropColumns : dropsColumns(text) || dropColumns,
  })
  const isCurrent = text === migration.text && isTable(folder, contract.version, table)
  return { contract, table, file, migration, state: text === null ? 'missing' : isCurrent ? 'current' : 'edited', text }
}

/** Writes the migrations that are missing; with `force` those that were edited too. Tells which files it wrote. */
export function writeMigrations(
  planned: readonly PlannedMigration[],
  { force }: { readonly force: boolean },
): readonly PlannedMigration[] {
  const open = planned.filter(({ state }) => state === 'missing' || (force && state === 'edited'))
  for (const { file, migration, table } of open) {
    mkdirSync(dirname(file), { recursive: true })
    // The table first: a migration that is there has what it is compared with.
    replaceFile(file.replace(/\.sql$/, '.json'), `${JSON.stringify(table, null, 2)}\n`)
    replaceFile(file, migration.text)
  }
  return open
}

/**
 * The scripts of all versions up to the contract's, oldest first: what a database without any has to run.
 *
 * @throws CovenantError `PUSH_MIGRATION_MISSING`, and `PUSH_MIGRATION_EDITED` for one that cannot be run
 */
export function migrationScripts(planned: readonly PlannedMigration[]): readonly DatabaseMigration[] {
  return planned.flatMap((each) => {
    if (each.state === 'missing') throw missing(each)
    const folder = dirname(each.file)
    return versionsIn(folder)
      .filter((version) => compareVersions(version, each.contract.version) <= 0)
      .map((version) => readScript(each.contract.id, version, join(folder, `${version}.sql`)))
  })
}

/** The version that stands for a table which was there before any migration. */
const BASELINE = '0.0.0'

/**
 * Writes down what the tables of contracts without any migration are like now, so that their first migration alters
 * them instead of making them. Tells of which contracts there is a table.
 */
export async function writeBaselines(schema: DatabaseSchema): Promise<readonly Contract[]> {
  const open = planMigrations(schema).filter(({ file }) => versionsIn(dirname(file)).length === 0)
  const { connection } = schema
  const database = await openContractDatabase(connection())
  try {
    const found: Contract[] = []
    for (const { contract, table, file } of open) {
      const existing = await database.describe(table.name)
      if (existing === null) continue
      mkdirSync(dirname(file), { recursive: true })
      replaceFile(join(dirname(file), `${BASELINE}.json`), `${JSON.stringify(existing, null, 2)}\n`)
      found.push(contract)
    }
    return found
  } finally {
    await database.close()
  }
}

const VERSION_FILE = /^(\d+\.\d+\.\d+)\.sql$/

/** Ascending. */
function versionsIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .flatMap((name) => VERSION_FILE.exec(name)?.[1] ?? [])
    .sort(compareVersions)
}

function readTable(folder: string, version: string): PostgresTable {
  const file = join(folder, `${version}.json`)
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as PostgresTable
  } catch (cause) {
    throw new CovenantError({
      code: 'PUSH_MIGRATION_MISSING',
      message: `What the migration ${version}.sql makes of its table is not told: its .json file cannot be read.`,
      where: shownPath(file),
      remedy: 'Take both files from git again.',
      cause,
    })
  }
}

function isTable(folder: string, version: string, table: PostgresTable): boolean {
  const file = join(folder, `${version}.json`)
  return existsSync(file) && canonicalJson(readTable(folder, version)) === canonicalJson(table)
}

function dropsColumns(text: string): boolean {
  return /^-- drops columns/m.test(text)
}

/** It would end the one transaction in which all migrations of a push run. */
const ENDS_TRANSACTION = /^\s*(?:COMMIT|ROLLBACK)\b/im

function readScript(contractId: string, version: string, file: string): DatabaseMigration {
  const text = readFileSync(file, 'utf8')
  const scripts = splitMigration(text)
  const fault =
    scripts === null
      ? 'It has not both of its parts, "-- migrate:up" and "-- migrate:down".'
      : ENDS_TRANSACTION.test(text)
        ? 'It ends the transaction in which it is run.'
        : null
  if (scripts !== null && fault === null) return { contractId, version, hash: sha256(text), ...scripts }
  throw new CovenantError({
    code: 'PUSH_MIGRATION_EDITED',
    message: `The migration cannot be run. ${fault}`,
    where: shownPath(file),
    remedy: 'Correct it, or write it anew: covenant contract migrate --force.',
  })
}

function missing({ contract, file }: PlannedMigration): CovenantError {
  return new CovenantError({
    code: 'PUSH_MIGRATION_MISSING',
    message: `There is no migration to ${contract.topic} ${contract.version} yet.`,
    where: shownPath(file),
    remedy: 'Write it with covenant contract migrate, review it and commit it.',
  })
}

export function editedMigration({ contract, file }: PlannedMigration): CovenantError {
  return new CovenantError({
    code: 'PUSH_MIGRATION_EDITED',
    message: `The migration to ${contract.topic} ${contract.version} is not the one that follows from the contract.`,
    where: shownPath(file),
    remedy: 'If it was edited on purpose, apply with --accept; else write it anew: covenant contract migrate --force.',
  })
}
