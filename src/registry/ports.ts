import type { PostgresTable } from '../contract/index.ts'
import type { EpochMs } from '../kernel/index.ts'
import type { Push } from './push/define.ts'
import type { SubjectChange, SubjectRows } from './subjects/define.ts'

export type { PostgresTable } from '../contract/index.ts'
export type { Push, PushedFile, PushStep } from './push/define.ts'

/** One registered version of a contract. Versions are immutable. */
export interface ContractVersion {
  readonly contractId: string
  readonly version: string
  readonly topic: string
  /** The ODCS YAML text as it was approved. */
  readonly source: string
  /** Content hash of the document. */
  readonly hash: string
  readonly registeredAt: EpochMs
  /** End offset of each partition of the raw topic at that moment, by partition number; empty where nobody knows. */
  readonly activeFrom: readonly number[]
}

/** Where registered contract versions are kept. Adapters: SQLite, PostgreSQL. */
export interface RegistryStore {
  /** Adds all versions or none; a version that is there already is left as it is. */
  add(versions: readonly ContractVersion[]): Promise<void>
  get(contractId: string, version: string): Promise<ContractVersion | undefined>
  /** All versions of a contract, oldest registration first. */
  versions(contractId: string): Promise<readonly ContractVersion[]>
  /** The newest version of every contract, by contract id. */
  latest(): Promise<readonly ContractVersion[]>
  /** How many versions are registered: grows with every registration, by whichever process, and is cheap to ask. */
  count(): Promise<number>
}

/** Where the subjects of the schema registry are kept. Adapters: SQLite, PostgreSQL. */
export interface SubjectStore {
  /** Cheap to ask, and another number after every change, by whichever process. */
  revision(): Promise<number>
  /** Everything, and the revision at which it was so. */
  load(): Promise<{ readonly revision: number; readonly rows: SubjectRows }>
  /**
   * Makes a change, all or nothing, and moves the revision up by one; `false`, and nothing changed, where the revision is
   * no longer `revision`: then the change has to be planned again.
   */
  commit(change: SubjectChange, revision: number): Promise<boolean>
}

/** Where pushes are recorded. Adapters: SQLite, PostgreSQL. */
export interface PushStore {
  /** Records a push, or what became of it, in one piece. */
  put(push: Push): Promise<void>
  /** The newest first. */
  newest(limit: number): Promise<readonly Push[]>
}

/** One version's migration of a table. */
export interface DatabaseMigration {
  readonly contractId: string
  readonly version: string
  /** SHA-256 of the file. */
  readonly hash: string
  readonly up: string
  readonly down: string
}

/** A migration that a database has had. */
export interface AppliedMigration {
  readonly contractId: string
  readonly version: string
  readonly hash: string
  /** The push that brought it. */
  readonly pushId: string
}

/** A difference between a table and what its contract makes of it. */
export interface TableDrift {
  readonly table: string
  /** Column or constraint; `null` for the table itself. */
  readonly part: string | null
  readonly message: string
  /** False for what is there beside the contract, such as a column that an earlier version had. */
  readonly isFault: boolean
}

/** A schema of a database that holds tables of contracts. Adapter: PostgreSQL. */
export interface ContractDatabase {
  /** The migrations that it has had, in their order. Changes nothing. */
  applied(): Promise<readonly AppliedMigration[]>
  /**
   * Runs the migrations that it has not had yet, and holds the tables against the catalog: all in one transaction.
   *
   * @throws CovenantError `PUSH_DATABASE_REFUSED` where a statement fails, `PUSH_DRIFT` where a table is not as its
   * contract says in the end, `PUSH_MIGRATION_CHANGED` where a version was migrated to by another file. Then nothing is
   * changed.
   */
  migrate(
    migrations: readonly DatabaseMigration[],
    tables: readonly PostgresTable[],
    pushId: string,
  ): Promise<readonly AppliedMigration[]>
  /** Takes back the migrations of a push, the last one first, in one transaction. */
  revert(pushId: string): Promise<readonly AppliedMigration[]>
  /** A table that is there already, with its columns and primary key; `null` where there is none. Changes nothing. */
  describe(table: string): Promise<PostgresTable | null>
  /** How tables differ from what they should be. Changes nothing. */
  drift(tables: readonly PostgresTable[]): Promise<readonly TableDrift[]>
  close(): Promise<void>
}
