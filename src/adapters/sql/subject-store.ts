import type { Kysely, Selectable, Transaction } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { SubjectStore } from '../../registry/ports.ts'

type Rows = Awaited<ReturnType<SubjectStore['load']>>['rows']
type Change = Parameters<SubjectStore['commit']>[0]
type StoredSchema = Rows['schemas'][number]
type SubjectVersion = Rows['versions'][number]
type Setting = Rows['settings'][number]

export interface SubjectTables {
  schemas: {
    id: number
    guid: string
    schema_type: string
    schema_text: string
    /** JSON: references, metadata, rule set. */
    members: string
  }
  subject_versions: {
    subject: string
    version: number
    schema_id: number
    /** 0 or 1. */
    deleted: number
    contract: string | null
  }
  subject_settings: {
    scope: string
    /** JSON, or null. */
    config: string | null
    mode: string | null
  }
  /** One row. */
  subject_revision: { revision: number }
}

/** Subjects, their schemas and settings in SQLite or PostgreSQL. */
export class SqlSubjectStore implements SubjectStore {
  readonly #database: Kysely<SubjectTables>

  constructor(database: Kysely<SubjectTables>) {
    this.#database = database
  }

  revision(): Promise<number> {
    return revisionOf(this.#database)
  }

  async load(): Promise<{ readonly revision: number; readonly rows: Rows }> {
    // The revision is read before and after, because a reader in "read committed" sees each statement's own moment.
    for (;;) {
      const revision = await this.revision()
      const rows = await readRows(this.#database)
      if ((await this.revision()) === revision) return { revision, rows }
    }
  }

  commit(change: Change, revision: number): Promise<boolean> {
    return this.#database.transaction().execute(async (transaction) => {
      // The first statement, so that it holds the row against every other writer until the end.
      const { numUpdatedRows } = await transaction
        .updateTable('subject_revision')
        .set({ revision: revision + 1 })
        .where('revision', '=', revision)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows !== 1n) return false
      await write(transaction, change)
      return true
    })
  }
}

async function revisionOf(database: Kysely<SubjectTables>): Promise<number> {
  const { revision } = await database.selectFrom('subject_revision').select('revision').executeTakeFirstOrThrow()
  return Number(revision)
}

async function readRows(database: Kysely<SubjectTables>): Promise<Rows> {
  return {
    schemas: (await database.selectFrom('schemas').selectAll().orderBy('id').execute()).map(schemaOf),
    versions: (
      await database.selectFrom('subject_versions').selectAll().orderBy('subject').orderBy('version').execute()
    ).map(versionOf),
    settings: (await database.selectFrom('subject_settings').selectAll().orderBy('scope').execute()).map(settingOf),
  }
}

async function write(transaction: Transaction<SubjectTables>, change: Change): Promise<void> {
  const { schemas = [], versions = [], removed = [], settings = [] } = change
  for (const schema of schemas) await transaction.insertInto('schemas').values(schemaRow(schema)).execute()
  for (const { subject, version } of [...removed, ...versions])
    await transaction
      .deleteFrom('subject_versions')
      .where('subject', '=', subject)
      .where('version', '=', version)
      .execute()
  for (const version of versions) await transaction.insertInto('subject_versions').values(versionRow(version)).execute()
  for (const setting of settings) {
    await transaction.deleteFrom('subject_settings').where('scope', '=', setting.scope).execute()
    if (setting.config !== null || setting.mode !== null)
      await transaction.insertInto('subject_settings').values(settingRow(setting)).execute()
  }
}

function schemaRow({ id, guid, schemaType, schema, references, metadata, ruleSet }: StoredSchema) {
  const members = JSON.stringify({ references, metadata, ruleSet })
  return { id, guid, schema_type: schemaType, schema_text: schema, members }
}

function schemaOf(row: Selectable<SubjectTables['schemas']>): StoredSchema {
  return {
    id: row.id,
    guid: row.guid,
    schemaType: row.schema_type as StoredSchema['schemaType'],
    schema: row.schema_text,
    ...(JSON.parse(row.members) as Pick<StoredSchema, 'references' | 'metadata' | 'ruleSet'>),
  }
}

function versionRow({ subject, version, schemaId, deleted, contract }: SubjectVersion) {
  return { subject, version, schema_id: schemaId, deleted: deleted ? 1 : 0, contract }
}

function versionOf(row: Selectable<SubjectTables['subject_versions']>): SubjectVersion {
  const { subject, version, contract } = row
  return { subject, version, schemaId: row.schema_id, deleted: row.deleted === 1, contract }
}

function settingRow({ scope, config, mode }: Setting) {
  return { scope, config: config === null ? null : JSON.stringify(config), mode }
}

function settingOf({ scope, config, mode }: Selectable<SubjectTables['subject_settings']>): Setting {
  return {
    scope,
    config: config === null ? null : (JSON.parse(config) as Setting['config']),
    mode: mode as Setting['mode'],
  }
}

export const subjectMigrations: Readonly<Record<string, Migration>> = {
  '001-subjects': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .createTable('schemas')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('guid', 'text', (column) => column.notNull().unique())
        .addColumn('schema_type', 'text', (column) => column.notNull())
        .addColumn('schema_text', 'text', (column) => column.notNull())
        .addColumn('members', 'text', (column) => column.notNull())
        .execute()
      await database.schema
        .createTable('subject_versions')
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('version', 'integer', (column) => column.notNull())
        .addColumn('schema_id', 'integer', (column) => column.notNull().references('schemas.id'))
        .addColumn('deleted', 'integer', (column) => column.notNull())
        .addColumn('contract', 'text')
        .addPrimaryKeyConstraint('subject_versions_key', ['subject', 'version'])
        .execute()
      await database.schema
        .createTable('subject_settings')
        .addColumn('scope', 'text', (column) => column.primaryKey())
        .addColumn('config', 'text')
        .addColumn('mode', 'text')
        .execute()
      await database.schema
        .createTable('subject_revision')
        .addColumn('revision', 'integer', (column) => column.notNull())
        .execute()
      await (database as Kysely<SubjectTables>).insertInto('subject_revision').values({ revision: 0 }).execute()
    },
  },
}
