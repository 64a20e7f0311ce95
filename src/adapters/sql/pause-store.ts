import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Pause, PauseStore } from '../../validation/ports.ts'

export interface PauseTables {
  validation_pauses: {
    topic: string
    /** The pause as JSON. */
    body: string
  }
}

/** Paused topics in SQLite or PostgreSQL. */
export class SqlPauseStore implements PauseStore {
  readonly #database: Kysely<PauseTables>

  constructor(database: Kysely<PauseTables>) {
    this.#database = database
  }

  async pause(topic: string): Promise<Pause | undefined> {
    const row = await this.#database
      .selectFrom('validation_pauses')
      .select('body')
      .where('topic', '=', topic)
      .executeTakeFirst()
    return row && (JSON.parse(row.body) as Pause)
  }

  async pauses(): Promise<readonly Pause[]> {
    const rows = await this.#database.selectFrom('validation_pauses').select('body').orderBy('topic').execute()
    return rows.map(({ body }) => JSON.parse(body) as Pause)
  }

  async put(pause: Pause): Promise<void> {
    const body = JSON.stringify(pause)
    await this.#database
      .insertInto('validation_pauses')
      .values({ topic: pause.topic, body })
      .onConflict((conflict) => conflict.column('topic').doUpdateSet({ body }))
      .execute()
  }

  async remove(topic: string): Promise<void> {
    await this.#database.deleteFrom('validation_pauses').where('topic', '=', topic).execute()
  }
}

export const pauseMigrations: Readonly<Record<string, Migration>> = {
  '001-pauses': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .createTable('validation_pauses')
        .addColumn('topic', 'text', (column) => column.primaryKey())
        .addColumn('body', 'text', (column) => column.notNull())
        .execute()
    },
  },
}
