import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { StateStore } from '../../metadata/ports.ts'

export interface StateTables {
  state_values: { name: string; state_value: string }
}

/** Small named values in SQLite or PostgreSQL. */
export class SqlStateStore implements StateStore {
  readonly #database: Kysely<StateTables>

  constructor(database: Kysely<StateTables>) {
    this.#database = database
  }

  async get(name: string): Promise<string | undefined> {
    const row = await this.#database
      .selectFrom('state_values')
      .select('state_value')
      .where('name', '=', name)
      .executeTakeFirst()
    return row?.state_value
  }

  async set(name: string, value: string): Promise<void> {
    await this.#database
      .insertInto('state_values')
      .values({ name, state_value: value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ state_value: value }))
      .execute()
  }
}

export const stateMigrations: Readonly<Record<string, Migration>> = {
  '001-state': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .createTable('state_values')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('state_value', 'text', (column) => column.notNull())
        .execute()
    },
  },
}
