import pg from 'pg'

/** A connection of a test's own to a PostgreSQL. */
export type PostgresClient = pg.Client

export async function connectPostgres(url: string): Promise<PostgresClient> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
}
