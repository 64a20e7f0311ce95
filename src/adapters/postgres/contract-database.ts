import type pg from 'pg'
import { CovenantError, messageOf, quoteName, systemCodeOf } from '../../kernel/index.ts'
import type {
  AppliedMigration,
  ContractDatabase,
  DatabaseMigration,
  PostgresTable,
  TableDrift,
} from '../../registry/ports.ts'
import { compareTable, describeTable } from './catalog.ts'

export interface PostgresConnection {
  /** A connection URL, or the parts of one; what is absent comes from the environment, as for psql. */
  readonly url?: string
  readonly host?: string
  readonly port?: number
  readonly database?: string
  /** The schema of the tables. */
  readonly schema: string
}

/** Longer waits for a lock would hold up everybody who comes after. */
const LOCK_TIMEOUT = '10s'

/**
 * A schema of a PostgreSQL database (14 or later). It keeps the migrations that it has had in its own table
 * `covenant_migrations`, so that they and what they do are one transaction.
 *
 * @throws CovenantError `PUSH_DATABASE_UNREACHABLE`, `PUSH_DRIVER_MISSING`
 */
export async function openContractDatabase(connection: PostgresConnection): Promise<ContractDatabase> {
  const { Client } = await driver()
  const { url, schema, ...parts } = connection
  const client = new Client({
    ...(url === undefined ? parts : { connectionString: url }),
    application_name: 'covenant',
    connectionTimeoutMillis: 10_000,
  })
  // A connection that breaks between two statements is told by the next one.
  client.on('error', () => {})
  const where = describeConnection(connection)
  try {
    await client.connect()
  } catch (cause) {
    throw new CovenantError({
      code: 'PUSH_DATABASE_UNREACHABLE',
      message: `The database cannot be connected to: ${messageOf(cause) || systemCodeOf(cause)}.`,
      where,
      remedy: 'Start it, or mend its address; user and password come from the environment (PGUSER, PGPASSWORD).',
      retryable: true,
      cause,
    })
  }
  return new PostgresContractDatabase(client, schema, where)
}

async function driver(): Promise<typeof pg> {
  try {
    return (await import('pg')).default
  } catch (cause) {
    throw new CovenantError({
      code: 'PUSH_DRIVER_MISSING',
      message: 'Contracts are to be pushed to PostgreSQL, and its driver is not installed.',
      remedy: 'npm install pg',
      cause,
    })
  }
}

/** Without user and password. */
function describeConnection({ url, host, port, database, schema }: PostgresConnection): string {
  if (url === undefined)
    return `postgresql://${host ?? ''}${port === undefined ? '' : `:${port}`}/${database ?? ''} ${schema}`
  const parsed = URL.canParse(url) ? new URL(url) : null
  return parsed === null ? `PostgreSQL ${schema}` : `postgresql://${parsed.host}${parsed.pathname} ${schema}`
}

class PostgresContractDatabase implements ContractDatabase {
  readonly #client: pg.Client
  readonly #schema: string
  readonly #where: string

  constructor(client: pg.Client, schema: string, where: string) {
    this.#client = client
    this.#schema = schema
    this.#where = where
  }

  async applied(): Promise<readonly AppliedMigration[]> {
    const { rows } = await this.#client.query<{ found: string | null }>('SELECT to_regclass($1) AS found', [
      this.#table,
    ])
    return rows[0]!.found === null ? [] : this.#applied()
  }

  migrate(
    migrations: readonly DatabaseMigration[],
    tables: readonly PostgresTable[],
    pushId: string,
  ): Promise<readonly AppliedMigration[]> {
    return this.#transaction(async () => {
      await this.#makeTable()
      const had = await this.#applied()
      const fresh: AppliedMigration[] = []
      for (const migration of migrations) {
        const before = had.find((each) => isSame(each, migration))
        if (before === undefined) fresh.push(await this.#run(migration, pushId))
        else if (before.hash !== migration.hash) throw this.#changed(migration)
      }
      if (fresh.length > 0) await this.#refuseDrift(tables)
      return fresh
    })
  }

  revert(pushId: string): Promise<readonly AppliedMigration[]> {
    return this.#transaction(async () => {
      const { rows } = await this.#client.query<{ found: string | null }>('SELECT to_regclass($1) AS found', [
        this.#table,
      ])
      if (rows[0]!.found === null) return []
      const reverted = (await this.#applied()).filter((each) => each.pushId === pushId).toReversed()
      for (const { contractId, version } of reverted) await this.#takeBack(contractId, version)
      return reverted
    })
  }

  describe(table: string): Promise<PostgresTable | null> {
    return describeTable(this.#client, this.#schema, table)
  }

  /** In a transaction that is rolled back: the comparison needs temporary tables. */
  async drift(tables: readonly PostgresTable[]): Promise<readonly TableDrift[]> {
    await this.#client.query('BEGIN')
    try {
      return await this.#compare(tables)
    } finally {
      await this.#client.query('ROLLBACK')
    }
  }

  close(): Promise<void> {
    return this.#client.end()
  }

  get #table(): string {
    return `${quoteName(this.#schema)}.covenant_migrations`
  }

  async #transaction<T>(body: () => Promise<T>): Promise<T> {
    const client = this.#client
    try {
      await client.query(
        `BEGIN; SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'; SET LOCAL standard_conforming_strings = on`,
      )
      await client.query("SELECT pg_advisory_xact_lock(hashtext('covenant_migrations'), hashtext($1))", [this.#schema])
      const result = await body()
      await client.query('COMMIT')
      return result
    } catch (thrown) {
      await client.query('ROLLBACK').catch(() => {})
      throw thrown instanceof CovenantError ? thrown : this.#refused(thrown, null)
    }
  }

  async #makeTable(): Promise<void> {
    await this.#client.query(`CREATE TABLE IF NOT EXISTS ${this.#table} (
      position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      contract_id text NOT NULL,
      version text NOT NULL,
      hash text NOT NULL,
      down text NOT NULL,
      push_id text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now(),
      UNIQUE (contract_id, version)
    )`)
  }

  async #applied(): Promise<readonly AppliedMigration[]> {
    const { rows } = await this.#client.query<AppliedMigration>(
      `SELECT contract_id AS "contractId", version, hash, push_id AS "pushId" FROM ${this.#table} ORDER BY position`,
    )
    return rows
  }

  async #run({ contractId, version, hash, up, down }: DatabaseMigration, pushId: string): Promise<AppliedMigration> {
    await this.#script(up, `${contractId} ${version}`)
    await this.#client.query(
      `INSERT INTO ${this.#table} (contract_id, version, hash, down, push_id) VALUES ($1, $2, $3, $4, $5)`,
      [contractId, version, hash, down, pushId],
    )
    return { contractId, version, hash, pushId }
  }

  async #takeBack(contractId: string, version: string): Promise<void> {
    const { rows } = await this.#client.query<{ down: string }>(
      `DELETE FROM ${this.#table} WHERE contract_id = $1 AND version = $2 RETURNING down`,
      [contractId, version],
    )
    await this.#script(rows[0]!.down, `${contractId} ${version}, down`)
  }

  async #script(sql: string, migration: string): Promise<void> {
    try {
      await this.#client.query(sql)
    } catch (thrown) {
      throw this.#refused(thrown, { migration, sql })
    }
  }

  async #compare(tables: readonly PostgresTable[]): Promise<readonly TableDrift[]> {
    const drift: TableDrift[] = []
    for (const table of tables) drift.push(...(await compareTable(this.#client, table)))
    return drift
  }

  async #refuseDrift(tables: readonly PostgresTable[]): Promise<void> {
    const faults = (await this.#compare(tables)).filter(({ isFault }) => isFault)
    if (faults.length === 0) return
    throw new CovenantError({
      code: 'PUSH_DRIFT',
      message: `After the migration the database is not as its contracts say:\n${faults
        .map(({ table, part, message }) => `  ${table}${part === null ? '' : `, ${part}`}: ${message}`)
        .join('\n')}`,
      where: this.#where,
      remedy: 'Somebody changed it by hand, or the migration was edited: bring the two together. Nothing was changed.',
    })
  }

  /** Whether the transaction was committed is known from the database only. */
  #lost(cause: unknown): CovenantError {
    return new CovenantError({
      code: 'PUSH_DATABASE_LOST',
      message: `The connection to the database broke: ${messageOf(cause)}.`,
      where: this.#where,
      remedy: 'Apply again: what was committed is recognised.',
      retryable: true,
      cause,
    })
  }

  #changed({ contractId, version }: DatabaseMigration): CovenantError {
    return new CovenantError({
      code: 'PUSH_MIGRATION_CHANGED',
      message: `The database was migrated to ${contractId} ${version} by another file than the one that is there now.`,
      where: this.#where,
      remedy: 'Put the file back as it was, and bring the change in a new version of the contract.',
    })
  }

  #refused(thrown: unknown, at: { readonly migration: string; readonly sql: string } | null): CovenantError {
    const { code = '', position, detail } = thrown as { code?: string; position?: string; detail?: string }
    if (!SQLSTATE.test(code) || code.startsWith('57P') || code.startsWith('08')) return this.#lost(thrown)
    const line = at !== null && position !== undefined ? `, line ${lineAt(at.sql, Number(position))}` : ''
    return new CovenantError({
      code: 'PUSH_DATABASE_REFUSED',
      message: `PostgreSQL refuses it: ${messageOf(thrown)}${detail ? ` (${detail})` : ''}. Nothing was changed.`,
      where: at === null ? this.#where : `${this.#where}, migration ${at.migration}${line}`,
      remedy: REMEDIES[code] ?? 'Mend the migration or the database, and apply again.',
      retryable: RETRYABLE.includes(code),
      cause: thrown,
    })
  }
}

const SQLSTATE = /^[0-9A-Z]{5}$/

/** By SQLSTATE. */
const REMEDIES: Readonly<Record<string, string>> = {
  '23514': 'Rows that are there break the new rule: mend them, and apply again.',
  '23502': 'Rows that are there have no value: give them one, and apply again.',
  '23505': 'Rows that are there have the same key: mend them, and apply again.',
  '42P07': 'A table of that name is there already: rename it, or push to another schema.',
  '3F000': 'Make the schema first: CREATE SCHEMA …',
  '42501': 'Give the user the rights that it needs, or connect as another one (PGUSER).',
  '55P03': 'Somebody else works on the table; apply again.',
  P0001: 'It would lose data; take it away yourself first, if that is meant.',
}
/** Lock not available, deadlock, serialisation failure. */
const RETRYABLE = ['55P03', '40P01', '40001']

function isSame(a: AppliedMigration, b: DatabaseMigration): boolean {
  return a.contractId === b.contractId && a.version === b.version
}

function lineAt(sql: string, position: number): number {
  return sql.slice(0, position).split('\n').length
}
