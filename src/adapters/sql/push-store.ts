import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Push, PushStore } from '../../registry/ports.ts'

export interface PushTables {
  pushes: {
    id: string
    started_at: number
    /** The push as JSON. */
    body: string
  }
}

/** The ledger of pushes in SQLite or PostgreSQL: one row a push, replaced in one statement. */
export class SqlPushStore implements PushStore {
  readonly #database: Kysely<PushTables>

  constructor(database: Kysely<PushTables>) {
    this.#database = database
  }

  async put(push: Push): Promise<void> {
    const body = JSON.stringify(push)
    await this.#database
      .insertInto('pushes')
      .values({ id: push.id, started_at: push.startedAt, body })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ body }))
      .execute()
  }

  async newest(limit: number): Promise<readonly Push[]> {
    const rows = await this.#database
      .selectFrom('pushes')
      .select('body')
      .orderBy('started_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .execute()
    return rows.map(({ body }) => JSON.parse(body) as Push)
  }
}

export const pushMigrations: Readonly<Record<string, Migration>> = {
  '001-pushes': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .createTable('pushes')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('started_at', 'double precision', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .execute()
    },
  },
}
