import type { Kysely, Selectable } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Json } from '../../kernel/index.ts'
import type { PipelineStore, PipelineVersion } from '../../pipelines/ports.ts'

export interface PipelineTables {
  pipeline_versions: { pipeline: string; version: string; deployed_at: number; plan: string; sources: string }
  /** Which version of each pipeline is the deployed one. */
  pipeline_deployments: { pipeline: string; version: string }
}

/** Deployed pipeline versions in SQLite or PostgreSQL. */
export class SqlPipelineStore implements PipelineStore {
  readonly #database: Kysely<PipelineTables>

  constructor(database: Kysely<PipelineTables>) {
    this.#database = database
  }

  async deploy(version: PipelineVersion): Promise<void> {
    const { pipeline } = version
    await this.#database.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('pipeline_versions')
        .values(toRow(version))
        .onConflict((conflict) => conflict.columns(['pipeline', 'version']).doNothing())
        .execute()
      await transaction
        .insertInto('pipeline_deployments')
        .values({ pipeline, version: version.version })
        .onConflict((conflict) => conflict.column('pipeline').doUpdateSet({ version: version.version }))
        .execute()
    })
  }

  async deployed(pipeline: string): Promise<PipelineVersion | undefined> {
    const row = await this.#database
      .selectFrom('pipeline_deployments')
      .innerJoin('pipeline_versions', (join) =>
        join
          .onRef('pipeline_versions.pipeline', '=', 'pipeline_deployments.pipeline')
          .onRef('pipeline_versions.version', '=', 'pipeline_deployments.version'),
      )
      .selectAll('pipeline_versions')
      .where('pipeline_deployments.pipeline', '=', pipeline)
      .executeTakeFirst()
    return row && fromRow(row)
  }

  async version(pipeline: string, version: string): Promise<PipelineVersion | undefined> {
    const row = await this.#database
      .selectFrom('pipeline_versions')
      .selectAll()
      .where('pipeline', '=', pipeline)
      .where('version', '=', version)
      .executeTakeFirst()
    return row && fromRow(row)
  }

  async versions(pipeline?: string): Promise<readonly PipelineVersion[]> {
    let query = this.#database
      .selectFrom('pipeline_versions')
      .selectAll()
      .orderBy('pipeline')
      .orderBy('deployed_at')
      .orderBy('version')
    if (pipeline !== undefined) query = query.where('pipeline', '=', pipeline)
    return (await query.execute()).map(fromRow)
  }
}

function toRow(version: PipelineVersion): Selectable<PipelineTables['pipeline_versions']> {
  return {
    pipeline: version.pipeline,
    version: version.version,
    deployed_at: version.deployedAt,
    plan: JSON.stringify(version.plan),
    sources: JSON.stringify(version.sources),
  }
}

function fromRow(row: Selectable<PipelineTables['pipeline_versions']>): PipelineVersion {
  return {
    pipeline: row.pipeline,
    version: row.version,
    deployedAt: row.deployed_at,
    plan: JSON.parse(row.plan) as Json,
    sources: JSON.parse(row.sources) as Record<string, string>,
  }
}

export const pipelineMigrations: Readonly<Record<string, Migration>> = {
  '001-pipelines': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .createTable('pipeline_versions')
        .addColumn('pipeline', 'text', (column) => column.notNull())
        .addColumn('version', 'text', (column) => column.notNull())
        .addColumn('deployed_at', 'double precision', (column) => column.notNull())
        .addColumn('plan', 'text', (column) => column.notNull())
        .addColumn('sources', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('pipeline_versions_key', ['pipeline', 'version'])
        .execute()
      await database.schema
        .createTable('pipeline_deployments')
        .addColumn('pipeline', 'text', (column) => column.primaryKey())
        .addColumn('version', 'text', (column) => column.notNull())
        .execute()
    },
  },
}
