import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Incident, LevelEvaluation, LevelStore } from '../../sla/ports.ts'

export interface LevelTables {
  sla_level_evaluations: {
    id: string
    contract_id: string
    level_id: string
    evaluated_at: number
    /** The evaluation as JSON. */
    body: string
  }
  sla_incidents: {
    id: string
    contract_id: string
    detected_at: number
    /** The incident as JSON. */
    body: string
  }
}

export const levelMigrations: Readonly<Record<string, Migration>> = {
  '001-levels': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .createTable('sla_level_evaluations')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('contract_id', 'text', (column) => column.notNull())
        .addColumn('level_id', 'text', (column) => column.notNull())
        .addColumn('evaluated_at', 'double precision', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .execute()
      await database.schema
        .createIndex('sla_level_evaluations_by_level')
        .on('sla_level_evaluations')
        .columns(['contract_id', 'level_id', 'evaluated_at'])
        .execute()
      await database.schema
        .createTable('sla_incidents')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('contract_id', 'text', (column) => column.notNull())
        .addColumn('detected_at', 'double precision', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .execute()
    },
  },
}

/** Evaluations of service levels, and incidents, in SQLite or PostgreSQL. */
export class SqlLevelStore implements LevelStore {
  readonly #database: Kysely<LevelTables>

  constructor(database: Kysely<LevelTables>) {
    this.#database = database
  }

  async record(evaluation: LevelEvaluation, incident: Incident | null): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('sla_level_evaluations')
        .values({
          id: evaluation.id,
          contract_id: evaluation.contractId,
          level_id: evaluation.level,
          evaluated_at: evaluation.at,
          body: JSON.stringify(evaluation),
        })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirstOrThrow()
      if (Number(numInsertedOrUpdatedRows ?? 0) > 0 && incident !== null) await put(transaction, incident)
    })
  }

  async newest(contractId: string): Promise<readonly LevelEvaluation[]> {
    const rows = await this.#database
      .selectFrom('sla_level_evaluations as evaluation')
      .select('body')
      .where('contract_id', '=', contractId)
      .where('evaluated_at', '=', (select) =>
        select
          .selectFrom('sla_level_evaluations as other')
          .select((column) => column.fn.max('other.evaluated_at').as('newest'))
          .whereRef('other.contract_id', '=', 'evaluation.contract_id')
          .whereRef('other.level_id', '=', 'evaluation.level_id'),
      )
      .orderBy('level_id')
      .execute()
    return rows.map(({ body }) => JSON.parse(body) as LevelEvaluation)
  }

  async evaluations(contractId: string, level: string, since: number): Promise<readonly LevelEvaluation[]> {
    const ofLevel = this.#database
      .selectFrom('sla_level_evaluations')
      .select('body')
      .where('contract_id', '=', contractId)
      .where('level_id', '=', level)
    const before = await ofLevel
      .where('evaluated_at', '<=', since)
      .orderBy('evaluated_at', 'desc')
      .limit(1)
      .executeTakeFirst()
    const after = await ofLevel.where('evaluated_at', '>', since).orderBy('evaluated_at').execute()
    return [...(before ? [before] : []), ...after].map(({ body }) => JSON.parse(body) as LevelEvaluation)
  }

  async putIncident(incident: Incident): Promise<void> {
    await put(this.#database, incident)
  }

  async incidents(contractId?: string): Promise<readonly Incident[]> {
    let query = this.#database.selectFrom('sla_incidents').select('body').orderBy('detected_at').orderBy('id')
    if (contractId !== undefined) query = query.where('contract_id', '=', contractId)
    return (await query.execute()).map(({ body }) => JSON.parse(body) as Incident)
  }
}

async function put(database: Kysely<LevelTables>, incident: Incident): Promise<void> {
  const { id, contractId, detectedAt } = incident
  const body = JSON.stringify(incident)
  await database
    .insertInto('sla_incidents')
    .values({ id, contract_id: contractId, detected_at: detectedAt, body })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ body }))
    .execute()
}
