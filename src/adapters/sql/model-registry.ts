import type { Insertable, Kysely, Selectable } from 'kysely'
import type { Migration } from 'kysely/migration'
import { CovenantError, type JsonObject } from '../../kernel/index.ts'
import type { AliasChange, ModelRegistry, ModelVersion } from '../../metadata/ports.ts'

export interface ModelRegistryTables {
  model_versions: {
    model: string
    version: number
    run_id: string
    artifact: string
    path: string
    created_at: number
    metrics: string
    signature: string
  }
  /** The alias points where its change with the highest position says. */
  model_alias_changes: {
    model: string
    alias: string
    position: number
    version: number
    changed_at: number
    run_id: string | null
  }
}

const REGISTER_ATTEMPTS_MAX = 20

/** Registered models in SQLite or PostgreSQL. */
export class SqlModelRegistry implements ModelRegistry {
  readonly #database: Kysely<ModelRegistryTables>

  constructor(database: Kysely<ModelRegistryTables>) {
    this.#database = database
  }

  async register(version: Omit<ModelVersion, 'version'>): Promise<ModelVersion> {
    // Two writers may pick the same next number; the primary key lets one of them in and the other one tries again.
    for (let attempt = 0; attempt < REGISTER_ATTEMPTS_MAX; attempt++) {
      const known = await this.#registered(version)
      if (known) return known
      const next = { ...version, version: (await this.#highestVersion(version.model)) + 1 }
      const result = await this.#database
        .insertInto('model_versions')
        .values(toVersionRow(next))
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      if (result.numInsertedOrUpdatedRows === 1n) return next
    }
    throw new CovenantError({
      code: 'METADATA_REGISTRY_CONTENDED',
      message: `No free version number of model ${version.model} was found in ${REGISTER_ATTEMPTS_MAX} attempts, because others register it too.`,
      remedy: 'Register it again.',
      retryable: true,
    })
  }

  async setAlias(change: AliasChange): Promise<void> {
    if (!(await this.version(change.model, change.version)))
      throw new CovenantError({
        code: 'METADATA_UNKNOWN_MODEL_VERSION',
        message: `Alias ${change.alias} cannot point to ${change.model}@${change.version}: there is no such version.`,
        remedy: 'List the versions with: covenant models.',
      })
    await this.#database.transaction().execute(async (transaction) => {
      const last = await transaction
        .selectFrom('model_alias_changes')
        .selectAll()
        .where('model', '=', change.model)
        .where('alias', '=', change.alias)
        .orderBy('position', 'desc')
        .executeTakeFirst()
      if (last && isSameChange(last, change)) return
      await transaction
        .insertInto('model_alias_changes')
        .values(toChangeRow(change, (last?.position ?? -1) + 1))
        .execute()
    })
  }

  async byAlias(model: string, alias: string): Promise<ModelVersion | undefined> {
    const row = await this.#database
      .selectFrom('model_alias_changes')
      .select('version')
      .where('model', '=', model)
      .where('alias', '=', alias)
      .orderBy('position', 'desc')
      .executeTakeFirst()
    return row && this.version(model, row.version)
  }

  async version(model: string, version: number): Promise<ModelVersion | undefined> {
    const row = await this.#database
      .selectFrom('model_versions')
      .selectAll()
      .where('model', '=', model)
      .where('version', '=', version)
      .executeTakeFirst()
    return row && fromVersionRow(row)
  }

  async versions(model?: string): Promise<readonly ModelVersion[]> {
    let query = this.#database.selectFrom('model_versions').selectAll().orderBy('model').orderBy('version')
    if (model !== undefined) query = query.where('model', '=', model)
    return (await query.execute()).map(fromVersionRow)
  }

  async aliasHistory(model?: string): Promise<readonly AliasChange[]> {
    let query = this.#database
      .selectFrom('model_alias_changes')
      .selectAll()
      .orderBy('changed_at')
      .orderBy('model')
      .orderBy('alias')
      .orderBy('position')
    if (model !== undefined) query = query.where('model', '=', model)
    return (await query.execute()).map(fromChangeRow)
  }

  async #registered(version: Omit<ModelVersion, 'version'>): Promise<ModelVersion | undefined> {
    const row = await this.#database
      .selectFrom('model_versions')
      .selectAll()
      .where('model', '=', version.model)
      .where('run_id', '=', version.runId)
      .where('artifact', '=', version.artifact)
      .executeTakeFirst()
    return row && fromVersionRow(row)
  }

  async #highestVersion(model: string): Promise<number> {
    const row = await this.#database
      .selectFrom('model_versions')
      .select((select) => select.fn.max('version').as('highest'))
      .where('model', '=', model)
      .executeTakeFirst()
    return row?.highest ?? 0
  }
}

function toVersionRow(version: ModelVersion): Insertable<ModelRegistryTables['model_versions']> {
  return {
    model: version.model,
    version: version.version,
    run_id: version.runId,
    artifact: version.artifact,
    path: version.path,
    created_at: version.createdAt,
    metrics: JSON.stringify(version.metrics),
    signature: JSON.stringify(version.signature),
  }
}

function fromVersionRow(row: Selectable<ModelRegistryTables['model_versions']>): ModelVersion {
  return {
    model: row.model,
    version: row.version,
    runId: row.run_id,
    artifact: row.artifact,
    path: row.path,
    createdAt: row.created_at,
    metrics: JSON.parse(row.metrics) as Record<string, number>,
    signature: JSON.parse(row.signature) as JsonObject,
  }
}

function isSameChange(row: Selectable<ModelRegistryTables['model_alias_changes']>, change: AliasChange): boolean {
  return row.version === change.version && row.changed_at === change.at && row.run_id === change.runId
}

function toChangeRow(change: AliasChange, position: number): Insertable<ModelRegistryTables['model_alias_changes']> {
  const { model, alias, version, at, runId } = change
  return { model, alias, position, version, changed_at: at, run_id: runId }
}

function fromChangeRow(row: Selectable<ModelRegistryTables['model_alias_changes']>): AliasChange {
  return { model: row.model, alias: row.alias, version: row.version, at: row.changed_at, runId: row.run_id }
}

export const modelRegistryMigrations: Readonly<Record<string, Migration>> = {
  '001-models': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .createTable('model_versions')
        .addColumn('model', 'text', (column) => column.notNull())
        .addColumn('version', 'integer', (column) => column.notNull())
        .addColumn('run_id', 'text', (column) => column.notNull())
        .addColumn('artifact', 'text', (column) => column.notNull())
        .addColumn('path', 'text', (column) => column.notNull())
        .addColumn('created_at', 'double precision', (column) => column.notNull())
        .addColumn('metrics', 'text', (column) => column.notNull())
        .addColumn('signature', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('model_versions_key', ['model', 'version'])
        .addUniqueConstraint('model_versions_once_a_run', ['model', 'run_id', 'artifact'])
        .execute()
      await database.schema
        .createTable('model_alias_changes')
        .addColumn('model', 'text', (column) => column.notNull())
        .addColumn('alias', 'text', (column) => column.notNull())
        .addColumn('position', 'integer', (column) => column.notNull())
        .addColumn('version', 'integer', (column) => column.notNull())
        .addColumn('changed_at', 'double precision', (column) => column.notNull())
        .addColumn('run_id', 'text')
        .addPrimaryKeyConstraint('model_alias_changes_key', ['model', 'alias', 'position'])
        .execute()
    },
  },
}
