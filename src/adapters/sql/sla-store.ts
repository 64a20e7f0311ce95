import type { Kysely, Selectable } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Audit, Publication, SlaStore } from '../../sla/ports.ts'

export interface SlaTables {
  sla_audit: {
    id: string
    contract_id: string
    audited_at: number
    /** The audit as JSON. */
    body: string
  }
  sla_publication: {
    contract_id: string
    lake_table: string
    snapshot_id: number
    published_at: number
    held_since: number | null
  }
}

export const slaMigrations: Record<string, Migration> = {
  '0001-audits': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .createTable('sla_audit')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('contract_id', 'text', (column) => column.notNull())
        .addColumn('audited_at', 'bigint', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .execute()
      await database.schema
        .createIndex('sla_audit_by_contract')
        .on('sla_audit')
        .columns(['contract_id', 'audited_at'])
        .execute()
      await database.schema
        .createTable('sla_publication')
        .addColumn('contract_id', 'text', (column) => column.primaryKey())
        .addColumn('lake_table', 'text', (column) => column.notNull())
        .addColumn('snapshot_id', 'bigint', (column) => column.notNull())
        .addColumn('published_at', 'bigint', (column) => column.notNull())
        .addColumn('held_since', 'bigint')
        .execute()
    },
  },
}

/** Audits and publications in SQLite or PostgreSQL. */
export class SqlSlaStore implements SlaStore {
  readonly #database: Kysely<SlaTables>

  constructor(database: Kysely<SlaTables>) {
    this.#database = database
  }

  async record(audit: Audit, publication: Publication): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('sla_audit')
        .values({
          id: audit.id,
          contract_id: audit.contractId,
          audited_at: audit.auditedAt,
          body: JSON.stringify(audit),
        })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirstOrThrow()
      if (Number(numInsertedOrUpdatedRows ?? 0) === 0) return
      const { contractId, table, snapshotId, publishedAt, heldSince } = publication
      const values = { lake_table: table, snapshot_id: snapshotId, published_at: publishedAt, held_since: heldSince }
      await transaction
        .insertInto('sla_publication')
        .values({ contract_id: contractId, ...values })
        .onConflict((conflict) => conflict.column('contract_id').doUpdateSet(values))
        .execute()
    })
  }

  async publication(contractId: string): Promise<Publication | undefined> {
    const row = await this.#database
      .selectFrom('sla_publication')
      .selectAll()
      .where('contract_id', '=', contractId)
      .executeTakeFirst()
    return row && publicationOf(row)
  }

  async lastAudit(contractId: string): Promise<Audit | undefined> {
    const row = await this.#database
      .selectFrom('sla_audit')
      .select('body')
      .where('contract_id', '=', contractId)
      .orderBy('audited_at', 'desc')
      .orderBy('id')
      .limit(1)
      .executeTakeFirst()
    return row && (JSON.parse(row.body) as Audit)
  }

  async publications(): Promise<readonly Publication[]> {
    const rows = await this.#database.selectFrom('sla_publication').selectAll().orderBy('contract_id').execute()
    return rows.map(publicationOf)
  }

  async audits(contractId?: string): Promise<readonly Audit[]> {
    let query = this.#database.selectFrom('sla_audit').select('body').orderBy('audited_at').orderBy('contract_id')
    if (contractId !== undefined) query = query.where('contract_id', '=', contractId)
    return (await query.execute()).map(({ body }) => JSON.parse(body) as Audit)
  }
}

function publicationOf(row: Selectable<SlaTables['sla_publication']>): Publication {
  return {
    contractId: row.contract_id,
    table: row.lake_table,
    snapshotId: Number(row.snapshot_id),
    publishedAt: Number(row.published_at),
    heldSince: row.held_since === null ? null : Number(row.held_since),
  }
}
