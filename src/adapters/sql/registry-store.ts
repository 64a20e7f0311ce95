import { type Kysely, type Selectable, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { ContractVersion, RegistryStore } from '../../registry/ports.ts'

export interface RegistryTables {
  contract_versions: {
    contract_id: string
    version: string
    topic: string
    source: string
    content_hash: string
    registered_at: number
    /** JSON array of offsets; `null` in rows that were written before versions had them. */
    active_from: string | null
    /** 1 upwards, in the order of registration over all contracts. */
    position: number
  }
}

/** Contract versions in SQLite or PostgreSQL. Epoch milliseconds are doubles: exact, and numbers in both. */
export class SqlRegistryStore implements RegistryStore {
  readonly #database: Kysely<RegistryTables>

  constructor(database: Kysely<RegistryTables>) {
    this.#database = database
  }

  async add(versions: readonly ContractVersion[]): Promise<void> {
    if (versions.length === 0) return
    await this.#database
      .insertInto('contract_versions')
      .values((build) => {
        // Inside the statement, so that two processes do not read the same last position.
        const last = build
          .selectFrom('contract_versions as registered')
          .select((select) => select.fn.coalesce(select.fn.max('registered.position'), sql<number>`0`).as('last'))
        return versions.map((version, index) => ({
          ...toRow(version),
          position: sql<number>`${last} + ${index + 1}`,
        }))
      })
      .onConflict((conflict) => conflict.columns(['contract_id', 'version']).doNothing())
      .execute()
  }

  async get(contractId: string, version: string): Promise<ContractVersion | undefined> {
    const row = await this.#database
      .selectFrom('contract_versions')
      .selectAll()
      .where('contract_id', '=', contractId)
      .where('version', '=', version)
      .executeTakeFirst()
    return row && fromRow(row)
  }

  async versions(contractId: string): Promise<readonly ContractVersion[]> {
    const rows = await this.#database
      .selectFrom('contract_versions')
      .selectAll()
      .where('contract_id', '=', contractId)
      .orderBy('position')
      .execute()
    return rows.map(fromRow)
  }

  async latest(): Promise<readonly ContractVersion[]> {
    const rows = await this.#database
      .selectFrom('contract_versions')
      .selectAll()
      .where('position', 'in', (select) =>
        select
          .selectFrom('contract_versions')
          .select((column) => column.fn.max('position').as('position'))
          .groupBy('contract_id'),
      )
      .orderBy('contract_id')
      .execute()
    return rows.map(fromRow)
  }

  async count(): Promise<number> {
    const { count } = await this.#database
      .selectFrom('contract_versions')
      .select((select) => select.fn.countAll().as('count'))
      .executeTakeFirstOrThrow()
    return Number(count)
  }
}

type Row = Omit<Selectable<RegistryTables['contract_versions']>, 'position'>

function toRow(version: ContractVersion): Row {
  return {
    contract_id: version.contractId,
    version: version.version,
    topic: version.topic,
    source: version.source,
    content_hash: version.hash,
    registered_at: version.registeredAt,
    active_from: JSON.stringify(version.activeFrom),
  }
}

function fromRow(row: Row): ContractVersion {
  return {
    contractId: row.contract_id,
    version: row.version,
    topic: row.topic,
    source: row.source,
    hash: row.content_hash,
    registeredAt: row.registered_at,
    activeFrom: JSON.parse(row.active_from ?? '[]') as number[],
  }
}

export const registryMigrations: Readonly<Record<string, Migration>> = {
  '001-contract-versions': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .createTable('contract_versions')
        .addColumn('contract_id', 'text', (column) => column.notNull())
        .addColumn('version', 'text', (column) => column.notNull())
        .addColumn('topic', 'text', (column) => column.notNull())
        .addColumn('source', 'text', (column) => column.notNull())
        .addColumn('content_hash', 'text', (column) => column.notNull())
        .addColumn('registered_at', 'double precision', (column) => column.notNull())
        .addColumn('position', 'integer', (column) => column.notNull().unique())
        .addPrimaryKeyConstraint('contract_versions_key', ['contract_id', 'version'])
        .execute()
    },
  },
  '002-active-from': {
    async up(database: Kysely<unknown>) {
      await database.schema.alterTable('contract_versions').addColumn('active_from', 'text').execute()
    },
  },
}
